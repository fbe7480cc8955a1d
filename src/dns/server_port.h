#pragma once

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/listener.h>

#include "dns/datagrams.h"
#include "dns/options.h"
#include "dns/server_request.h"
#include "dns/shared.h"
#include "dns/stream.h"

namespace relevent::dns {

// A connection of a server's client. It stays until its last request has been answered.
struct ServerClient {
  ServerPort& port;
  Stream* stream = nullptr;  // null: the connection is gone
  int requests = 0;
  Address address = {};
  ServerClient* next = nullptr;
  ServerClient** previous = nullptr;

  explicit ServerClient(ServerPort& its_port) : port(its_port) {}
};

struct ServerClientLinks {
  static ServerClient*& next(ServerClient& client) { return client.next; }
  static ServerClient**& prev(ServerClient& client) { return client.previous; }
};

// What a DNS server receives requests on: a UDP socket, or a TCP listener.
// Owns: the socket or listener, its clients, and the replies that could not be sent yet.
// Lock: its own (Shared).
// Callbacks: the user's, from the loop, with no lock held.
// C API: evdns_server_port.
class ServerPort : public Shared {
 public:
  using Callback = evdns_request_callback_fn_type;

  // Fails: null; the socket or listener is still the caller's.
  static evdns_server_port* create_udp(event_base* base, int fd, Callback callback,
                                       void* user_data);
  static evdns_server_port* create_tcp(event_base* base, evconnlistener* listener,
                                       Callback callback, void* user_data);
  // No more requests come. Those that are there stay valid.
  void close();
  [[nodiscard]] bool set_option(evdns_server_option option, std::size_t value);

  // evdns_server_request_respond; 0 and 1 free the request.
  int respond(ServerRequest& request, int error);
  void drop(ServerRequest& request);

  ServerPort(event_base* base, int fd, evconnlistener* listener, Callback callback,
             void* user_data);
  ~ServerPort();

 private:
  static constexpr Duration kDefaultIdle = 10 * kSecond;
  static constexpr int kDefaultMaxClients = 1024;

  static void destroy_port(Shared* shared);
  static void on_readable(evutil_socket_t fd, short what, void* argument);
  static void on_writable(evutil_socket_t fd, short what, void* argument);
  static void on_finalized(event* ev, void* argument);
  static void on_accept(evconnlistener* listener, evutil_socket_t fd, sockaddr* address, int length,
                        void* argument);
  static void on_message(void* context, Bytes message);
  static void on_client_end(void* context);

  ServerRequest* make_request(Bytes message);
  bool answer_datagrams();
  bool answer_arrived();
  bool receive();
  ServerRequest* take_datagram(std::size_t index);
  ServerRequest* next_arrived();
  enum class Sent { kYes, kLater, kFailed };
  Sent send(ServerRequest& request);
  bool send_datagram(const ServerRequest& request) const;
  void send_waiting();
  [[nodiscard]] bool accept(int fd, const Address& address);
  void end_client(ServerClient& client);
  void end_clients();
  void update_accepting();
  void forget(ServerRequest& request);

  event_base* base_;
  int fd_ = -1;         // UDP
  Owned<Inbox> inbox_;  // UDP
  evconnlistener* listener_;
  Callback callback_;
  void* user_data_;
  bool closed_ = false;
  event readable_;  // UDP: datagrams; TCP: requests that have arrived
  event writable_;
  int events_in_use_ = 2;
  ServerRequestList arrived_;
  ServerRequestList unsent_;  // until the socket has room
  IntrusiveList<ServerClient, ServerClientLinks> clients_;
  int client_count_ = 0;
  int max_clients_ = kDefaultMaxClients;
  bool limit_changed_ = false;
  Duration idle_time_ = kDefaultIdle;
};

}  // namespace relevent::dns

// The C API's type.
struct evdns_server_port final : relevent::dns::ServerPort {
  using ServerPort::ServerPort;
};
