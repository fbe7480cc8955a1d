// What the tests of evhttp share: a server with a raw client, and a client with a raw server.
#pragma once

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support.h"

namespace http_test {

using std::string;

// Runs the loop until the condition holds. False: it does not within ten seconds.
template <class Condition>
bool run_until(event_base* base, Condition condition) {
  for (const std::int64_t end = now_ms() + 10'000; now_ms() < end;) {
    if (condition()) {
      return true;
    }
    event_base_loop(base, EVLOOP_NONBLOCK);
    ::poll(nullptr, 0, 1);
  }
  return false;
}

inline int port_of(evutil_socket_t fd) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.sin_port);
}

inline sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

inline string text_of(evbuffer* buffer) {
  string text(evbuffer_get_length(buffer), '\0');
  evbuffer_copyout(buffer, text.data(), text.size());
  return text;
}

// A plain client socket, whose peer lives in the same loop.
class Peer {
 public:
  Peer(event_base* base, int port) : base_(base), fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const sockaddr_in address = loopback(port);
    REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    evutil_make_socket_nonblocking(fd_);
  }
  ~Peer() { close(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno != EAGAIN) {
        return;
      }
      event_base_loop(base_, EVLOOP_NONBLOCK);
    }
  }
  void end_output() { ::shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) {
      ::close(std::exchange(fd_, -1));
    }
  }
  void reset() {
    const linger at_once = {1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }

  // All that has come once the text is in it, or the connection was closed.
  string receive(std::string_view text) {
    run_until(base_, [&] {
      take();
      return closed_ || received_.find(text) != string::npos;
    });
    return received_;
  }
  // All that has come when the server has closed the connection.
  string receive_all() {
    CHECK(run_until(base_, [&] {
      take();
      return closed_;
    }));
    return received_;
  }
  void forget() { received_.clear(); }
  bool closed() {
    take();
    return closed_;
  }
  int fd() const { return fd_; }

 private:
  void take() {
    char bytes[16384];
    ssize_t length;
    while ((length = ::recv(fd_, bytes, sizeof bytes, 0)) > 0) {
      received_.append(bytes, static_cast<std::size_t>(length));
    }
    closed_ = closed_ || length == 0 || (errno != EAGAIN && errno != EINTR);
  }

  event_base* base_;
  int fd_;
  bool closed_ = false;
  string received_;
};

// A server whose requests go to one function.
class Web {
 public:
  using Handler = std::function<void(evhttp_request*)>;

  explicit Web(Handler handler = nullptr) : handler_(std::move(handler)) {
    socket_ = evhttp_bind_socket_with_handle(http(), "127.0.0.1", 0);
    REQUIRE(socket_ != nullptr);
    port_ = port_of(evhttp_bound_socket_get_fd(socket_));
    if (handler_) {
      evhttp_set_gencb(http(), handle, this);
    }
  }

  event_base* base() const { return base_.get(); }
  evhttp* http() const { return http_.get(); }
  evhttp_bound_socket* socket() const { return socket_; }
  int port() const { return port_; }
  void free_server() { http_.reset(); }

  // Sends the bytes on a connection of their own, and gives what comes until it is closed.
  string ask(std::string_view bytes) {
    Peer peer(base(), port());
    peer.send(bytes);
    return peer.receive_all();
  }

 private:
  static void handle(evhttp_request* request, void* self) {
    static_cast<Web*>(self)->handler_(request);
  }

  Base base_ = make_base();
  std::unique_ptr<evhttp, FreeWith<evhttp_free>> http_{evhttp_new(base_.get())};
  Handler handler_;
  evhttp_bound_socket* socket_ = nullptr;
  int port_ = 0;
};

// Sends a reply with this text.
inline void reply(evhttp_request* request, int code, const char* reason, std::string_view body) {
  evbuffer* const buffer = evbuffer_new();
  evbuffer_add(buffer, body.data(), body.size());
  evhttp_send_reply(request, code, reason, buffer);
  evbuffer_free(buffer);
}
inline void chunk(evhttp_request* request, std::string_view body) {
  evbuffer* const buffer = evbuffer_new();
  evbuffer_add(buffer, body.data(), body.size());
  evhttp_send_reply_chunk(request, buffer);
  evbuffer_free(buffer);
}

inline string status_of(const string& answer) {
  const std::size_t begin = answer.find(' ');
  const std::size_t end = answer.find("\r\n");
  return begin == string::npos || end < begin ? answer : answer.substr(begin + 1, end - begin - 1);
}

inline string body_of(const string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == string::npos ? "" : answer.substr(end + 4);
}

// The header section with the date taken out.
inline string head_of(const string& answer) {
  string head = answer.substr(0, answer.find("\r\n\r\n") + 4);
  if (const std::size_t date = head.find("Date: "); date != string::npos) {
    head.replace(date, head.find("\r\n", date) - date, "Date: D");
  }
  return head;
}

inline string field(evhttp_request* request, const char* name) {
  const char* const value = evhttp_find_header(evhttp_request_get_input_headers(request), name);
  return value != nullptr ? value : "(none)";
}

}  // namespace http_test
