#include "dns/resolv_conf.h"

#include <unistd.h>

#include "dns/file.h"
#include "dns/log.h"

namespace relevent::dns {
namespace {

constexpr const char* kHostsFile = "/etc/hosts";

void take_nameserver(Resolver& resolver, char* line) {
  const char* const word = next_word(line);
  Address address;
  if (word == nullptr) {
    return;
  }
  if (parse_address(word, kDnsPort, address)) {
    resolver.add_nameserver(address);
  } else {
    log_warning("Unable to parse nameserver address %s", word);
  }
}

// A line `search` or `domain`: takes the place of those before.
bool take_domains(Resolver& resolver, char* line, bool only_first) {
  const char* domain = next_word(line);
  if (domain == nullptr) {
    return true;
  }
  resolver.clear_search_domains();
  do {
    if (!resolver.add_search_domain(domain, false)) {
      return false;
    }
    domain = only_first ? nullptr : next_word(line);
  } while (domain != nullptr);
  return true;
}

void take_options(Resolver& resolver, char* line, int groups) {
  while (const char* const option = next_word(line)) {
    const char* const colon = std::strchr(option, ':');
    if (!resolver.set_option(option, colon != nullptr ? colon + 1 : "", groups)) {
      log_debug("Option %s is malformed", option);
    }
  }
}

// Without a line in the file, the search list is the domain of this host's name.
bool take_host_domain(Resolver& resolver) {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0) {
    return true;
  }
  const char* const dot = std::strchr(name, '.');
  return dot == nullptr || resolver.add_search_domain(dot, false);
}

int add_defaults(Resolver& resolver, int groups, bool has_domains) {
  if ((groups & DNS_OPTION_SEARCH) != 0 && !has_domains && !take_host_domain(resolver)) {
    return EVDNS_ERROR_OUT_OF_MEMORY;
  }
  const bool wants_nameserver =
      (groups & DNS_OPTION_NAMESERVERS) != 0 && (groups & DNS_OPTION_NAMESERVERS_NO_DEFAULT) == 0;
  if (!wants_nameserver || resolver.count_nameservers() != 0) {
    return EVDNS_ERROR_NONE;
  }
  Address localhost;
  return parse_address("127.0.0.1", kDnsPort, localhost) && resolver.add_nameserver(localhost) == 0
             ? EVDNS_ERROR_NO_NAMESERVERS_CONFIGURED
             : EVDNS_ERROR_OUT_OF_MEMORY;
}

}  // namespace

int parse_resolv_conf(Resolver& resolver, int groups, char* text) {
  bool has_domains = false;
  while (char* line = next_line(text)) {
    const char* const keyword = next_word(line);
    if (keyword == nullptr || *keyword == '#' || *keyword == ';') {
      continue;
    }
    const bool is_domain = std::strcmp(keyword, "domain") == 0;
    if (std::strcmp(keyword, "nameserver") == 0) {
      if ((groups & DNS_OPTION_NAMESERVERS) != 0) {
        take_nameserver(resolver, line);
      }
    } else if (is_domain || std::strcmp(keyword, "search") == 0) {
      has_domains = true;
      if ((groups & DNS_OPTION_SEARCH) != 0 && !take_domains(resolver, line, is_domain)) {
        return EVDNS_ERROR_OUT_OF_MEMORY;
      }
    } else if (std::strcmp(keyword, "options") == 0) {
      take_options(resolver, line, groups);
    }
  }
  return add_defaults(resolver, groups, has_domains);
}

int load_resolv_conf(Resolver& resolver, int groups, const char* path) {
  log_debug("Parsing resolv.conf file %s", path);
  if ((groups & DNS_OPTION_HOSTSFILE) != 0) {
    resolver.hosts().load(kHostsFile);
  }
  GrowArray<char> content;
  const int error = read_file(path, content);
  if (error == EVDNS_ERROR_NONE) {
    return parse_resolv_conf(resolver, groups, content.data());
  }
  // Compat: for what is no file there are no defaults (dns_resolv_conf_test.cpp).
  if (error == EVDNS_ERROR_FAILED_TO_OPEN_FILE) {
    add_defaults(resolver, groups, false);
  }
  return error;
}

}  // namespace relevent::dns
