// resolv.conf and hosts: any text must be read without harm. The first byte chooses which of them,
// and the groups of resolv.conf.
#include <event2/event.h>

#include <string>

#include "dns/resolv_conf.h"

using namespace relevent::dns;

namespace {

// The hosts file is read by its name, so that group is left out.
constexpr int kGroups = DNS_OPTION_SEARCH | DNS_OPTION_NAMESERVERS | DNS_OPTION_MISC |
                        DNS_OPTION_NAMESERVERS_NO_DEFAULT;

void read_hosts(std::string& text) {
  Hosts hosts;
  static_cast<void>(hosts.load_text(text.data()));
  hosts.find("localhost", [](const Address& address) { return address.family() != 0; });
}

void read_resolv_conf(std::string& text, int groups) {
  static event_base* const base = event_base_new();
  evdns_base* const resolver = Resolver::create(base, 0);
  {
    const relevent::SurfaceLockGuard guard(resolver->lock());
    parse_resolv_conf(*resolver, groups, text.data());
    resolver->count_nameservers();
  }
  resolver->free(false);
  event_base_loop(base, EVLOOP_NONBLOCK);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 1) != 0) {
    read_hosts(text);
  } else {
    event_set_log_callback([](int, const char*) {});
    read_resolv_conf(text, data[0] & kGroups);
  }
  return 0;
}
