#include "dns/lookup.h"

#include <algorithm>

#include "dns/quick_answer.h"

namespace relevent::dns {
namespace {

int lookup_error(int result) {
  switch (result) {
    case DNS_ERR_CANCEL:
      return EVUTIL_EAI_CANCEL;
    case DNS_ERR_NOTEXIST:
      return EVUTIL_EAI_NONAME;
    default:
      return EVUTIL_EAI_FAIL;
  }
}

}  // namespace

Lookup::Lookup(Resolver& resolver, const Wanted& wanted, evdns_getaddrinfo_cb callback,
               void* argument, bool outlives_resolver)
    : resolver_(resolver),
      wanted_(wanted),
      callback_(callback),
      argument_(argument),
      outlives_resolver_(outlives_resolver) {
  event_assign(&skew_, resolver.base(), -1, 0, on_skew, this);
}

Lookup::~Lookup() { event_debug_unassign(&skew_); }

evdns_getaddrinfo_request* Lookup::start(Resolver* resolver, const char* node, const char* service,
                                         const evutil_addrinfo* hints,
                                         evdns_getaddrinfo_cb callback, void* argument,
                                         bool outlives_resolver) {
  if (resolver == nullptr) {
    callback(EVUTIL_EAI_FAIL, nullptr, argument);
    return nullptr;
  }
  AddressList list;
  Wanted wanted = {};
  const int error = answer_without_query(*resolver, node, service, hints, wanted, list);
  if (error != kNeedsQuery) {
    callback(error, error == 0 ? list.take() : nullptr, argument);
    return nullptr;
  }
  Owned<evdns_getaddrinfo_request> lookup(relevent::create<evdns_getaddrinfo_request>(
      *resolver, wanted, callback, argument, outlives_resolver));
  bool started = false;
  if (lookup) {
    const SurfaceLockGuard guard(resolver->lock());
    started = lookup->ask_locked(node);
  }
  if (!started) {
    callback(lookup ? EVUTIL_EAI_FAIL : EVUTIL_EAI_MEMORY, nullptr, argument);
    return nullptr;
  }
  return lookup.release();
}

bool Lookup::ask_locked(const char* name) {
  constexpr struct {
    int family;
    std::uint16_t type;
  } kKinds[] = {{AF_INET, kTypeA}, {AF_INET6, kTypeAaaa}};
  name_.reset(duplicate_string(name));
  if (!name_) {
    return false;
  }
  for (int i = 0; i < 2; ++i) {
    if (wanted_.takes(kKinds[i].family)) {
      families_[i].request = resolver_.resolve(name, kKinds[i].type, 0, kReceiver, nullptr, this);
      pending_ += families_[i].request != nullptr ? 1 : 0;
    }
  }
  if (pending_ != 0) {
    resolver_.add_user_locked();
  }
  return pending_ != 0;
}

void Lookup::cancel() {
  const SurfaceLockGuard guard(resolver_.lock());
  canceled_ = true;
  error_ = EVUTIL_EAI_CANCEL;
  cancel_requests_locked();
  if (dropped_) {
    dropped_ = false;
    event_finalize(0, &skew_, on_finalized);
  }
}

void Lookup::cancel_requests_locked() {
  for (const Family& family : families_) {
    if (family.request != nullptr) {
      resolver_.cancel(*family.request);
    }
  }
}

void Lookup::on_delivered(Request& request) {
  auto& lookup = *static_cast<Lookup*>(request.argument);
  bool last = false;
  {
    const SurfaceLockGuard guard(lookup.resolver_.lock());
    lookup.take(request);
    last = --lookup.pending_ == 0;
    if (!last && !lookup.canceled_) {
      const timeval skew = to_timeval(lookup.resolver_.options().allow_skew);
      event_add(&lookup.skew_, &skew);
    }
  }
  if (last) {
    lookup.finish();
  }
}

void Lookup::take(Request& request) {
  Family& family = family_of(request);
  family.request = nullptr;
  Answer& answer = request.answer;
  if (canceled_ || answer.result == DNS_ERR_CANCEL) {
    return;
  }
  if (answer.result != DNS_ERR_NONE) {
    error_ = lookup_error(answer.result);
    family.answered = answer.result == DNS_ERR_NOTEXIST || answer.result == DNS_ERR_NODATA;
    return;
  }
  const bool is_v4 = request.query.type == kTypeA;
  const std::size_t size = is_v4 ? sizeof(in_addr) : sizeof(in6_addr);
  for (std::size_t at = 0; at < answer.data.size(); at += size) {
    if (!family.found.append(is_v4 ? AF_INET : AF_INET6, answer.data.data() + at, wanted_)) {
      error_ = EVUTIL_EAI_MEMORY;
      return;
    }
  }
  family.answered = true;
  ttl_ = ttl_ < 0 ? answer.ttl : std::min(ttl_, answer.ttl);
  if (!canonical_name_) {
    canonical_name_ = std::move(answer.cname);
  }
}

// The result. IPv4 first, whichever came first.
int Lookup::collect(AddressList& list) {
  const SurfaceLockGuard guard(resolver_.lock());
  silent_ = resolver_.silent() && !outlives_resolver_;
  if (canceled_) {
    return error_;
  }
  list.append(families_[0].found);
  list.append(families_[1].found);
  if (list.empty()) {
    return error_;
  }
  if ((wanted_.flags & EVUTIL_AI_CANONNAME) != 0 && canonical_name_ &&
      !list.set_canonical_name(canonical_name_.get())) {
    return EVUTIL_EAI_MEMORY;
  }
  if (resolver_.keeps_answers() && ttl_ > 0 && families_[0].answered && families_[1].answered) {
    resolver_.cache().write(name_.get(), list.front(), now() + ttl_ * kSecond);
  }
  return 0;
}

void Lookup::finish() {
  AddressList list;
  const int error = collect(list);  // from here on it is too late to cancel
  evutil_addrinfo* const found = error == 0 ? list.take() : nullptr;
  event_del(&skew_);
  if (!silent_) {
    callback_(error, found, argument_);
  } else if (found != nullptr) {
    evutil_freeaddrinfo(found);
  }
  // Only now, as the callback may cancel what has ended.
  Resolver& resolver = resolver_;
  destroy(static_cast<evdns_getaddrinfo_request*>(this));
  resolver.drop_user();
}

// The lock is held. A timer that waits for it finds nothing to cancel.
void Lookup::on_dropped(Request& request) {
  auto& lookup = *static_cast<Lookup*>(request.argument);
  lookup.family_of(request).request = nullptr;
  if (--lookup.pending_ != 0) {
    return;
  }
  if (!lookup.outlives_resolver_ || lookup.canceled_) {
    event_finalize(0, &lookup.skew_, on_finalized);
  } else {
    lookup.dropped_ = true;
  }
}

void Lookup::on_finalized(event*, void* argument) {
  auto* const lookup = static_cast<evdns_getaddrinfo_request*>(static_cast<Lookup*>(argument));
  Resolver& resolver = lookup->resolver_;
  if (lookup->outlives_resolver_) {
    lookup->callback_(EVUTIL_EAI_CANCEL, nullptr, lookup->argument_);
  }
  destroy(lookup);
  resolver.drop_user();
}

void Lookup::on_skew(evutil_socket_t, short, void* argument) {
  auto& lookup = *static_cast<Lookup*>(argument);
  const SurfaceLockGuard guard(lookup.resolver_.lock());
  lookup.cancel_requests_locked();
}

}  // namespace relevent::dns
