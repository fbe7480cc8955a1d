// HTTP by hand: no more of it than the benchmarks need at the other end, or to compare with.
#pragma once

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "objects.h"

namespace bench {

// What a browser or another HTTP library would send, and what evhttp answers.
extern const std::string kHelloRequest;
extern const std::string kHelloReply;

// All of it, at once.
void send_all(int fd, const std::string& text);

// A server that takes whatever it reads for a request, and always gives the same reply.
class RawHttpServer {
 public:
  RawHttpServer(int listener, std::string reply);
  ~RawHttpServer();
  RawHttpServer(const RawHttpServer&) = delete;
  RawHttpServer& operator=(const RawHttpServer&) = delete;

  void serve(std::int64_t requests);

 private:
  void accept_all();
  void answer(int fd);

  const RawEpoll epoll_;
  const int listener_;
  const std::string reply_;
  std::vector<int> connections_;
  std::int64_t left_ = 0;
};

// Clients that ask anew whenever a reply is complete. The replies all have the same size.
class RawHttpClients {
 public:
  RawHttpClients(const sockaddr_in& server, std::size_t count, std::string request);
  ~RawHttpClients();
  RawHttpClients(const RawHttpClients&) = delete;
  RawHttpClients& operator=(const RawHttpClients&) = delete;

  void ask(std::int64_t requests);

 private:
  struct Connection {
    int fd;
    std::size_t missing;
  };

  void read_some(Connection& connection);
  void learn_size();

  const RawEpoll epoll_;
  const std::string request_;
  std::vector<Connection> connections_;
  std::size_t reply_size_ = 0;
  std::int64_t left_ = 0;
};

}  // namespace bench
