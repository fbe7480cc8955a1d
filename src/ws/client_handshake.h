#pragma once

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>

#include "http/headers.h"
#include "http/uri.h"
#include "surface/memory.h"
#include "ws/handshake.h"

namespace relevent::ws {

// A client's part of the handshake: writes the request, reads the reply.
// Owns: the URL, and a copy of the fields that the program adds to the request.
class ClientHandshake {
 public:
  // Fails: null if the URL is not one of WebSocket that we can ask for, or there is no memory.
  static Owned<ClientHandshake> create(const char* url, const evkeyvalq* fields);
  ClientHandshake() : key_(make_key()) {}

  // Whom to connect to.
  bool is_secure() const { return secure_; }
  const char* host() const { return url_.host(); }
  int port() const;

  // Fails: false without memory; part of it may have been written.
  [[nodiscard]] bool write_request(evbuffer& output) const;

  enum class Result { kMore, kAccepted, kRefused };
  // Takes the reply out of `input`, and leaves what follows it.
  Result read_reply(evbuffer& input);
  // The fields of the reply.
  const evkeyvalq& reply() const { return reply_.list(); }

 private:
  Result take_line(std::string_view line);

  // A reply's head that is longer is refused.
  static constexpr std::size_t kMaxHead = 64 << 10;

  http::Uri url_;
  bool secure_ = false;
  http::Fields fields_;
  const Key key_;
  bool status_read_ = false;
  std::size_t searched_ = 0;
  std::size_t head_size_ = 0;
  http::Fields reply_;
};

}  // namespace relevent::ws
