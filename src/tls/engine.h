#pragma once

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/event_struct.h>

#include "surface/bufferevent.h"
#include "tls/session.h"

extern "C" {
// Exported, so that all our TLS libraries in a process have the same one and know each other's
// bufferevents.
RELEVENT_API extern const relevent_external_kind relevent_tls_kind;
}

namespace relevent::tls {

// A TLS bufferevent: moves bytes between its buffers and those of its carrier, through a TLS
// object.
//
// It always works on a carrier. Over a socket that is a private socket bufferevent, so a TLS one
// reads with large readv() calls, and writes all records of an iteration with one call at its end:
// two system calls for an echoed message. OpenSSL on the descriptor itself would make two reads for
// each record and one write. Programs that use the object directly, to shut down or to ask for its
// descriptor, find what they would find there (openssl/wire_bio.h).
//
// What the program does (writing, enabling, a new descriptor) only asks for a step at the end of
// the iteration, whose callbacks are deferred; so none runs inside the program's own calls. What
// the carrier reports is worked on at once.
//
// Over a socket, output that was encrypted stays in the output buffer until the socket has taken
// it: programs tell by its length whether everything has left, and free the bufferevent then.
//
// Owns: the session.
// Lock: the bufferevent's is held. Fails: create() gives null.
// Callbacks: the user's, which may free the bufferevent (the carrier's callbacks hold a reference),
// and give it another descriptor: connection_ changes then. C API: bufferevent_ssl.h.
class Engine {
 public:
  struct Setup {
    bufferevent_ssl_state state;
    int options;  // BEV_OPT_...
  };
  // The session is the bufferevent's from then on. Fails: null; it stays the caller's.
  static bufferevent* create(const Setup& setup, Session& session);
  Engine(const Setup& setup, Session& session);
  ~Engine();

  // Null: it is no TLS bufferevent.
  static Engine* of(bufferevent* bev) {
    return static_cast<Engine*>(relevent_external_context(bev, &relevent_tls_kind));
  }

  Session& session() { return session_; }
  std::uint64_t flags() const { return flags_; }
  void set_flags(std::uint64_t flags) { flags_ = flags; }
  bool renegotiate();

 private:
  friend struct EngineKind;
  enum class State : std::uint8_t { kHandshake, kOpen, kOver };

  // Defers callbacks for a scope.
  class Deferring {
   public:
    explicit Deferring(Engine& engine) : engine_(engine), before_(engine.callback_options_) {
      engine_.callback_options_ = BEV_OPT_DEFER_CALLBACKS;
    }
    ~Deferring() { engine_.callback_options_ = before_; }
    Deferring(const Deferring&) = delete;
    Deferring& operator=(const Deferring&) = delete;

   private:
    Engine& engine_;
    int before_;
  };

  // Has the TLS object work. What a carrier calls back while it is given bytes has to wait.
  template <class Step>
  Outcome work(Step step) {
    working_ = true;
    const Outcome outcome = step();
    working_ = false;
    return outcome;
  }

  Wire& wire() { return session_.wire(); }
  evbuffer* input() const { return bufferevent_get_input(bev_); }
  evbuffer* output() const { return bufferevent_get_output(bev_); }

  // engine.cpp: what happens
  void advance();
  void on_carrier_readable();
  void on_carrier_drained();
  void on_carrier_event(short what, int error);
  void on_output_added();
  void on_scheduled();
  void on_flush();
  void on_replaced();
  void on_detach();
  void start_over();
  void retry_later();
  void shake_hands();
  void update_carrier_input();
  bool is_ready() const;
  void fail_carrier(short what, int error);
  void report(short what, int error);

  // engine_data.cpp: the way of the data
  void read();
  Outcome fill_input(std::size_t& count);
  bool has_read_all();
  Outcome read_record(std::size_t room, std::size_t& count);
  void end_reading(short what);
  void digest();
  void write();
  bool write_batch();
  Outcome write_piece(std::size_t room, std::size_t& count);
  void release_written();
  std::size_t carrier_backlog();
  void after_negotiation();

  bufferevent* bev_ = nullptr;
  Session& session_;
  event retry_timer_;
  std::uint64_t flags_ = 0;
  std::size_t sealed_ = 0;      // bytes at the front of the output that are encrypted already
  std::size_t retry_size_ = 0;  // what the next write has to have at least
  std::uint32_t connection_ = 0;
  int callback_options_ = 0;  // BEV_OPT_DEFER_CALLBACKS, or none
  const bufferevent_ssl_state role_;
  State state_;
  const bool frees_object_;
  bool started_ = false;        // the session has been used
  bool carrier_ended_ = false;  // no more input
  bool read_over_ = false;
  bool drained_ = false;  // the TLS object has said that it needs more to go on reading
  bool write_over_ = false;
  bool write_follows_ = false;  // whoever calls the user back writes afterwards
  bool write_wants_input_ = false;
  bool renegotiating_ = false;
  bool written_ = false;  // since the last write callback
  bool working_ = false;
  // What the carrier reported while working_.
  bool held_drained_ = false;
  short held_event_ = 0;
  int held_error_ = 0;
};

}  // namespace relevent::tls
