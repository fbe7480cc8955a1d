#pragma once

#include <event2/event_struct.h>

#include "dns/address.h"
#include "dns/options.h"
#include "dns/stream.h"

namespace relevent::dns {

class Resolver;
struct Request;

// A nameserver: its sockets, and what is known of its health. It stands in the resolver's ring.
// Owns: a UDP socket with its event, and at most one TCP connection, which is made when it is
// needed.
// Lock: the resolver's.
struct Nameserver {
  explicit Nameserver(Resolver& its_resolver) : resolver(its_resolver) {}
  // Fails: null, with `error` as evdns_base_nameserver_sockaddr_add returns it.
  static Nameserver* create(Resolver& resolver, const Address& address, int& error);
  // Closes the sockets. The memory goes when no callback can run any more.
  void retire();

  // Whether events of the UDP socket are taken. Fails: false without memory.
  bool listen(bool on);

  enum class Sent { kYes, kLater, kFailed };
  Sent send_udp(Bytes message) const;
  Sent send_tcp(Bytes message);
  void close_stream();

  Resolver& resolver;
  Address address;
  int fd = -1;
  event readable;
  bool retired = false;
  Stream* stream = nullptr;

  bool up = true;
  bool folds_case = false;  // does not repeat names letter by letter
  bool without_edns = false;
  int timeouts = 0;  // in a row
  int failures = 0;  // in a row; the interval between probes grows with them
  Duration probe_at = 0;
  Request* probe = nullptr;

  Nameserver* next = nullptr;
  Nameserver* previous = nullptr;

 private:
  static void on_readable(evutil_socket_t fd, short what, void* argument);
  static void on_finalized(event* ev, void* argument);
  void receive();
  [[nodiscard]] bool open_stream();
};

}  // namespace relevent::dns
