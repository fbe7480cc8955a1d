// Locks, conditions and thread ids by pthreads, as callbacks for core.
#pragma once

namespace relevent::pthreads {

enum class LockProtocol { kPlain, kPriorityInherit };

// Installs the callbacks, once per process; later calls, from any thread, give the same answer.
// Fails: false, and what was set before stays.
bool use_pthreads(LockProtocol protocol);

}  // namespace relevent::pthreads
