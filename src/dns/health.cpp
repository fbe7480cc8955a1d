// Which nameserver is asked; those that fail, and come back; the timer of the resolver.
#include <algorithm>

#include "dns/log.h"
#include "dns/resolver.h"

namespace relevent::dns {
namespace {

// Compat: what a nameserver is probed with; any answer that is not a refusal will do.
constexpr const char* kProbeName = "google.com";

}  // namespace

// The next one of the ring that is up; if none is, the next one. Null if there is none.
Nameserver* Resolver::pick() {
  if (ring_ == nullptr) {
    return nullptr;
  }
  Nameserver* server = ring_;
  do {
    if (server->up) {
      break;
    }
    server = server->next;
  } while (server != ring_);
  ring_ = server->next;
  return server;
}

bool Resolver::any_up() const {
  const Nameserver* server = ring_;
  do {
    if (server->up) {
      return true;
    }
    server = server->next;
  } while (server != ring_);
  return false;
}

void Resolver::server_answered(Nameserver& server) {
  server.timeouts = 0;
  if (server.up) {
    return;
  }
  log_message("Nameserver %s is back up", server.address.text().text);
  server.up = true;
  server.failures = 0;
}

void Resolver::server_failed(Nameserver& server, const char* why) {
  if (!server.up) {
    return;
  }
  log_message("Nameserver %s has failed: %s", server.address.text().text, why);
  server.up = false;
  server.timeouts = 0;
  server.failures = 0;
  server.probe_at = now() + options_.initial_probe_timeout;
  if (!any_up()) {
    log_message("All nameservers have failed");
  }
  update_timer();
}

void Resolver::send_probe(Nameserver& server) {
  Owned<evdns_request> probe(relevent::create<evdns_request>(*this));
  if (!probe || !probe->query.build(kProbeName, kTypeA, 0)) {
    server.probe_at = now() + options_.initial_probe_timeout;
    return;
  }
  server.probe = probe.release();
  ++probes_;
  if (options_.randomize_case && !server.folds_case) {
    server.probe->exact_case = true;
    server.probe->query.randomize_case();
  }
  flights_.add(*server.probe);
  transmit(*server.probe, server);
}

// The interval grows with each probe in a row that fails.
void Resolver::end_probe(Request& probe, int result) {
  Nameserver& server = *probe.server;
  leave(probe);
  drop(probe);
  if (result == DNS_ERR_NONE || result == DNS_ERR_NOTEXIST || result == DNS_ERR_NODATA ||
      result == DNS_ERR_TRUNCATED) {
    server_answered(server);
  } else if (!server.up) {
    const Duration most = std::max(options_.max_probe_timeout, options_.initial_probe_timeout);
    Duration interval = options_.initial_probe_timeout;
    ++server.failures;
    for (int i = 0; i < server.failures && interval < most; ++i) {
      interval *= options_.probe_backoff_factor;
    }
    server.probe_at = now() + std::min(interval, most);
  }
  update_timer();
}

// 0 if nothing is to be waited for.
Duration Resolver::next_deadline() const {
  const Request* const first = flights_.first();
  Duration next = first != nullptr ? std::max<Duration>(first->deadline, 1) : 0;
  if (const Nameserver* server = ring_; server != nullptr) {
    do {
      if (!server->up && server->probe == nullptr && (next == 0 || server->probe_at < next)) {
        next = server->probe_at;
      }
      server = server->next;
    } while (server != ring_);
  }
  return next;
}

// A deadline that moved to a later time is found when the timer fires.
void Resolver::update_timer() {
  const Duration next = active_ && !closed_ ? next_deadline() : 0;
  if (next == 0) {
    if (timer_deadline_ != 0) {
      event_del_noblock(&timer_);  // it may wait for the lock in another thread
      timer_deadline_ = 0;
    }
  } else if (timer_deadline_ == 0 || next < timer_deadline_) {
    const timeval wait = to_timeval(std::max<Duration>(next - now(), 0));
    timer_deadline_ = event_add(&timer_, &wait) == 0 ? next : 0;
  }
}

void Resolver::on_timer(evutil_socket_t, short, void* argument) {
  auto& resolver = *static_cast<Resolver*>(argument);
  const SurfaceLockGuard guard(resolver.lock());
  if (resolver.closed_) {
    return;
  }
  resolver.timer_deadline_ = 0;
  const Duration time = now();
  // What is sent anew has a later deadline, but for what could not be sent: that is for the next
  // time.
  for (int left = resolver.flights_.count(); left > 0; --left) {
    Request* const request = resolver.flights_.first();
    if (request == nullptr || request->deadline > time) {
      break;
    }
    resolver.expire(*request);
  }
  if (Nameserver* const first = resolver.ring_; first != nullptr) {
    Nameserver* server = first;
    do {
      if (!server->up && server->probe == nullptr && server->probe_at <= time) {
        resolver.send_probe(*server);
      }
      server = server->next;
    } while (server != first);
  }
  resolver.update_timer();
}

// With EVDNS_BASE_DISABLE_WHEN_INACTIVE nothing keeps the loop running unless a request is in
// flight.
void Resolver::update_activity() {
  const bool active =
      (flags_ & EVDNS_BASE_DISABLE_WHEN_INACTIVE) == 0 || flights_.count() > probes_;
  if (active != active_) {
    active_ = active;
    if (Nameserver* server = ring_; server != nullptr) {
      do {
        server->listen(active);
        server = server->next;
      } while (server != ring_);
    }
  }
  update_timer();
}

}  // namespace relevent::dns
