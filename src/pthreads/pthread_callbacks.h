// Locks, conditions and thread ids by pthreads, as callbacks for core.
#pragma once

namespace relevent::pthreads {

enum class LockProtocol { kPlain, kPriorityInherit };

// Installs the callbacks. May be called again, and from several threads; locks that exist keep the
// protocol they were made with.
// Fails: false if it was called with the other protocol before, and nothing is changed.
bool use_pthreads(LockProtocol protocol);

}  // namespace relevent::pthreads
