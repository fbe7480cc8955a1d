// Looking names up, and answering those who do.
#include <event2/dns.h>
#include <event2/dns_struct.h>

#include "dns_peer.h"
#include "groups.h"
#include "objects.h"

namespace bench {
namespace {

constexpr const char* kName = "host.example.com";

void free_resolver(evdns_base* resolver) { evdns_base_free(resolver, 0); }
using DnsBase = std::unique_ptr<evdns_base, FreeWith<free_resolver>>;
using DnsPort = std::unique_ptr<evdns_server_port, FreeWith<evdns_close_server_port>>;

// Looks a name up again and again, so many times at once.
class Lookups {
 public:
  enum class Way { kAddress, kGetaddrinfo };

  Lookups(const sockaddr_in& server, Way way, unsigned in_flight)
      : way_(way), in_flight_(in_flight) {
    require(resolver_ != nullptr && evdns_base_nameserver_sockaddr_add(
                                        resolver_.get(), reinterpret_cast<const sockaddr*>(&server),
                                        sizeof server, 0) == 0,
            "no resolver");
  }

  void make(std::int64_t count) {
    to_start_ = to_finish_ = count;
    for (unsigned i = 0; i < in_flight_; ++i) {
      start();
    }
    require(event_base_dispatch(base_.get()) >= 0 && to_finish_ == 0, "look-ups were lost");
  }

 private:
  void start() {
    if (to_start_ == 0) {
      return;
    }
    --to_start_;
    if (way_ == Way::kAddress) {
      evdns_base_resolve_ipv4(resolver_.get(), kName, DNS_QUERY_NO_SEARCH, on_address, this);
    } else {
      evutil_addrinfo hints{};
      hints.ai_family = AF_UNSPEC;
      hints.ai_socktype = SOCK_STREAM;
      evdns_getaddrinfo(resolver_.get(), kName, "80", &hints, on_list, this);
    }
  }
  void finish() {
    if (--to_finish_ == 0) {
      event_base_loopbreak(base_.get());
    }
    start();
  }
  static void on_address(int result, char, int count, int, void*, void* argument) {
    require(result == DNS_ERR_NONE && count == 1, "a look-up failed");
    static_cast<Lookups*>(argument)->finish();
  }
  static void on_list(int error, evutil_addrinfo* list, void* argument) {
    require(error == 0 && list != nullptr && list->ai_next != nullptr, "a look-up failed");
    evutil_freeaddrinfo(list);
    static_cast<Lookups*>(argument)->finish();
  }

  Base base_ = make_base();
  DnsBase resolver_{evdns_base_new(base_.get(), 0)};
  Way way_;
  unsigned in_flight_;
  std::int64_t to_start_ = 0;
  std::int64_t to_finish_ = 0;
};

// Answers queries with one address.
class Answers {
 public:
  Answers() {
    const int fd = socket_.release();
    require(evutil_make_socket_nonblocking(fd) == 0, "a socket that blocks");
    port_.reset(evdns_add_server_port_with_base(base_.get(), fd, 0, on_request, this));
    require(port_ != nullptr, "no server");
  }

  const sockaddr_in& address() const { return socket_.address(); }
  void give(std::int64_t count) {
    left_ = count;
    require(event_base_dispatch(base_.get()) >= 0 && left_ <= 0, "the loop ended early");
  }

 private:
  static void on_request(evdns_server_request* request, void* argument) {
    auto* const self = static_cast<Answers*>(argument);
    const unsigned char address[] = {192, 0, 2, 1};
    require(evdns_server_request_add_a_reply(request, request->questions[0]->name, 1, address,
                                             300) == 0 &&
                evdns_server_request_respond(request, DNS_ERR_NONE) >= 0,
            "a request was not answered");
    if (--self->left_ == 0) {
      event_base_loopbreak(self->base_.get());
    }
  }

  Base base_ = make_base();
  DnsSocket socket_;
  DnsPort port_;
  std::int64_t left_ = 0;
};

void look_up(Meter& meter, Lookups::Way way, unsigned in_flight) {
  const DnsServerPeer peer;
  Lookups lookups(peer.address(), way, in_flight);
  meter.measure([&](std::int64_t count) { lookups.make(count); });
}

void look_up_raw(Meter& meter, unsigned in_flight) {
  const DnsServerPeer peer;
  DnsSocket socket;
  meter.measure([&](std::int64_t count) {
    for (std::int64_t left = count; left > 0; left -= in_flight) {
      socket.ask(peer.address(), in_flight);
      for (unsigned due = in_flight; due > 0;) {
        const unsigned answered = socket.take_answers();
        require(answered > 0, "answers were lost");
        due -= answered;
      }
    }
  });
}

void answer(Meter& meter, unsigned in_flight) {
  Answers answers;
  const DnsClientPeer peer(answers.address(), in_flight);
  meter.measure([&](std::int64_t count) { answers.give(count); });
}

void answer_raw(Meter& meter, unsigned in_flight) {
  DnsSocket socket;
  const DnsClientPeer peer(socket.address(), in_flight);
  meter.measure([&](std::int64_t count) {
    for (std::int64_t left = count; left > 0;) {
      left -= socket.answer();
    }
  });
}

}  // namespace

void add_dns_benchmarks(Table& table) {
  for (const unsigned in_flight : {1U, 64U}) {
    const std::string number = std::to_string(in_flight);
    table.push_back({"dns address " + number, "one look-up of an IPv4 address",
                     [=](Meter& meter) { look_up(meter, Lookups::Way::kAddress, in_flight); },
                     [=](Meter& meter) { look_up_raw(meter, in_flight); }, false, Kind::kWithPeer});
    table.push_back({"dns getaddrinfo " + number,
                     "one look-up of the addresses of both families",
                     [=](Meter& meter) { look_up(meter, Lookups::Way::kGetaddrinfo, in_flight); },
                     {},
                     false,
                     Kind::kWithPeer});
    table.push_back({"dns server " + number, "one request and its reply",
                     [=](Meter& meter) { answer(meter, in_flight); },
                     [=](Meter& meter) { answer_raw(meter, in_flight); }, false, Kind::kWithPeer});
  }
}

}  // namespace bench
