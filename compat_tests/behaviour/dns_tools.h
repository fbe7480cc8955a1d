// What the cases about DNS share: messages, a scripted nameserver over plain sockets that runs in
// the test's own loop, and resolvers with short time limits.
#pragma once

#include <arpa/inet.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/dns_struct.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support.h"

namespace dns_cases {

using Resolver = evdns_base;
using Bytes = std::string;

inline void put16(Bytes& out, unsigned value) {
  out += static_cast<char>(value >> 8 & 0xff);
  out += static_cast<char>(value & 0xff);
}
inline unsigned get16(const Bytes& in, size_t at) {
  return static_cast<unsigned char>(in[at]) * 256U + static_cast<unsigned char>(in[at + 1]);
}

// A name on the wire, from its labels with dots between.
inline Bytes wire_name(const std::string& text) {
  Bytes out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('.', at), text.size());
    out += static_cast<char>(end - at);
    out += text.substr(at, end - at);
    at = end + 1;
  }
  return out + '\0';
}

// A record about the name of the question, unless another is given.
inline Bytes record(unsigned type, unsigned ttl, const Bytes& data,
                    const Bytes& owner = "\xc0\x0c") {
  Bytes out = owner;
  put16(out, type);
  put16(out, EVDNS_CLASS_INET);
  put16(out, ttl >> 16);
  put16(out, ttl & 0xffff);
  put16(out, static_cast<unsigned>(data.size()));
  return out + data;
}
inline Bytes address_bytes(int family, const char* text) {
  Bytes out(family == AF_INET ? 4 : 16, '\0');
  REQUIRE(evutil_inet_pton(family, text, out.data()) == 1);
  return out;
}
inline Bytes a(const char* text, unsigned ttl = 300) {
  return record(EVDNS_TYPE_A, ttl, address_bytes(AF_INET, text));
}
inline Bytes aaaa(const char* text, unsigned ttl = 300) {
  return record(EVDNS_TYPE_AAAA, ttl, address_bytes(AF_INET6, text));
}
inline Bytes cname(const char* text, unsigned ttl = 300) {
  return record(EVDNS_TYPE_CNAME, ttl, wire_name(text));
}

// A query as the scripted server gets it.
struct Query {
  Bytes message;
  std::string name;  // in lower case
  unsigned type = 0;
  size_t question_end = 0;

  explicit Query(const Bytes& bytes) : message(bytes) {
    size_t at = 12;
    while (at < bytes.size() && bytes[at] != 0) {
      const auto length = static_cast<size_t>(bytes[at]);
      name += (name.empty() ? "" : ".") + bytes.substr(at + 1, length);
      at += length + 1;
    }
    for (char& c : name) {
      c = static_cast<char>(std::tolower(c));
    }
    REQUIRE(at + 5 <= bytes.size());
    type = get16(bytes, at + 1);
    question_end = at + 5;
  }
  Bytes question() const { return message.substr(12, question_end - 12); }

  // The answer with these records.
  Bytes answer(const std::vector<Bytes>& answers, unsigned flags = 0x8180,
               const std::vector<Bytes>& authority = {}) const {
    Bytes out = message.substr(0, 2);
    put16(out, flags);
    put16(out, 1);
    put16(out, static_cast<unsigned>(answers.size()));
    put16(out, static_cast<unsigned>(authority.size()));
    put16(out, 0);
    out += question();
    for (const Bytes& bytes : answers) {
      out += bytes;
    }
    for (const Bytes& bytes : authority) {
      out += bytes;
    }
    return out;
  }
  Bytes error(unsigned rcode) const { return answer({}, 0x8180 | rcode); }
};

// A datagram socket on the loopback, whose messages a function answers. All that it returns is
// sent.
class Server {
 public:
  using Script = std::function<std::vector<Bytes>(const Query&)>;

  Server(const Base& base, Script script) : script_(std::move(script)) {
    fd_ = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    sockaddr_in in = {};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(fd_, reinterpret_cast<sockaddr*>(&in), sizeof in) == 0);
    socklen_t length = sizeof address_;
    REQUIRE(getsockname(fd_, reinterpret_cast<sockaddr*>(&address_), &length) == 0);
    event_.reset(event_new(base.get(), fd_, EV_READ | EV_PERSIST, on_readable, this));
    event_add(event_.get(), nullptr);
  }
  ~Server() {
    event_.reset();
    close(fd_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const sockaddr_in& address() const { return address_; }
  // Where the last query came from.
  const sockaddr_in& peer() const { return peer_; }
  std::string text() const { return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }
  // Sends something to where the last query came from.
  void send_last(const Bytes& bytes) { send(bytes); }
  // The same from another server's socket.
  void send_last_from(const Server& other, const Bytes& bytes) const {
    CHECK(sendto(other.fd_, bytes.data(), bytes.size(), 0,
                 reinterpret_cast<const sockaddr*>(&peer_),
                 peer_length_) == static_cast<ssize_t>(bytes.size()));
  }

  std::vector<Query> queries;
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const Query& query : queries) {
      out.push_back(query.name);
    }
    return out;
  }

 private:
  static void on_readable(evutil_socket_t, short, void* arg) {
    auto& self = *static_cast<Server*>(arg);
    char buffer[2048];
    for (;;) {
      self.peer_length_ = sizeof self.peer_;
      const ssize_t size = recvfrom(self.fd_, buffer, sizeof buffer, 0,
                                    reinterpret_cast<sockaddr*>(&self.peer_), &self.peer_length_);
      if (size < 0) {
        return;
      }
      self.queries.emplace_back(Bytes(buffer, static_cast<size_t>(size)));
      const Query query = self.queries.back();
      for (const Bytes& bytes : self.script_(query)) {
        self.send(bytes);
      }
    }
  }
  void send(const Bytes& bytes) {
    CHECK(sendto(fd_, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&peer_),
                 peer_length_) == static_cast<ssize_t>(bytes.size()));
  }

  Script script_;
  int fd_ = -1;
  sockaddr_in address_ = {};
  sockaddr_in peer_ = {};
  socklen_t peer_length_ = 0;
  Event event_;
};

// Scripts.
inline Server::Script mute() {
  return [](const Query&) { return std::vector<Bytes>{}; };
}
inline Server::Script always(std::vector<Bytes> answers) {
  return [answers](const Query& query) { return std::vector<Bytes>{query.answer(answers)}; };
}
inline Server::Script refuse(unsigned rcode) {
  return [rcode](const Query& query) { return std::vector<Bytes>{query.error(rcode)}; };
}

struct FreeResolver {
  void operator()(evdns_base* base) const { evdns_base_free(base, 0); }
};
using OwnResolver = std::unique_ptr<evdns_base, FreeResolver>;

// A resolver that asks these servers, and gives up after 2 attempts of 100 ms.
inline OwnResolver make_resolver(const Base& base, std::initializer_list<const Server*> servers,
                                 int flags = 0) {
  OwnResolver dns(evdns_base_new(base.get(), flags));
  REQUIRE(dns != nullptr);
  CHECK(evdns_base_set_option(dns.get(), "timeout", "0.1") == 0);
  CHECK(evdns_base_set_option(dns.get(), "attempts", "2") == 0);
  for (const Server* server : servers) {
    CHECK(evdns_base_nameserver_sockaddr_add(dns.get(),
                                             reinterpret_cast<const sockaddr*>(&server->address()),
                                             sizeof(sockaddr_in), 0) == 0);
  }
  return dns;
}

// Collects the results of queries; it is the argument of its callbacks. When `expected` of them are
// there, the loop ends.
struct Results {
  struct One {
    int result;
    int type;
    int count;
    int ttl;
    std::vector<std::string> found;
  };
  explicit Results(const Base& its_base) : base(its_base) {}

  const Base& base;
  std::vector<One> all;
  size_t expected = 1;
  std::function<void(const One&)> hook;

  static void callback(int result, char type, int count, int ttl, void* addresses, void* arg) {
    auto& self = *static_cast<Results*>(arg);
    One one{result, type, count, ttl, {}};
    for (int i = 0; i < count; ++i) {
      char text[64] = "";
      const auto* const bytes = static_cast<const char*>(addresses);
      if (type == DNS_IPv4_A) {
        evutil_inet_ntop(AF_INET, bytes + 4 * i, text, sizeof text);
      } else if (type == DNS_IPv6_AAAA) {
        evutil_inet_ntop(AF_INET6, bytes + 16 * i, text, sizeof text);
      }
      one.found.push_back(type == DNS_PTR || type == DNS_CNAME ? static_cast<char**>(addresses)[i]
                                                               : text);
    }
    self.all.push_back(one);
    if (self.hook) {
      self.hook(one);
    }
    if (self.all.size() >= self.expected) {
      event_base_loopbreak(self.base.get());
    }
  }

  evdns_request* ask(evdns_base* dns, const char* name, int flags = 0) {
    return evdns_base_resolve_ipv4(dns, name, flags, callback, this);
  }
  // Runs the loop until the results are there; at most for some seconds.
  void wait(size_t count = 1) {
    expected = count;
    if (all.size() < count) {
      const timeval limit = ms(8000);
      event_base_loopexit(base.get(), &limit);
      event_base_dispatch(base.get());
    }
    CHECK(all.size() == count);
  }
  One take() {
    wait();
    if (all.empty()) {
      return {-1, 0, 0, 0, {}};
    }
    const One one = all.front();
    all.clear();
    return one;
  }
};

// Runs what is due, without waiting.
inline void spin(const Base& base, int times = 5) {
  for (int i = 0; i < times; ++i) {
    event_base_loop(base.get(), EVLOOP_NONBLOCK);
  }
}
// Runs the loop for some time.
inline void run_for(const Base& base, int milliseconds) {
  const timeval limit = ms(milliseconds);
  event_base_loopexit(base.get(), &limit);
  event_base_dispatch(base.get());
}

}  // namespace dns_cases
