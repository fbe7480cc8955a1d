#pragma once

#include <event2/dns.h>

#include "dns/addresses.h"
#include "dns/resolver.h"

namespace relevent::dns {

// A look-up in the way of getaddrinfo(3) that has to ask nameservers: a query for each family, and
// a timer that ends the wait for the slower one.
// Lock: the resolver's.
// Callbacks: the user's, once, from the delivery of the last query, with no lock held.
// C API: evdns_getaddrinfo_request.
class Lookup {
 public:
  // All of evdns_getaddrinfo. What is known at once, errors too, is told to the callback inside.
  // One that outlives its resolver, when that goes silently, ends by cancel() and its callback.
  static evdns_getaddrinfo_request* start(Resolver* resolver, const char* node, const char* service,
                                          const evutil_addrinfo* hints,
                                          evdns_getaddrinfo_cb callback, void* argument,
                                          bool outlives_resolver);
  void cancel();

  Lookup(Resolver& resolver, const Wanted& wanted, evdns_getaddrinfo_cb callback, void* argument,
         bool outlives_resolver);
  ~Lookup();

 private:
  struct Family {
    Request* request = nullptr;
    AddressList found;
    bool answered = false;  // the nameserver has said what there is
  };

  bool ask_locked(const char* name);
  void take(Request& request);
  void finish();
  int collect(AddressList& list);
  void cancel_requests_locked();
  Family& family_of(const Request& request) {
    return families_[request.query.type == kTypeA ? 0 : 1];
  }

  static void on_delivered(Request& request);
  static void on_dropped(Request& request);
  static void on_skew(evutil_socket_t fd, short what, void* argument);
  static void on_finalized(event* ev, void* argument);
  static constexpr Request::Receiver kReceiver = {on_delivered, on_dropped};

  Resolver& resolver_;
  Wanted wanted_;
  evdns_getaddrinfo_cb callback_;
  void* argument_;
  OwnedString name_;
  OwnedString canonical_name_;
  Family families_[2];  // IPv4, IPv6
  int pending_ = 0;
  int error_ = EVUTIL_EAI_FAIL;
  int ttl_ = -1;
  bool outlives_resolver_;
  bool dropped_ = false;  // waits to be cancelled
  bool canceled_ = false;
  bool silent_ = false;
  event skew_;
};

}  // namespace relevent::dns

// The C API's type.
struct evdns_getaddrinfo_request final : relevent::dns::Lookup {
  using Lookup::Lookup;
};
