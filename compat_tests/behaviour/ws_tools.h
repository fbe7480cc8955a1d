// What the tests of WebSocket share: a peer that speaks it byte by byte, and a session that notes
// what it is told.
#pragma once

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <event2/relevent_ws.h>
#include <event2/ws.h>
#include <netinet/in.h>

#include <functional>
#include <string>

#include "support.h"

namespace ws_cases {

#define NEEDS_WS() INTENDED_DIFFERENCE("event2/ws.h came with libevent 2.2")

// Runs the loop until something has come about; false after a long while.
inline bool run_until(event_base* base, const std::function<bool()>& done) {
  const std::int64_t end = now_ms() + 8000;
  const Event tick(event_new(
      base, -1, EV_PERSIST, [](evutil_socket_t, short, void*) {}, nullptr));
  const timeval interval = ms(20);
  event_add(tick.get(), &interval);
  while (!done()) {
    if (now_ms() > end) {
      return false;
    }
    event_base_loop(base, EVLOOP_ONCE);
  }
  return true;
}

// A frame. Its first byte is given as it is: 0x80 for the last of a message, and the opcode.
inline std::string frame(int first_byte, const std::string& payload, bool masked) {
  std::string bytes(1, static_cast<char>(first_byte));
  const size_t length = payload.size();
  const int mask_bit = masked ? 0x80 : 0;
  const int length_bytes = length < 126 ? 0 : length < 65536 ? 2 : 8;
  bytes += static_cast<char>(mask_bit | static_cast<int>(length_bytes == 0   ? length
                                                         : length_bytes == 2 ? 126
                                                                             : 127));
  for (int i = length_bytes - 1; i >= 0; --i) {
    bytes += static_cast<char>(length >> (8 * i));
  }
  const std::string key = masked ? std::string("\x1f\x80\x07\xa5") : std::string(4, '\0');
  bytes += masked ? key : "";
  for (size_t i = 0; i < length; ++i) {
    bytes += static_cast<char>(payload[i] ^ key[i % 4]);
  }
  return bytes;
}
inline std::string to_server(int first_byte, const std::string& payload) {
  return frame(first_byte, payload, true);
}
inline std::string to_client(int first_byte, const std::string& payload) {
  return frame(first_byte, payload, false);
}

inline std::string close_payload(int code) {
  return {static_cast<char>(code >> 8), static_cast<char>(code)};
}

// A TCP connection in the hands of the test. It takes frames apart without checking much.
class Peer {
 public:
  // Connects to a port of this host, or takes over a socket.
  Peer(event_base* base, std::uint16_t port) : Peer(base, evutil_socket_t{-1}) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bufferevent_socket_connect(bufev_, reinterpret_cast<sockaddr*>(&address),
                                       sizeof address) == 0);
  }
  Peer(event_base* base, evutil_socket_t fd)
      : base_(base), bufev_(bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE)) {
    bufferevent_setcb(bufev_, nullptr, nullptr, on_event, this);
    bufferevent_enable(bufev_, EV_READ | EV_WRITE);
  }
  ~Peer() { hang_up(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void send(const std::string& bytes) { bufferevent_write(bufev_, bytes.data(), bytes.size()); }
  void hang_up() {
    if (bufev_ != nullptr) {
      bufferevent_free(bufev_);
      bufev_ = nullptr;
    }
  }
  void stop_reading() { bufferevent_disable(bufev_, EV_READ); }

  // The header section that comes, with the empty line at its end.
  std::string read_head() {
    std::string head;
    CHECK(run_until(base_, [&] {
      head = peek();
      return closed_ || head.find("\r\n\r\n") != std::string::npos;
    }));
    head = head.substr(0, head.find("\r\n\r\n") + 4);
    evbuffer_drain(bufferevent_get_input(bufev_), head.size());
    return head;
  }

  // The next frame: its first byte as two digits, an "m" if it is masked, and the payload; or
  // "closed".
  std::string read_frame() {
    std::string text;
    CHECK(run_until(base_, [&] { return take_frame(text); }));
    return text;
  }

  bool closed() const { return closed_; }
  // Waits until the other end hangs up, and forgets what it sent.
  bool wait_for_close() {
    return run_until(base_, [&] { return closed_; });
  }

 private:
  static void on_event(bufferevent*, short what, void* peer) {
    if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0) {
      static_cast<Peer*>(peer)->closed_ = true;
    }
  }

  std::string peek() const {
    evbuffer* const input = bufferevent_get_input(bufev_);
    std::string bytes(evbuffer_get_length(input), '\0');
    evbuffer_copyout(input, bytes.data(), bytes.size());
    return bytes;
  }

  bool take_frame(std::string& text) const {
    const std::string bytes = peek();
    const auto at = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
    if (bytes.size() < 2) {
      text = "closed";
      return closed_;
    }
    size_t length = at(1) & 0x7fU;
    const size_t length_bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
    const size_t key_bytes = (at(1) & 0x80) != 0 ? 4 : 0;
    const size_t header = 2 + length_bytes + key_bytes;
    if (bytes.size() < header) {
      return false;
    }
    if (length_bytes > 0) {
      length = 0;
      for (size_t i = 0; i < length_bytes; ++i) {
        length = length << 8 | at(2 + i);
      }
    }
    if (bytes.size() < header + length) {
      return false;
    }
    std::string payload = bytes.substr(header, length);
    for (size_t i = 0; key_bytes > 0 && i < length; ++i) {
      payload[i] = static_cast<char>(payload[i] ^ bytes[header - 4 + i % 4]);
    }
    const char* const digits = "0123456789abcdef";
    text = std::string{digits[at(0) / 16], digits[at(0) % 16]} + (key_bytes > 0 ? "m " : " ") +
           payload;
    evbuffer_drain(bufferevent_get_input(bufev_), header + length);
    return true;
  }

  event_base* base_;
  bufferevent* bufev_;
  bool closed_ = false;
};

// What a session's callbacks saw. `on_text` may act on messages.
struct Recorder {
  static void on_message(evws_connection* ws, int type, const unsigned char* data, size_t length,
                         void* recorder) {
    auto& self = *static_cast<Recorder*>(recorder);
    const std::string payload(reinterpret_cast<const char*>(data), length);
    self.messages += (type == WS_TEXT_FRAME ? "text " : "binary ") + payload + ";";
    if (self.act) {
      self.act(ws, type, payload);
    }
  }
  static void on_close(evws_connection* ws, void* recorder) {
    auto& self = *static_cast<Recorder*>(recorder);
    ++self.closed;
    self.close_code = relevent_ws_get_close_code(ws);
  }

  std::string messages;
  int closed = 0;
  int close_code = 0;
  std::function<void(evws_connection*, int, const std::string&)> act;
};

}  // namespace ws_cases
