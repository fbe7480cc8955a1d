#pragma once

#include <event2/http.h>
#include <event2/rpc.h>
#include <event2/rpc_struct.h>

#include "rpc/counted.h"
#include "rpc/hooks.h"

struct evrpc_base {
  relevent::rpc::HookSite hooks;
};

namespace relevent::rpc {

class Server;

// "/.rpc." and the name. Fails: null.
OwnedString make_path(const char* name);
// Destroys an RPC that is not registered.
void destroy_rpc(evrpc& rpc);

// An RPC of a server. It lasts as long as it is registered or a call of it is under way.
// Owns: the RPC.
class Registration : public Counted<Registration> {
 public:
  Registration(Server& server, OwnedString path) : server_(server), path_(std::move(path)) {}
  ~Registration();
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

  Server& server() const { return server_; }
  evrpc& rpc() const { return *rpc_; }
  const char* path() const { return path_.get(); }

 private:
  friend class Server;

  Server& server_;
  evrpc* rpc_ = nullptr;
  OwnedString path_;
  Registration* next_ = nullptr;
  Registration** prev_ = nullptr;
};

// The RPCs of an HTTP server. It lasts until it is freed and the last call is over.
// C API: evrpc_init, evrpc_free, evrpc_register_*, evrpc_unregister_rpc
class Server final : public ::evrpc_base, public Counted<Server> {
 public:
  explicit Server(evhttp* http) : http_(http) {}
  static Server& of(evrpc_base& base) { return static_cast<Server&>(base); }

  // Ends the paused calls and forgets everything.
  void free();

  // Registers an RPC and owns it from now on. Fails: false, also if the name is taken.
  bool add(evrpc& rpc);
  // False: there is none of that name.
  bool remove(const char* name);
  // Whether calls that are still under way can be paused no more.
  bool freed() const { return freed_; }

 private:
  struct Links {
    static Registration*& next(Registration& registration) { return registration.next_; }
    static Registration**& prev(Registration& registration) { return registration.prev_; }
  };

  void remove(Registration& registration);

  evhttp* http_;
  bool freed_ = false;
  IntrusiveList<Registration, Links> registrations_;
};

}  // namespace relevent::rpc
