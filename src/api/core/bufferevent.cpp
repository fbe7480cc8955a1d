// event2/bufferevent.h: what all bufferevents have, and sockets.
#include <event2/bufferevent.h>
#include <event2/bufferevent_struct.h>

#include <cerrno>

#include "bufferevent/connect.h"
#include "bufferevent/core.h"
#include "bufferevent/external.h"
#include "bufferevent/filter.h"
#include "bufferevent/hold.h"
#include "bufferevent/hostname.h"
#include "bufferevent/pair.h"
#include "bufferevent/socket.h"
#include "util/socket_options.h"

using namespace relevent;
using bev::Core;
using bev::Hold;

namespace {

constexpr int status(bool ok) { return ok ? 0 : -1; }

bool set_fd(Core& core, int fd) {
  core.set_connecting(false);
  if (fd < 0) {
    bev::end_lookup(core);  // nobody waits for that connection any more
  }
  return core.be_ops->set_fd(core, fd);
}

}  // namespace

extern "C" {

// Life

bufferevent* bufferevent_socket_new(event_base* base, evutil_socket_t fd, int options) {
  return base != nullptr ? bev::Socket::create(*base, fd, options) : nullptr;
}

int bufferevent_pair_new(event_base* base, int options, bufferevent* pair[2]) {
  return status(bev::Pair::create(*base, options, pair));
}

bufferevent* bufferevent_pair_get_partner(bufferevent* bufev) {
  const Hold hold(bufev);
  return bufev->be_ops == &bev::kOps<bev::Pair> ? static_cast<bev::Pair&>(*hold).partner()
                                                : nullptr;
}

bufferevent* bufferevent_filter_new(bufferevent* underlying, bufferevent_filter_cb input_filter,
                                    bufferevent_filter_cb output_filter, int options,
                                    void (*free_context)(void*), void* ctx) {
  const Hold hold(underlying);
  return bev::Filter::create(*underlying, options,
                             {input_filter, output_filter, free_context, ctx});
}

void bufferevent_free(bufferevent* bufev) { Core::of(*bufev).free(); }

void bufferevent_incref(bufferevent* bufev) { Core::of(*bufev).acquire(); }

int bufferevent_decref(bufferevent* bufev) { return Core::of(*bufev).release() ? 1 : 0; }

void bufferevent_lock(bufferevent* bufev) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
  Core& core = Core::of(*bufev);
  core.lock().lock();
  core.acquire();
}

void bufferevent_unlock(bufferevent* bufev) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
  Core& core = Core::of(*bufev);
  // The lock outlives the last reference until the loop comes to it.
  core.release();
  core.lock().unlock();
}

// Base and priority

int bufferevent_base_set(event_base* base, bufferevent* bufev) {
  const Hold hold(bufev);
  return status(bufev->be_ops == &bev::kOps<bev::Socket> && hold->set_base(*base));
}

event_base* bufferevent_get_base(bufferevent* bev) { return bev->ev_base; }

int bufferevent_priority_set(bufferevent* bufev, int priority) {
  const Hold hold(bufev);
  if (bufev->be_ops == &bev::kOps<bev::External>) {
    return status(static_cast<bev::External&>(*hold).set_priority(priority));
  }
  return status(bufev->be_ops == &bev::kOps<bev::Socket> && hold->set_priority(priority));
}

int bufferevent_get_priority(const bufferevent* bufev) { return Core::of(*bufev).priority(); }

// Callbacks

void bufferevent_setcb(bufferevent* bufev, bufferevent_data_cb readcb, bufferevent_data_cb writecb,
                       bufferevent_event_cb eventcb, void* cbarg) {
  const Hold hold(bufev);
  hold->set_callbacks(readcb, writecb, eventcb, cbarg);
}

void bufferevent_getcb(bufferevent* bufev, bufferevent_data_cb* readcb_ptr,
                       bufferevent_data_cb* writecb_ptr, bufferevent_event_cb* eventcb_ptr,
                       void** cbarg_ptr) {
  const Hold hold(bufev);
  if (readcb_ptr != nullptr) {
    *readcb_ptr = bufev->readcb;
  }
  if (writecb_ptr != nullptr) {
    *writecb_ptr = bufev->writecb;
  }
  if (eventcb_ptr != nullptr) {
    *eventcb_ptr = bufev->errorcb;
  }
  if (cbarg_ptr != nullptr) {
    *cbarg_ptr = bufev->cbarg;
  }
}

void bufferevent_trigger(bufferevent* bufev, short iotype, int options) {
  const Hold hold(bufev);
  hold->trigger(iotype, options);
}

void bufferevent_trigger_event(bufferevent* bufev, short what, int options) {
  const int error = errno;
  const Hold hold(bufev);
  hold->run_event(what, error, options);
}

// Descriptors

int bufferevent_setfd(bufferevent* bufev, evutil_socket_t fd) {
  const Hold hold(bufev);
  return status(set_fd(*hold, fd));
}

int bufferevent_replacefd(bufferevent* bufev, evutil_socket_t fd) {
  const Hold hold(bufev);
  const int old = bufev->be_ops->fd(*hold);
  bool good = set_fd(*hold, fd);
  // Even if the loop does not watch the new one: nobody else knows the old one any more.
  if (old >= 0 && bufev->be_ops->fd(*hold) != old) {
    good = util::close_socket(old).ok() && good;
  }
  return status(good);
}

evutil_socket_t bufferevent_getfd(bufferevent* bufev) {
  const Hold hold(bufev);
  return bufev->be_ops->fd(*hold);
}

bufferevent* bufferevent_get_underlying(bufferevent* bufev) {
  const Hold hold(bufev);
  return bufev->be_ops->underlying(*hold);
}

// Connecting

int bufferevent_socket_connect(bufferevent* bufev, const sockaddr* address, int length) {
  const Hold hold(bufev);
  bev::replace_lookup(*hold);
  return bev::connect(*hold, address, static_cast<socklen_t>(length));
}

int bufferevent_socket_connect_hostname(bufferevent* bufev, evdns_base* dns, int family,
                                        const char* hostname, int port) {
  evutil_addrinfo hints{};
  hints.ai_family = family;
  hints.ai_protocol = IPPROTO_TCP;
  hints.ai_socktype = SOCK_STREAM;
  return bufferevent_socket_connect_hostname_hints(bufev, dns, &hints, hostname, port);
}

int bufferevent_socket_connect_hostname_hints(bufferevent* bufev, evdns_base* dns,
                                              const evutil_addrinfo* hints, const char* hostname,
                                              int port) {
  const Hold hold(bufev);
  return bev::connect_hostname(*hold, dns, *hints, hostname, port);
}

int bufferevent_socket_get_dns_error(bufferevent* bufev) {
  const Hold hold(bufev);
  return bev::dns_error(*hold);
}

// Data

int bufferevent_write(bufferevent* bufev, const void* data, size_t size) {
  return status(bufev->output->add(data, size));
}

int bufferevent_write_buffer(bufferevent* bufev, evbuffer* buf) {
  return status(bufev->output->add_all_of(*buf));
}

size_t bufferevent_read(bufferevent* bufev, void* data, size_t size) {
  const ev_ssize_t count = bufev->input->remove(data, size);
  return count > 0 ? static_cast<size_t>(count) : 0;
}

int bufferevent_read_buffer(bufferevent* bufev, evbuffer* buf) {
  return status(buf->add_all_of(*bufev->input));
}

evbuffer* bufferevent_get_input(bufferevent* bufev) { return bufev->input; }

evbuffer* bufferevent_get_output(bufferevent* bufev) { return bufev->output; }

int bufferevent_flush(bufferevent* bufev, short iotype, bufferevent_flush_mode mode) {
  const Hold hold(bufev);
  return bufev->be_ops->flush(*hold, iotype, mode);
}

// Directions

int bufferevent_enable(bufferevent* bufev, short event) {
  const Hold hold(bufev);
  return hold->enable(event);
}

int bufferevent_disable(bufferevent* bufev, short event) {
  const Hold hold(bufev);
  return hold->disable(event);
}

short bufferevent_get_enabled(bufferevent* bufev) {
  const Hold hold(bufev);
  return bufev->enabled;
}

int bufferevent_set_timeouts(bufferevent* bufev, const timeval* timeout_read,
                             const timeval* timeout_write) {
  const Hold hold(bufev);
  return hold->set_timeouts(timeout_read, timeout_write);
}

void bufferevent_setwatermark(bufferevent* bufev, short events, size_t lowmark, size_t highmark) {
  const Hold hold(bufev);
  hold->set_watermark(events, lowmark, highmark);
}

int bufferevent_getwatermark(bufferevent* bufev, short events, size_t* lowmark, size_t* highmark) {
  if (events != EV_READ && events != EV_WRITE) {
    return -1;
  }
  const Hold hold(bufev);
  const event_watermark& mark = events == EV_READ ? bufev->wm_read : bufev->wm_write;
  if (lowmark != nullptr) {
    *lowmark = mark.low;
  }
  if (highmark != nullptr) {
    *highmark = mark.high;
  }
  return 0;
}

// Limits of single calls

int bufferevent_set_max_single_read(bufferevent* bufev, size_t size) {
  const Hold hold(bufev);
  return status(hold->set_max_single(EV_READ, size));
}

int bufferevent_set_max_single_write(bufferevent* bufev, size_t size) {
  const Hold hold(bufev);
  return status(hold->set_max_single(EV_WRITE, size));
}

ev_ssize_t bufferevent_get_max_single_read(bufferevent* bufev) {
  const Hold hold(bufev);
  return static_cast<ev_ssize_t>(hold->max_single(EV_READ));
}

ev_ssize_t bufferevent_get_max_single_write(bufferevent* bufev) {
  const Hold hold(bufev);
  return static_cast<ev_ssize_t>(hold->max_single(EV_WRITE));
}

ev_ssize_t bufferevent_get_max_to_read(bufferevent* bufev) {
  const Hold hold(bufev);
  return static_cast<ev_ssize_t>(hold->reported_budget(EV_READ));
}

ev_ssize_t bufferevent_get_max_to_write(bufferevent* bufev) {
  const Hold hold(bufev);
  return static_cast<ev_ssize_t>(hold->reported_budget(EV_WRITE));
}

}  // extern "C"
