#pragma once

#include "base/intrusive_list.h"
#include "rpc/meta.h"

namespace relevent::rpc {

// A call that a hook has paused; a member of the call.
struct Paused {
  // Goes on with the call, or ends it.
  void (*resume)(Context& call, bool go_on) = nullptr;
  Context* call = nullptr;
  Paused* next = nullptr;
  Paused** prev = nullptr;
};

// The hooks of a server or a pool, and the calls that they have paused.
// Owns: the hooks; not the calls, each of which leaves the list before it ends.
// Callbacks: hooks may add and remove hooks, also themselves.
// C API: evrpc_add_hook, evrpc_remove_hook, evrpc_resume_request
class HookSite {
 public:
  using Callback = int (*)(void* ctx, evhttp_request* http, evbuffer* message, void* argument);

  HookSite() = default;
  ~HookSite() { clear(); }
  HookSite(const HookSite&) = delete;
  HookSite& operator=(const HookSite&) = delete;

  // The hook's handle. Fails: null.
  void* add(EVRPC_HOOK_TYPE type, Callback callback, void* argument);
  bool remove(EVRPC_HOOK_TYPE type, const void* handle);
  // Removes all.
  void clear();

  // Shows a message to the hooks of a type, until one pauses or ends the call.
  // Fails: ends the call.
  EVRPC_HOOK_RESULT run(EVRPC_HOOK_TYPE type, Context& call, evhttp_connection* connection,
                        evhttp_request* http, evbuffer* message);

  void pause(Paused& paused) { paused_.push_back(paused); }
  // Takes a call out of the paused ones, if it is one, and goes on with it.
  bool resume(const void* call, bool go_on);
  // Any call that is paused, or null.
  Paused* first_paused() const { return paused_.front(); }
  void forget(Paused& paused) { paused_.remove(paused); }

 private:
  struct Hook {
    EVRPC_HOOK_TYPE type;
    // Null once it is removed, if that was while hooks run.
    Callback callback;
    void* argument;
    Hook* next;
    Hook** prev;
  };
  template <class T>
  struct Links {
    static T*& next(T& element) { return element.next; }
    static T**& prev(T& element) { return element.prev; }
  };

  void sweep();

  IntrusiveList<Hook, Links<Hook>> hooks_;
  IntrusiveList<Paused, Links<Paused>> paused_;
  int running_ = 0;
};

}  // namespace relevent::rpc
