// What a loop needs of the operating system's readiness interface.
#pragma once

#include <event2/event.h>

#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "os/clock.h"

namespace relevent::backend {

// A set of EV_READ, EV_WRITE, EV_CLOSED and EV_ET.
using Interest = std::uint8_t;

inline constexpr Interest kRead = EV_READ;
inline constexpr Interest kWrite = EV_WRITE;
inline constexpr Interest kClosed = EV_CLOSED;
inline constexpr Interest kEdge = EV_ET;

// One descriptor that can be worked with. `generation` is what set_interest was last given when the
// kernel took the interest, so a report for a file that is long gone can be told from a real one.
struct Ready {
  int fd;
  std::uint32_t generation;
  Interest what;
};

// Watches descriptors. It reports readiness; it does not know events or the loop.
//
// Lock: the loop's lock guards everything but wait(), which runs without it while other threads
// may call set_interest(). An iteration is prepare(), wait(), collect().
// Fails: system errors are returned; a failed call leaves the interest as it was.
class Backend {
 public:
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  virtual const char* name() const = 0;
  // A set of event_method_feature.
  virtual int features() const = 0;

  // Changes what is watched on a descriptor. `before` is what this function was last told. ENOENT:
  // it is another file than then, and not watched.
  virtual Result<void> set_interest(int fd, std::uint32_t generation, Interest before,
                                    Interest after) = 0;

  // Gets ready to wait for at most `timeout` (0: only look, kNever: without limit).
  virtual Result<void> prepare(os::Nanoseconds timeout) = 0;
  // Blocks. EINTR is not an error: nothing is ready then.
  virtual Result<void> wait() = 0;
  // What the last wait() found; valid until the next prepare(). Each descriptor comes once, but for
  // edge cases that the generation tells apart.
  virtual std::span<const Ready> collect() = 0;

  // Forgets all interest, in the kernel too, without touching what a parent process shares with us.
  virtual Result<void> reset() = 0;

  // Destroys and frees the object.
  virtual void destroy() = 0;

 protected:
  Backend() = default;
  ~Backend() = default;
};

struct DestroyBackend {
  void operator()(Backend* backend) const { backend->destroy(); }
};
using OwnedBackend = std::unique_ptr<Backend, DestroyBackend>;

// How a backend is made: one entry each, in the order of preference.
struct Method {
  const char* name;
  int features;
  // Set in the environment, it disables the method (EVENT_NOEPOLL and the like).
  const char* disabling_variable;
  // Fails: null, with errno.
  Backend* (*create)(int base_flags);
};

std::span<const Method* const> methods();
// Their names in the same order, then null; the array is part of the C API.
const char** method_names();

// The epoll, poll and select methods, each in its own file.
extern const Method kEpoll;
extern const Method kPoll;
extern const Method kSelect;

}  // namespace relevent::backend
