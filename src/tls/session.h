// What the engine needs of a TLS library.
#pragma once

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include <cstddef>
#include <cstdint>

#include "surface/memory.h"

namespace relevent::tls {

// What came of one step of a TLS object.
enum class Outcome : std::uint8_t {
  kDone,
  kWantsInput,   // goes on when more has come from the peer
  kWantsOutput,  // no memory, for the wire or the user's data: repeat the step as it was
  kClosed,       // the peer has ended its direction, and said so
  kFailed        // the errors say why
};

// The encrypted bytes on their way.
struct Wire {
  evbuffer* source() const { return bufferevent_get_input(carrier); }
  evbuffer* target() const { return bufferevent_get_output(carrier); }
  // -1: it stands for none.
  int descriptor() const { return is_socket ? static_cast<int>(bufferevent_getfd(carrier)) : -1; }

  // How many bytes there were. 0: none yet, or none any more if it has ended.
  std::size_t take(void* block, std::size_t size) {
    const int count = evbuffer_remove(source(), block, size);
    const std::size_t taken = count > 0 ? static_cast<std::size_t>(count) : 0;
    moved += taken;
    return taken;
  }
  // All or, without memory, nothing: false.
  bool put(const void* block, std::size_t size) {
    const bool is_put = evbuffer_add(target(), block, size) == 0;
    moved += is_put ? size : 0;
    return is_put;
  }

  bufferevent* carrier;
  bool is_socket;         // the carrier stands for a descriptor, as far as the program can see
  bool ended = false;     // nothing will come after what the carrier's input holds
  std::size_t moved = 0;  // bytes, for whoever counts them
};

// The transport that the user had given to a TLS object.
struct UsersTransport {
  bool is_set;
  int fd;  // -1: it is no descriptor, so only its owner knows when it is ready
};

enum class Library : std::uint8_t { kOpenSsl, kMbedTls };

// Errors of the TLS library, oldest first.
class ErrorQueue {
 public:
  // Without memory it is lost.
  void push(unsigned long error) { static_cast<void>(errors_.push_back(error)); }
  // 0: there is none.
  unsigned long pop() {
    if (next_ == errors_.size()) {
      errors_.clear();
      next_ = 0;
      return 0;
    }
    return errors_[next_++];
  }

 private:
  GrowArray<unsigned long> errors_;
  std::size_t next_ = 0;
};

// A TLS object of one library, which reads from the wire and writes to it. What making one needs of
// the library, as static functions, stands in making.h.
//
// Lock: the bufferevent's is held.
// Callbacks: those that the user has set in the TLS object.
class Session {
 public:
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Library library() const { return library_; }
  Wire& wire() { return wire_; }
  ErrorQueue& errors() { return errors_; }

  virtual Outcome handshake() = 0;
  virtual Outcome read(void* block, std::size_t size, std::size_t& count) = 0;
  // Works on what has come as read() does, but leaves the data where it is.
  virtual Outcome digest() = 0;
  virtual Outcome write(const void* block, std::size_t size, std::size_t& count) = 0;
  // How much plaintext waits inside.
  virtual std::size_t pending() const = 0;
  // Whether anything is inside, be it not decrypted yet.
  virtual bool has_pending() const = 0;
  // kDone: it has begun.
  virtual Outcome renegotiate() = 0;
  virtual bool is_renegotiating() const = 0;
  // Forgets the connection to make another in the same role. False: it cannot.
  virtual bool restart() = 0;
  // The wire has failed; errno has the reason.
  virtual void note_wire_error() = 0;
  // It brings transport of its own, and does not use the wire.
  virtual bool is_self_carried() const = 0;
  // From now on the wire is used in any case.
  virtual bool attach() = 0;
  // The wire ends: the object goes back to its owner, without the carrier. `goes_on`: he may use it
  // again, so that what has come and was not read yet has to stay with it.
  virtual void detach(bool goes_on) = 0;
  // Ends this; frees the TLS object too if `free_object`.
  virtual void destroy(bool free_object) = 0;

 protected:
  Session(Library library, const Wire& wire) : library_(library), wire_(wire) {}
  ~Session() = default;

  const Library library_;
  Wire wire_;
  ErrorQueue errors_;
};

}  // namespace relevent::tls
