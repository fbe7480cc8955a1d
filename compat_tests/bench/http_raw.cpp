#include "http_raw.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "process.h"

namespace bench {
namespace {

constexpr std::uint64_t kListener = UINT64_MAX;

}  // namespace

const std::string kHelloRequest =
    "GET /hello HTTP/1.1\r\n"
    "Host: 127.0.0.1\r\n"
    "\r\n";
const std::string kHelloReply =
    "HTTP/1.1 200 OK\r\n"
    "Date: Sun, 22 Nov 2026 08:00:00 GMT\r\n"
    "Content-Length: 13\r\n"
    "Content-Type: text/html; charset=ISO-8859-1\r\n"
    "\r\n"
    "Hello, world!";

void send_all(int fd, const std::string& text) {
  require(write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()),
          "a message was lost");
}

RawHttpServer::RawHttpServer(int listener, std::string reply)
    : listener_(listener), reply_(std::move(reply)) {
  epoll_.control(EPOLL_CTL_ADD, listener, EPOLLIN, kListener);
}

RawHttpServer::~RawHttpServer() {
  for (const int fd : connections_) {
    close(fd);
  }
}

void RawHttpServer::serve(std::int64_t requests) {
  left_ = requests;
  std::vector<epoll_event> ready(1024);
  while (left_ > 0) {
    const int count = epoll_.wait(ready, -1);
    for (int i = 0; i < count; ++i) {
      const std::uint64_t tag = ready[static_cast<std::size_t>(i)].data.u64;
      if (tag == kListener) {
        accept_all();
      } else {
        answer(static_cast<int>(tag));
      }
    }
  }
}

void RawHttpServer::accept_all() {
  for (int fd = accept_one(listener_); fd >= 0; fd = accept_one(listener_)) {
    connections_.push_back(fd);
    epoll_.control(EPOLL_CTL_ADD, fd, EPOLLIN, static_cast<std::uint64_t>(fd));
  }
}

void RawHttpServer::answer(int fd) {
  std::array<char, 4096> request;
  if (read(fd, request.data(), request.size()) <= 0) {
    connections_.erase(std::find(connections_.begin(), connections_.end(), fd));
    close(fd);
    return;
  }
  send_all(fd, reply_);
  --left_;
}

RawHttpClients::RawHttpClients(const sockaddr_in& server, std::size_t count, std::string request)
    : request_(std::move(request)) {
  for (std::size_t i = 0; i < count; ++i) {
    connections_.push_back({connect_to(server), 0});
    epoll_.control(EPOLL_CTL_ADD, connections_[i].fd, EPOLLIN, i);
  }
}

RawHttpClients::~RawHttpClients() {
  for (const Connection& connection : connections_) {
    close(connection.fd);
  }
}

// From the first reply, which is read by itself.
void RawHttpClients::learn_size() {
  const int fd = connections_[0].fd;
  send_all(fd, request_);
  std::string reply;
  std::array<char, 65536> bytes;
  while (reply_size_ == 0 || reply.size() < reply_size_) {
    const ssize_t size = read(fd, bytes.data(), bytes.size());
    require(size > 0, "the connection ended");
    reply.append(bytes.data(), static_cast<std::size_t>(size));
    const std::size_t end = reply.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::size_t length = reply.find("Content-Length: ");
      require(length < end, "the reply has no length");
      reply_size_ = end + 4 + std::strtoul(&reply[length + 16], nullptr, 10);
    }
  }
}

void RawHttpClients::ask(std::int64_t requests) {
  if (reply_size_ == 0) {
    learn_size();
    for (Connection& connection : connections_) {
      send_all(connection.fd, request_);
      connection.missing = reply_size_;
    }
  }
  left_ = requests;
  std::vector<epoll_event> ready(1024);
  while (left_ > 0) {
    const int count = epoll_.wait(ready, -1);
    for (int i = 0; i < count; ++i) {
      read_some(connections_[ready[static_cast<std::size_t>(i)].data.u64]);
    }
  }
}

void RawHttpClients::read_some(Connection& connection) {
  // MSG_TRUNC forgets the bytes instead of copying them.
  const ssize_t size = recv(connection.fd, nullptr, connection.missing, MSG_TRUNC);
  require(size > 0, "the connection ended");
  connection.missing -= static_cast<std::size_t>(size);
  if (connection.missing == 0) {
    --left_;
    connection.missing = reply_size_;
    send_all(connection.fd, request_);
  }
}

}  // namespace bench
