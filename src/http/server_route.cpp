// Who answers a request: virtual hosts and paths.
#include <cstring>

#include "http/encoding.h"
#include "http/server.h"
#include "http/text.h"
#include "http/uri.h"
#include "surface/log.h"

namespace relevent::http {

namespace {

// Whether a name matches a pattern, in which '*' stands for any characters; without case.
bool matches(std::string_view pattern, std::string_view name) {
  // Where to try again if what follows the last star does not match: there with one more character.
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_name = 0;
  std::size_t i = 0;
  while (i < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      star_name = i;
    } else if (at < pattern.size() && to_lower(pattern[at]) == to_lower(name[i])) {
      ++at;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++star_name;
    } else {
      return false;
    }
  }
  // Compat: a star at the end matches nothing at all (http_server_test.cpp).
  return at == pattern.size() && (pattern.empty() || pattern.back() != '*');
}

}  // namespace

int Server::add_callback(const char* path, void (*callback)(evhttp_request*, void*),
                         void* argument) {
  bool taken = false;
  callbacks_.for_each([&](const PathCallback& other) {
    taken = taken || std::strcmp(other.path.get(), path) == 0;
  });
  if (taken) {
    return -1;
  }
  Owned<PathCallback> entry(create<PathCallback>());
  OwnedString copy(duplicate_string(path));
  if (!entry || !copy) {
    return -2;
  }
  entry->path = std::move(copy);
  entry->length = std::strlen(path);
  entry->callback = callback;
  entry->argument = argument;
  callbacks_.push_back(*entry.release());
  return 0;
}

bool Server::remove_callback(const char* path) {
  for (PathCallback* entry = callbacks_.front(); entry != nullptr; entry = entry->next) {
    if (std::strcmp(entry->path.get(), path) == 0) {
      callbacks_.remove(*entry);
      destroy(entry);
      return true;
    }
  }
  return false;
}

bool Server::add_virtual_host(const char* pattern, Server& host) {
  if (host.parent_ != nullptr || !host.sockets_.empty()) {
    return false;
  }
  for (const Server* outer = this; outer != nullptr; outer = outer->parent_) {
    if (outer == &host) {
      event_warnx("evhttp_add_virtual_host: a server cannot be a virtual host of its own");
      return false;
    }
  }
  host.pattern_.reset(duplicate_string(pattern));
  if (!host.pattern_) {
    return false;
  }
  host.parent_ = this;
  hosts_.push_back(host);
  return true;
}

// Compat: whoever it is a virtual host of (http_server_test.cpp).
bool Server::remove_virtual_host(Server& host) {
  if (host.parent_ == nullptr) {
    return false;
  }
  host.parent_->hosts_.remove(host);
  host.parent_ = nullptr;
  host.pattern_.reset();
  return true;
}

bool Server::add_alias(const char* name) {
  Owned<Alias> alias(create<Alias>());
  OwnedString copy(duplicate_string(name));
  if (!alias || !copy) {
    return false;
  }
  alias->name = std::move(copy);
  aliases_.push_back(*alias.release());
  return true;
}

bool Server::remove_alias(const char* name) {
  for (Alias* alias = aliases_.front(); alias != nullptr; alias = alias->next) {
    if (equal_ignore_case(alias->name.get(), std::string_view(name))) {
      aliases_.remove(*alias);
      destroy(alias);
      return true;
    }
  }
  return false;
}

bool Server::has_alias(const char* name) const {
  for (const Alias* alias = aliases_.front(); alias != nullptr; alias = alias->next) {
    if (equal_ignore_case(alias->name.get(), std::string_view(name))) {
      return true;
    }
  }
  return false;
}

// The server or virtual host, at any depth, that has this alias; or null.
Server* Server::find_alias(const char* name) {
  if (has_alias(name)) {
    return this;
  }
  for (Server* host = hosts_.front(); host != nullptr; host = host->next_host_) {
    if (Server* const found = host->find_alias(name); found != nullptr) {
      return found;
    }
  }
  return nullptr;
}

// The innermost virtual host whose pattern matches, and those of all around it; or null.
Server* Server::find_pattern(const char* name) {
  for (Server* host = hosts_.front(); host != nullptr; host = host->next_host_) {
    if (matches(host->pattern_.get(), name)) {
      Server* const inner = host->find_pattern(name);
      return inner != nullptr ? inner : host;
    }
  }
  return nullptr;
}

Server* Server::find_host(const char* name) {
  Server* const found = find_alias(name);
  return found != nullptr ? found : find_pattern(name);
}

Server& Server::host_for(Request& request) {
  if (hosts_.empty()) {
    return *this;
  }
  const char* const name = request.host();
  Server* const found = name != nullptr ? find_host(name) : nullptr;
  return found != nullptr ? *found : *this;
}

const PathCallback* Server::find_callback(const char* path) const {
  if (callbacks_.empty() || path == nullptr) {
    return nullptr;
  }
  std::string_view wanted = path;
  OwnedString decoded;
  if (wanted.find('%') != std::string_view::npos) {
    std::size_t length = 0;
    decoded = percent_decode(wanted, Plus::kNowhere, length);
    if (!decoded) {
      return nullptr;
    }
    wanted = {decoded.get(), length};
  }
  for (const PathCallback* entry = callbacks_.front(); entry != nullptr; entry = entry->next) {
    if (wanted == std::string_view(entry->path.get(), entry->length)) {
      return entry;
    }
  }
  return nullptr;
}

void Server::dispatch(Request& request) {
  Server& host = host_for(request);
  const char* const path = request.uri_elems != nullptr ? request.uri_elems->path() : nullptr;
  if (const PathCallback* const found = host.find_callback(path); found != nullptr) {
    found->callback(&request, found->argument);
  } else if (host.settings_.generic != nullptr) {
    host.settings_.generic(&request, host.settings_.generic_argument);
  } else {
    request.evcon->as_server()->send_not_found(request);
  }
}

}  // namespace relevent::http
