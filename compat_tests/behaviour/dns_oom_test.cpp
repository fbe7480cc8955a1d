// A resolver and a server in one loop when memory runs out: requests may fail, nothing else may.
#include "dns_tools.h"
#include "tracked_memory.h"

namespace dns_cases {
namespace {

using event_cases::TrackedMemory;

// What is made and asked while an allocation fails. Counts what has ended.
struct Round {
  const Base& base;
  Resolver* dns = nullptr;
  bool asked = false;
  bool over = false;

  void end() {
    over = true;
    event_base_loopbreak(base.get());
  }
  static void on_answer(int, char, int, int, void*, void* arg) { static_cast<Round*>(arg)->end(); }
  static void on_lookup(int error, evutil_addrinfo* found, void* arg) {
    CHECK((error == 0) == (found != nullptr));
    if (found != nullptr) {
      evutil_freeaddrinfo(found);
    }
    static_cast<Round*>(arg)->end();
  }

  void ask(const std::string& kind) {
    if (kind == "lookup") {
      evutil_addrinfo hints = {};
      hints.ai_flags = EVUTIL_AI_CANONNAME;
      asked = true;
      evdns_getaddrinfo(dns, "host", "80", &hints, on_lookup, this);
    } else if (kind == "passive") {
      asked = true;
      evdns_getaddrinfo(dns, nullptr, "80", nullptr, on_lookup, this);
    } else {
      asked = evdns_base_resolve_ipv4(dns, "host", 0, on_answer, this) != nullptr;
    }
  }
};

void answer(evdns_server_request* request, void*) {
  const in_addr address = {htonl(INADDR_LOOPBACK)};
  const char* const name = request->questions[0]->name;
  evdns_server_request_add_cname_reply(request, name, "real.name", 10);
  evdns_server_request_add_a_reply(request, "real.name", 1, &address, 10);
  if (evdns_server_request_respond(request, 0) < 0) {
    evdns_server_request_drop(request);
  }
}

TEST_CASE("evdns: any allocation of a look-up and its answer may fail", "[relevent]") {
  INTENDED_DIFFERENCE("the reference crashes when it runs out of memory there");
  const TrackedMemory memory;
  evdns_set_log_fn([](int, const char*) {});
  const Base base = make_base();
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  socklen_t length = sizeof address;
  REQUIRE(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  evdns_server_port* const port =
      evdns_add_server_port_with_base(base.get(), fd, 0, answer, nullptr);
  REQUIRE(port != nullptr);
  for (const char* kind : {"query", "lookup", "passive", "tcp"}) {
    long failures = 1;
    for (long n = 0; failures > 0; ++n) {
      REQUIRE(n < 200);
      INFO(kind << " " << n);
      spin(base);
      const size_t live = TrackedMemory::live();
      Round round{base};
      TrackedMemory::fail_after(n);
      round.dns = evdns_base_new(base.get(), 0);
      if (round.dns != nullptr) {
        evdns_base_set_option(round.dns, "timeout", "0.05");
        evdns_base_set_option(round.dns, "attempts", "1");
        evdns_base_search_add(round.dns, "search.list");
        if (std::string(kind) == "tcp") {  // nobody listens there
          evdns_base_set_option(round.dns, "use-vc", "");
        }
        if (evdns_base_nameserver_sockaddr_add(round.dns, reinterpret_cast<sockaddr*>(&address),
                                               sizeof address, 0) == 0) {
          round.ask(kind);
        }
        if (round.asked && !round.over) {
          run_for(base, 5000);
          CHECK(round.over);
        }
        evdns_base_free(round.dns, 0);
      }
      failures = TrackedMemory::failures();
      TrackedMemory::never_fail();
      spin(base);
      // What the event_base keeps for its descriptors and timers may have grown.
      CHECK(TrackedMemory::live() <= live + 4);
    }
  }
  const size_t live = TrackedMemory::live();
  evdns_close_server_port(port);
  spin(base);
  CHECK(TrackedMemory::live() < live);
  CHECK(TrackedMemory::strangers() == 0);
}

}  // namespace
}  // namespace dns_cases
