#include "dns/resolver.h"

#include <ctime>

#include "dns/log.h"

namespace relevent::dns {

Duration now() {
  timespec time = {};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * kSecond + time.tv_nsec / 1000;
}

Resolver::Resolver(event_base* base, int flags)
    : Shared(destroy_resolver), base_(base), flags_(flags) {
  event_assign(&timer_, base, -1, 0, on_timer, this);
}

Resolver::~Resolver() { SearchList::drop(search_list_); }

evdns_base* Resolver::create(event_base* base, int flags) {
  Owned<evdns_base> resolver(relevent::create<evdns_base>(base, flags));
  if (!resolver || !resolver->init_lock()) {
    return nullptr;
  }
  resolver->active_ = (flags & EVDNS_BASE_DISABLE_WHEN_INACTIVE) == 0;
  return resolver.release();
}

void Resolver::destroy_resolver(Shared* shared) {
  destroy(static_cast<evdns_base*>(static_cast<Resolver*>(shared)));
}

void Resolver::free(bool fail_requests) {
  {
    const SurfaceLockGuard guard(lock());
    closed_ = true;
    silent_ = !fail_requests;
    while (Request* const request = flights_.first()) {
      leave(*request);
      waiting_.push_front(*request);
    }
    while (Request* const request = waiting_.pop_front()) {
      if (fail_requests && !request->is_probe()) {
        deliver(*request, DNS_ERR_SHUTDOWN);
      } else {
        drop(*request);
      }
    }
    if (!fail_requests) {
      // Their callbacks may be about to run in the loop's thread: the finalizer waits for them.
      while (Request* const request = delivering_.pop_front()) {
        request->silent = true;
        if (request->receiver->drop != nullptr) {
          request->receiver->drop(*request);
        }
        event_finalize(0, &request->delivery, on_request_finalized);
      }
    }
    suspend();
    event_finalize(0, &timer_, on_timer_finalized);
  }
}

void Resolver::on_timer_finalized(event* ev, void* argument) {
  event_debug_unassign(ev);
  static_cast<Resolver*>(argument)->drop_user();
}

void Resolver::on_request_finalized(event* ev, void* argument) {
  event_debug_unassign(ev);
  auto* const request = static_cast<evdns_request*>(argument);
  Resolver& resolver = request->resolver;
  destroy(request);
  resolver.drop_user();
}

evdns_request* Resolver::resolve(const char* name, std::uint16_t type, int flags,
                                 const Request::Receiver& receiver, evdns_callback_type callback,
                                 void* argument) {
  log_debug("Resolve requested for %s", name);
  Owned<evdns_request> request(relevent::create<evdns_request>(*this));
  if (!request) {
    return nullptr;
  }
  request->receiver = &receiver;
  request->callback = callback;
  request->argument = argument;
  request->flags = flags;
  request->query.type = type;
  const bool searches = search_list_ != nullptr && (flags & DNS_QUERY_NO_SEARCH) == 0;
  if (!searches) {
    if (!request->query.build(name, type, static_cast<std::size_t>(options_.edns_size))) {
      return nullptr;
    }
  } else {
    request->name.reset(duplicate_string(name));
    request->ndots = options_.ndots;
    request->search_list = search_list_;
    search_list_->hold();
    if (*name == '\0' || !request->name || !build_candidate(*request)) {
      return nullptr;
    }
  }
  event_assign(&request->delivery, base_, -1, 0, on_delivery, request.get());
  add_user_locked();
  request->stage = Request::Stage::kWaiting;
  waiting_.push_back(*request);
  evdns_request* const started = request.release();
  start_waiting();
  return started;
}

// The first candidate from request.candidate on that makes a query. False when there is none.
bool Resolver::build_candidate(Request& request) {
  const Search search = request.search();
  for (; request.candidate < search.count(); ++request.candidate) {
    NameText name;
    if (search.candidate(request.candidate, name) &&
        request.query.build(name.text, request.query.type,
                            static_cast<std::size_t>(options_.edns_size))) {
      return true;
    }
  }
  return false;
}

void Resolver::start_waiting() {
  while (!waiting_.empty() && flights_.count() - probes_ < options_.max_inflight) {
    Nameserver* const server = pick();
    if (server == nullptr) {
      break;
    }
    Request& request = *waiting_.pop_front();
    request.over_tcp = options_.use_tcp || (request.flags & DNS_QUERY_USEVC) != 0;
    request.was_truncated = false;
    request.transmissions = 0;
    request.unsent_for = 0;
    request.exact_case = options_.randomize_case && !server->folds_case;
    if (request.exact_case) {
      request.query.randomize_case();
    }
    if (server->without_edns) {
      request.query.drop_edns();
    }
    flights_.add(request);
    transmit(request, *server);
  }
  update_activity();
}

// Out of the flights or the queue.
void Resolver::leave(Request& request) {
  if (request.stage == Request::Stage::kInFlight) {
    flights_.remove(request);
    if (request.is_probe()) {
      request.server->probe = nullptr;
      --probes_;
    }
  } else if (request.stage == Request::Stage::kWaiting) {
    waiting_.remove(request);
  }
  request.stage = Request::Stage::kNew;
}

void Resolver::finish(Request& request, int result) {
  if (request.is_probe()) {
    end_probe(request, result);
    return;
  }
  leave(request);
  const bool final = result == DNS_ERR_NONE || result == DNS_ERR_TIMEOUT ||
                     result == DNS_ERR_SERVERFAILED || result == DNS_ERR_TRUNCATED;
  ++request.candidate;
  if (!final && request.search_list != nullptr && build_candidate(request)) {
    request.stage = Request::Stage::kWaiting;
    waiting_.push_front(request);
  } else {
    deliver(request, result);
  }
  start_waiting();
}

void Resolver::cancel(Request& request) {
  if (request.stage == Request::Stage::kDelivering) {
    return;
  }
  leave(request);
  request.answer.clear();
  deliver(request, DNS_ERR_CANCEL);
  start_waiting();
}

// The request is in no list.
void Resolver::deliver(Request& request, int result) {
  request.answer.result = result;
  request.stage = Request::Stage::kDelivering;
  // It is shared, and the request ends without the lock.
  SearchList::drop(std::exchange(request.search_list, nullptr));
  delivering_.push_back(request);
  event_active(&request.delivery, EV_TIMEOUT, 1);
}

// Ends a request that is in no list without telling its receiver's user.
void Resolver::drop(Request& request) {
  const bool counted = !request.is_probe();
  if (counted && request.receiver->drop != nullptr) {
    request.receiver->drop(request);
  }
  event_debug_unassign(&request.delivery);
  destroy(static_cast<evdns_request*>(&request));
  if (counted) {
    drop_user();
  }
}

void Resolver::on_delivery(evutil_socket_t, short, void* argument) {
  auto* const request = static_cast<evdns_request*>(argument);
  Resolver& resolver = request->resolver;
  {
    const SurfaceLockGuard guard(resolver.lock());
    if (request->silent) {
      return;  // freed by its finalizer
    }
    resolver.delivering_.remove(*request);
  }
  request->receiver->deliver(*request);
  event_debug_unassign(&request->delivery);
  destroy(request);
  resolver.drop_user();
}

}  // namespace relevent::dns
