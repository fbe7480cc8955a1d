// Nameservers and options of a resolver.
#include "dns/log.h"
#include "dns/resolver.h"

namespace relevent::dns {
namespace {

constexpr int kErrorMemory = -1;
constexpr int kErrorDuplicate = 3;

}  // namespace

// A nameserver on this host is not asked from an address of the outside (dns_config_test.cpp).
const Address* Resolver::local_address(const Address& server) const {
  const bool fits = options_.has_local && options_.local.family() == server.family();
  return fits && !server.is_loopback() ? &options_.local : nullptr;
}

bool Resolver::set_option(const char* name, const char* value, int groups) {
  Options changed = options_;
  if (!changed.set(name, value, groups)) {
    return false;
  }
  options_ = changed;
  start_waiting();
  return true;
}

bool Resolver::add_search_domain(const char* domain, bool in_front) {
  Owned<SearchList> empty;
  const SearchList* from = search_list_;
  if (from == nullptr) {
    empty.reset(SearchList::create());
    from = empty.get();
  }
  SearchList* const list = from != nullptr ? from->with(domain, in_front) : nullptr;
  if (list == nullptr) {
    return false;
  }
  SearchList::drop(search_list_);
  search_list_ = list;
  return true;
}

void Resolver::clear_search_domains() {
  SearchList::drop(search_list_);
  search_list_ = nullptr;
}

int Resolver::add_nameserver(const Address& address) {
  if (const Nameserver* server = ring_; server != nullptr) {
    do {
      if (server->address == address) {
        log_debug("Duplicate nameserver.");
        return kErrorDuplicate;
      }
      server = server->next;
    } while (server != ring_);
  }
  int error = 0;
  Nameserver* const server = Nameserver::create(*this, address, error);
  if (server == nullptr) {
    return error;
  }
  if (active_ && !server->listen(true)) {
    server->retire();
    return kErrorMemory;
  }
  log_debug("Added nameserver %s", address.text().text);
  if (ring_ == nullptr) {
    ring_ = server->next = server->previous = server;
  } else {
    // Compat: behind the first, not at the end (dns_nameserver_test.cpp).
    server->next = ring_->next;
    server->previous = ring_;
    server->next->previous = ring_->next = server;
  }
  return 0;
}

int Resolver::count_nameservers() const {
  int count = 0;
  if (const Nameserver* server = ring_; server != nullptr) {
    do {
      ++count;
      server = server->next;
    } while (server != ring_);
  }
  return count;
}

Nameserver* Resolver::nameserver(int index) const {
  if (index < 0 || index >= count_nameservers()) {
    return nullptr;
  }
  Nameserver* server = ring_;
  for (; index > 0; --index) {
    server = server->next;
  }
  return server;
}

void Resolver::suspend() {
  RequestList grounded;
  while (Request* const request = flights_.first()) {
    const bool is_probe = request->is_probe();
    leave(*request);
    if (is_probe) {
      drop(*request);
    } else {
      request->stage = Request::Stage::kWaiting;
      request->server = nullptr;
      grounded.push_back(*request);
    }
  }
  grounded.splice_back(waiting_);
  waiting_.splice_back(grounded);
  if (Nameserver* server = std::exchange(ring_, nullptr); server != nullptr) {
    server->previous->next = nullptr;
    while (server != nullptr) {
      Nameserver* const following = server->next;
      server->retire();
      server = following;
    }
  }
  update_activity();
}

}  // namespace relevent::dns
