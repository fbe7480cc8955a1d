#pragma once

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/event_struct.h>

#include "dns/cache.h"
#include "dns/datagrams.h"
#include "dns/hosts.h"
#include "dns/nameserver.h"
#include "dns/options.h"
#include "dns/request.h"
#include "dns/search.h"
#include "dns/shared.h"

namespace relevent::dns {

// A resolver: nameservers in a ring, requests that wait or are in flight, and what it knows of
// names.
//
// A request goes to the next nameserver of the ring that is up, and to another one each time that
// no answer comes, or one that says the server is of no use. One timer serves all deadlines.
// Lock: its own (Shared), for everything.
// Callbacks: none inside; users' run from Request::delivery.
// Fails: what needs memory says so and changes nothing.
// C API: evdns_base.
class Resolver : public Shared {
 public:
  static evdns_base* create(event_base* base, int flags);
  // The caller's pointer is invalid after this.
  void free(bool fail_requests);

  event_base* base() const { return base_; }
  const Options& options() const { return options_; }
  Hosts& hosts() { return hosts_; }
  const Hosts& hosts() const { return hosts_; }
  Cache& cache() { return cache_; }
  // Whether answers of nameservers are kept; whether what is in the cache is used.
  bool keeps_answers() const { return options_.cache && uses_cache(); }
  bool uses_cache() const { return (flags_ & EVDNS_BASE_NO_CACHE) == 0; }
  int flags() const { return flags_; }
  bool silent() const { return silent_; }
  // What a socket to this nameserver is bound to; null: nothing.
  const Address* local_address(const Address& server) const;

  // resolver_config.cpp: the lock is held.
  [[nodiscard]] bool set_option(const char* name, const char* value, int groups);
  [[nodiscard]] bool add_search_domain(const char* domain, bool in_front);
  void clear_search_domains();
  void set_ndots(int ndots) { options_.ndots = ndots; }
  // 0; 3 if it is there already; other values for failures.
  int add_nameserver(const Address& address);
  int count_nameservers() const;
  Nameserver* nameserver(int index) const;
  void suspend();
  void resume() { start_waiting(); }

  // Starts a query. The lock is held. Fails: null for a malformed name or without memory.
  evdns_request* resolve(const char* name, std::uint16_t type, int flags,
                         const Request::Receiver& receiver, evdns_callback_type callback,
                         void* argument);
  void cancel(Request& request);

  // What nameservers receive datagrams in.
  Inbox& inbox() { return inbox_; }
  // What nameservers report.
  void take_message(Nameserver& server, Bytes message, bool over_tcp);
  void retry_tcp(Nameserver& server);
  bool uses_tcp(const Nameserver& server) const;

  explicit Resolver(event_base* base, int flags);
  ~Resolver();

 private:
  static void destroy_resolver(Shared* shared);
  static void on_timer(evutil_socket_t fd, short what, void* argument);
  static void on_timer_finalized(event* ev, void* argument);
  static void on_delivery(evutil_socket_t fd, short what, void* argument);
  static void on_request_finalized(event* ev, void* argument);

  // resolver.cpp: the life of requests.
  void start_waiting();
  void deliver(Request& request, int result);
  void drop(Request& request);
  bool build_candidate(Request& request);
  void leave(Request& request);
  void finish(Request& request, int result);

  // transmit.cpp: flights.
  void transmit(Request& request, Nameserver& server);
  void transmit_anew(Request& request, Nameserver& server);
  void try_next(Request& request, int result);
  void take_answer(Request& request, Nameserver& server, bool over_tcp);
  void take_other_case(Request& request, Nameserver& server);
  void take_truncated(Request& request, Nameserver& server);
  void expire(Request& request);

  // health.cpp: nameservers that fail and come back; the timer.
  Nameserver* pick();
  bool any_up() const;
  void server_answered(Nameserver& server);
  void server_failed(Nameserver& server, const char* why);
  void send_probe(Nameserver& server);
  void end_probe(Request& probe, int result);
  void update_timer();
  void update_activity();
  Duration next_deadline() const;

  event_base* base_;
  int flags_;
  bool closed_ = false;
  bool silent_ = false;  // closed without failing requests
  bool active_ = true;
  Options options_;
  SearchList* search_list_ = nullptr;
  Hosts hosts_;
  Cache cache_;
  Nameserver* ring_ = nullptr;
  RequestList waiting_;
  RequestList delivering_;
  Flights flights_;
  int probes_ = 0;
  event timer_;
  Duration timer_deadline_ = 0;  // 0: not armed
  Inbox inbox_;
};

// Microseconds of the monotonic clock.
Duration now();

}  // namespace relevent::dns

// The C API's type.
struct evdns_base final : relevent::dns::Resolver {
  using Resolver::Resolver;
};
