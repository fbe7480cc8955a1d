#include "bufferevent/hostname.h"

#include <cerrno>
#include <charconv>
#include <utility>

#include "bufferevent/connect.h"
#include "bufferevent/extras.h"
#include "bufferevent/hold.h"
#include "mem/create.h"
#include "util/resolve.h"

namespace relevent::bev {

// A look-up that runs. It holds a reference to its bufferevent.
struct NameLookup {
  explicit NameLookup(Core& its_core) : core(its_core) {}

  Core& core;
  void* request = nullptr;  // the resolver's
  bool given_up = false;    // the bufferevent has another one by now, or none
};

namespace {

constinit const relevent_resolver* g_resolver = nullptr;

// Connects, or reports the error.
void use_addresses(Core& core, int error, const evutil_addrinfo* addresses) {
  core.resume_write(kLookup);
  core.resume_read(kLookup);
  if (error != 0) {
    core.extras()->dns_error = error;
    core.run_event(BEV_EVENT_ERROR, errno);
  } else if (connect(core, addresses->ai_addr, addresses->ai_addrlen) != 0) {
    core.run_event(BEV_EVENT_ERROR, errno);
  }
}

void finish_lookup(int error, evutil_addrinfo* addresses, void* argument) {
  const mem::Owned<NameLookup> lookup(static_cast<NameLookup*>(argument));
  Core& core = lookup->core;
  {
    const Hold hold(core);
    core.release();
    if (!lookup->given_up) {
      core.extras()->lookup = nullptr;
      use_addresses(core, error, addresses);
    }
  }
  if (addresses != nullptr) {
    util::free_address_info(addresses);
  }
}

// By libc, which blocks.
void look_up_at_once(Core& core, const evutil_addrinfo& hints, const char* name,
                     const char* service) {
  addrinfo* addresses = nullptr;
  const int error = util::resolve(name, service, &hints, &addresses);
  use_addresses(core, error, addresses);
  if (addresses != nullptr) {
    util::free_address_info(addresses);
  }
}

}  // namespace

void set_resolver(const relevent_resolver* resolver) { g_resolver = resolver; }

int connect_hostname(Core& core, evdns_base* dns, const evutil_addrinfo& hints, const char* name,
                     int port) {
  const bool known_family =
      hints.ai_family == AF_INET || hints.ai_family == AF_INET6 || hints.ai_family == AF_UNSPEC;
  if (!known_family || port < 1 || port > 65535 || (dns != nullptr && g_resolver == nullptr) ||
      core.make_extras() == nullptr) {
    return -1;
  }
  mem::Owned<NameLookup> lookup;
  if (dns != nullptr) {
    lookup.reset(mem::create<NameLookup>(core));
    if (!lookup) {
      return -1;
    }
  }
  char service[8] = {};
  std::to_chars(service, service + sizeof service - 1, port);
  cancel_lookup(core);
  core.extras()->dns_error = 0;
  core.suspend_write(kLookup);
  core.suspend_read(kLookup);
  if (!lookup) {
    look_up_at_once(core, hints, name, service);
    return 0;
  }
  core.acquire();
  NameLookup* const running = core.extras()->lookup = lookup.release();
  // Null: the answer was there at once, and has been dealt with.
  if (void* const request = g_resolver->look_up(dns, name, service, &hints, finish_lookup, running);
      request != nullptr) {
    running->request = request;
  }
  return 0;
}

void cancel_lookup(Core& core) {
  if (core.extras() == nullptr) {
    return;
  }
  if (NameLookup* const lookup = std::exchange(core.extras()->lookup, nullptr); lookup != nullptr) {
    lookup->given_up = true;
    g_resolver->cancel(lookup->request);
  }
}

void end_lookup(Core& core) {
  cancel_lookup(core);
  core.resume_write(kLookup);
  core.resume_read(kLookup);
}

void replace_lookup(Core& core) {
  if (core.extras() != nullptr) {
    core.extras()->dns_error = core.extras()->lookup != nullptr ? EVUTIL_EAI_CANCEL : 0;
    end_lookup(core);
  }
}

int dns_error(const Core& core) { return core.extras() != nullptr ? core.extras()->dns_error : 0; }

}  // namespace relevent::bev
