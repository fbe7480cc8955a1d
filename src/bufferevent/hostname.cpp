#include "bufferevent/hostname.h"

#include <cerrno>
#include <charconv>
#include <utility>

#include "bufferevent/connect.h"
#include "bufferevent/extras.h"
#include "bufferevent/hold.h"
#include "util/resolve.h"

namespace relevent::bev {
namespace {

constinit const relevent_resolver* g_resolver = nullptr;

// The end of a look-up: connects, or reports the error. Drops the reference that the look-up had.
void finish_lookup(int error, evutil_addrinfo* addresses, void* argument) {
  Core& core = *static_cast<Core*>(argument);
  {
    const Hold hold(core);
    core.release();
    if (error == EVUTIL_EAI_CANCEL) {
      return;  // by us: there may be another look-up by now
    }
    core.extras()->lookup = nullptr;
    core.resume_write(kLookup);
    core.resume_read(kLookup);
    if (error != 0) {
      core.extras()->dns_error = error;
      core.run_event(BEV_EVENT_ERROR, errno);
    } else if (connect(core, addresses->ai_addr, addresses->ai_addrlen) != 0) {
      core.run_event(BEV_EVENT_ERROR, errno);
    }
  }
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
  char service[8] = {};
  std::to_chars(service, service + sizeof service - 1, port);
  cancel_lookup(core);
  core.extras()->dns_error = 0;
  core.suspend_write(kLookup);
  core.suspend_read(kLookup);
  core.acquire();
  if (dns == nullptr) {
    addrinfo* addresses = nullptr;
    const int error = util::resolve(name, service, &hints, &addresses);
    finish_lookup(error, addresses, &core);
  } else {
    // Null: the answer was there at once, and has been dealt with.
    void* const request = g_resolver->look_up(dns, name, service, &hints, finish_lookup, &core);
    if (request != nullptr) {
      core.extras()->lookup = request;
    }
  }
  return 0;
}

void cancel_lookup(Core& core) {
  if (core.extras() == nullptr) {
    return;
  }
  if (void* const request = std::exchange(core.extras()->lookup, nullptr); request != nullptr) {
    g_resolver->cancel(request);
  }
}

void end_lookup(Core& core) {
  cancel_lookup(core);
  core.resume_write(kLookup);
  core.resume_read(kLookup);
}

int dns_error(const Core& core) { return core.extras() != nullptr ? core.extras()->dns_error : 0; }

}  // namespace relevent::bev
