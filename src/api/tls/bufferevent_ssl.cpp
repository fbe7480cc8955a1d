// event2/bufferevent_ssl.h: what holds for every TLS library. Each of their shared objects
// has it.
#include <event2/bufferevent_ssl.h>

#include "tls/engine.h"

using namespace relevent;

namespace {

constexpr ev_uint64_t kFlags = BUFFEREVENT_SSL_DIRTY_SHUTDOWN | BUFFEREVENT_SSL_BATCH_WRITE;

// Sets and clears; the flags before that.
ev_uint64_t change_flags(bufferevent* bev, ev_uint64_t set, ev_uint64_t clear) {
  tls::Engine* const engine = tls::Engine::of(bev);
  if (engine == nullptr || ((set | clear) & ~kFlags) != 0) {
    return EV_UINT64_MAX;
  }
  bufferevent_lock(bev);
  const ev_uint64_t before = engine->flags();
  engine->set_flags((before | set) & ~clear);
  bufferevent_unlock(bev);
  return before;
}

}  // namespace

extern "C" {

ev_uint64_t bufferevent_ssl_get_flags(bufferevent* bev) { return change_flags(bev, 0, 0); }
ev_uint64_t bufferevent_ssl_set_flags(bufferevent* bev, ev_uint64_t flags) {
  return change_flags(bev, flags, 0);
}
ev_uint64_t bufferevent_ssl_clear_flags(bufferevent* bev, ev_uint64_t flags) {
  return change_flags(bev, 0, flags);
}

}  // extern "C"
