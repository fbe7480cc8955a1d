#include "rpc/hooks.h"

namespace relevent::rpc {

void* HookSite::add(EVRPC_HOOK_TYPE type, Callback callback, void* argument) {
  Hook* const hook = create<Hook>();
  if (hook != nullptr) {
    hook->type = type;
    hook->callback = callback;
    hook->argument = argument;
    hooks_.push_back(*hook);
  }
  return hook;
}

bool HookSite::remove(EVRPC_HOOK_TYPE type, const void* handle) {
  for (Hook* hook = hooks_.front(); hook != nullptr; hook = hooks_.next(*hook)) {
    if (hook == handle && hook->type == type && hook->callback != nullptr) {
      hook->callback = nullptr;
      sweep();
      return true;
    }
  }
  return false;
}

void HookSite::clear() {
  for (Hook* hook = hooks_.front(); hook != nullptr; hook = hooks_.next(*hook)) {
    hook->callback = nullptr;
  }
  sweep();
}

void HookSite::sweep() {
  if (running_ > 0) {
    return;
  }
  for (Hook *hook = hooks_.front(), *next = nullptr; hook != nullptr; hook = next) {
    next = hooks_.next(*hook);
    if (hook->callback == nullptr) {
      hooks_.remove(*hook);
      destroy(hook);
    }
  }
}

EVRPC_HOOK_RESULT HookSite::run(EVRPC_HOOK_TYPE type, Context& call, evhttp_connection* connection,
                                evhttp_request* http, evbuffer* message) {
  EVRPC_HOOK_RESULT result = EVRPC_CONTINUE;
  ++running_;
  for (Hook* hook = hooks_.front(); hook != nullptr && result == EVRPC_CONTINUE;
       hook = hooks_.next(*hook)) {
    if (hook->type != type || hook->callback == nullptr) {
      continue;
    }
    Meta* const meta = call.meta();
    if (meta == nullptr) {
      result = EVRPC_TERMINATE;
      break;
    }
    meta->set_connection(connection);
    switch (hook->callback(&call, http, message, hook->argument)) {
      case EVRPC_TERMINATE:
        result = EVRPC_TERMINATE;
        break;
      case EVRPC_PAUSE:
        result = EVRPC_PAUSE;
        break;
      default:
        break;
    }
  }
  --running_;
  sweep();
  return result;
}

bool HookSite::resume(const void* call, bool go_on) {
  for (Paused* paused = paused_.front(); paused != nullptr; paused = paused_.next(*paused)) {
    if (paused->call == call) {
      paused_.remove(*paused);
      paused->resume(*paused->call, go_on);
      return true;
    }
  }
  return false;
}

}  // namespace relevent::rpc
