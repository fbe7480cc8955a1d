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
  bufferevent* carrier;
  bool is_socket;         // the carrier stands for a descriptor, as far as the program can see
  bool ended = false;     // nothing will come after what the carrier's input holds
  std::size_t moved = 0;  // bytes, for whoever counts them
};

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

// A TLS object of one library, which reads from the wire and writes to it.
//
// Lock: the bufferevent's is held.
// Callbacks: those that the user has set in the TLS object.
class Session {
 public:
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

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
  // The wire ends: the object goes back to its owner, without the carrier.
  virtual void detach() = 0;
  // Ends this; frees the TLS object too if `free_object`.
  virtual void destroy(bool free_object) = 0;

 protected:
  explicit Session(const Wire& wire) : wire_(wire) {}
  ~Session() = default;

  Wire wire_;
  ErrorQueue errors_;
};

}  // namespace relevent::tls
