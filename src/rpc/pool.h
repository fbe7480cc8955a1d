#pragma once

#include <event2/http.h>
#include <event2/rpc.h>

#include "rpc/counted.h"
#include "rpc/hooks.h"

struct evrpc_pool {
  relevent::rpc::HookSite hooks;
};

namespace relevent::rpc {

class ClientCall;

// A connection of a pool, and how many calls have been sent over it and are not over.
struct PoolConnection {
  evhttp_connection* http = nullptr;
  int calls = 0;
  PoolConnection* next = nullptr;
  PoolConnection** prev = nullptr;
};

// The connections that a client makes its calls over. It lasts until it is freed and no call of it
// runs user code.
// Owns: connections and calls.
// Callbacks: all user code may free it.
// C API: evrpc_pool_*
class Pool final : public ::evrpc_pool, public Counted<Pool> {
 public:
  explicit Pool(event_base* base) : base_(base) {}
  static Pool& of(evrpc_pool& pool) { return static_cast<Pool&>(pool); }

  // Drops all calls, without their callbacks, and closes the connections.
  void free();

  // Fails: false.
  bool add(evhttp_connection* http);
  void remove(const evhttp_connection* http);
  void set_timeout(int seconds);
  int timeout() const { return timeout_; }

  // Sends a call as soon as a connection is idle.
  void add(ClientCall& call);
  // Forgets a call that is over.
  void remove(ClientCall& call);
  // Sends what waits, as far as there are idle connections.
  void send_waiting();

 private:
  template <class T>
  struct Links {
    static T*& next(T& element) { return element.next; }
    static T**& prev(T& element) { return element.prev; }
  };

  PoolConnection* idle_connection() const;

  event_base* base_;
  int timeout_ = 0;
  bool freed_ = false;
  bool sending_ = false;
  IntrusiveList<PoolConnection, Links<PoolConnection>> connections_;
  // Those that wait for a connection, and those that have one.
  IntrusiveList<ClientCall, Links<ClientCall>> waiting_;
  IntrusiveList<ClientCall, Links<ClientCall>> started_;
};

}  // namespace relevent::rpc
