// event2/thread.h
#include <event2/thread.h>

#include "loop/event_base.h"
#include "sync/callbacks.h"

using namespace relevent;

extern "C" {

int evthread_set_lock_callbacks(const evthread_lock_callbacks* callbacks) {
  return sync::set_lock_callbacks(callbacks) ? 0 : -1;
}

int evthread_set_condition_callbacks(const evthread_condition_callbacks* callbacks) {
  return sync::set_condition_callbacks(callbacks) ? 0 : -1;
}

void evthread_set_id_callback(unsigned long (*callback)()) {
  sync::set_thread_id_callback(callback);
}

RELEVENT_API evthread_lock_callbacks* evthread_get_lock_callbacks() {
  return sync::user_lock_callbacks();
}

RELEVENT_API evthread_condition_callbacks* evthread_get_condition_callbacks() {
  return sync::user_condition_callbacks();
}

void evthread_enable_lock_debugging() { sync::enable_lock_debugging(); }
// The name it had by mistake, which programs still use.
void evthread_enable_lock_debuging() { sync::enable_lock_debugging(); }

int evthread_make_base_notifiable(event_base* base) {
  return base != nullptr ? base->make_notifiable() : -1;
}

}  // extern "C"
