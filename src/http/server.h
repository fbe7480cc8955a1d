#pragma once

#include <event2/http.h>

#include "base/intrusive_list.h"
#include "http/connection.h"
#include "http/date.h"
#include "http/request.h"
#include "http/server_connection.h"
#include "surface/memory.h"

struct evconnlistener;

// A socket that a server accepts connections on.
struct evhttp_bound_socket {
  evhttp* server = nullptr;
  evconnlistener* listener = nullptr;
  bufferevent* (*make_bufev)(event_base*, void*) = nullptr;
  void* make_bufev_argument = nullptr;
  evhttp_bound_socket* next = nullptr;
  evhttp_bound_socket** prev = nullptr;
};

namespace relevent::http {

template <class T>
struct PlainLinks {
  static T*& next(T& element) { return element.next; }
  static T**& prev(T& element) { return element.prev; }
};

// A name under which a server is reached.
struct Alias {
  OwnedString name;
  Alias* next = nullptr;
  Alias** prev = nullptr;
};

// What is called for a path.
struct PathCallback {
  OwnedString path;
  std::size_t length = 0;
  void (*callback)(evhttp_request*, void*) = nullptr;
  void* argument = nullptr;
  PathCallback* next = nullptr;
  PathCallback** prev = nullptr;
};

// A server, or a virtual host of one: what it listens on, its connections, and who answers what.
//
// Owns: sockets, connections, virtual hosts, the names and paths.
// Fails: false, null or the number that the C function gives, with nothing changed.
// Callbacks: none but the bufferevent makers', within accept().
// C API: struct evhttp.
class Server {
 public:
  explicit Server(event_base* base) : base_(base) {}
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // server_bind.cpp
  evhttp_bound_socket* bind(const char* address, ev_uint16_t port);
  evhttp_bound_socket* accept_socket(evutil_socket_t fd);
  evhttp_bound_socket* add_listener(evconnlistener* listener);
  void remove(evhttp_bound_socket& socket);
  void for_each_socket(evhttp_bound_socket_foreach_fn* function, void* argument);

  // server_route.cpp
  int add_callback(const char* path, void (*callback)(evhttp_request*, void*), void* argument);
  bool remove_callback(const char* path);
  bool add_virtual_host(const char* pattern, Server& host);
  static bool remove_virtual_host(Server& host);
  bool add_alias(const char* name);
  bool remove_alias(const char* name);
  // Whether this host name is one of ours, here or in a virtual host.
  bool knows_host(const char* name) { return find_host(name) != nullptr; }
  // Calls what answers the request, which has its path.
  void dispatch(Request& request);

  // Makes a request for a connection; null without memory. give_back() keeps some for later.
  Request* take_request();
  void give_back(Request& request);

  void connection_begins(ServerConnection& connection) {
    connections_.push_back(connection);
    ++connection_count_;
  }
  void connection_ends(ServerConnection& connection) {
    connections_.remove(connection);
    --connection_count_;
  }
  int connection_count() const { return connection_count_; }
  std::string_view date() { return date_.now(base_); }

  // The settings, most of which apply to later connections.
  struct Settings {
    Terms terms;
    timeval read_timeout{};
    timeval write_timeout{};
    int max_connections = 0;
    ev_uint32_t methods =
        EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE;
    const char* content_type = "text/html; charset=ISO-8859-1";
    void (*generic)(evhttp_request*, void*) = nullptr;
    void* generic_argument = nullptr;
    bufferevent* (*make_bufev)(event_base*, void*) = nullptr;
    void* make_bufev_argument = nullptr;
    int (*new_request)(evhttp_request*, void*) = nullptr;
    void* new_request_argument = nullptr;
    int (*error_page)(evhttp_request*, evbuffer*, int, const char*, void*) = nullptr;
    void* error_page_argument = nullptr;
  };
  Settings& settings() { return settings_; }
  bool is_full() const {
    return settings_.max_connections > 0 && connection_count_ > settings_.max_connections;
  }

 private:
  static void on_accept(evconnlistener* listener, int fd, sockaddr* address, int length,
                        void* socket);
  void accept(evhttp_bound_socket& socket, int fd, const sockaddr* address, socklen_t length);
  bufferevent* make_bufev(const evhttp_bound_socket& socket, int fd);

  bool has_alias(const char* name) const;
  Server* find_alias(const char* name);
  Server* find_pattern(const char* name);
  Server* find_host(const char* name);
  Server& host_for(Request& request);
  const PathCallback* find_callback(const char* path) const;

  event_base* base_;
  Settings settings_;
  Date date_;
  int connection_count_ = 0;
  int spare_count_ = 0;
  RequestQueue spare_;
  IntrusiveList<evhttp_bound_socket, PlainLinks<evhttp_bound_socket>> sockets_;
  IntrusiveList<ServerConnection, ServerConnection::Links> connections_;
  IntrusiveList<PathCallback, PlainLinks<PathCallback>> callbacks_;
  IntrusiveList<Alias, PlainLinks<Alias>> aliases_;

  // As a virtual host of another server.
  Server* parent_ = nullptr;
  OwnedString pattern_;
  struct HostLinks {
    static Server*& next(Server& host) { return host.next_host_; }
    static Server**& prev(Server& host) { return host.prev_host_; }
  };
  Server* next_host_ = nullptr;
  Server** prev_host_ = nullptr;
  IntrusiveList<Server, HostLinks> hosts_;
};

}  // namespace relevent::http

struct evhttp final : relevent::http::Server {
  using Server::Server;
};
