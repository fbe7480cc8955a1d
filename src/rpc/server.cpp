#include "rpc/server.h"

#include "rpc/server_call.h"

namespace relevent::rpc {

OwnedString make_path(const char* name) {
  constexpr char kPrefix[] = "/.rpc.";
  constexpr std::size_t kPrefixLength = sizeof(kPrefix) - 1;
  const std::size_t name_size = std::strlen(name) + 1;
  OwnedString path(static_cast<char*>(relevent_allocate(kPrefixLength + name_size)));
  if (path != nullptr) {
    std::memcpy(path.get(), kPrefix, kPrefixLength);
    std::memcpy(path.get() + kPrefixLength, name, name_size);
  }
  return path;
}

void destroy_rpc(evrpc& rpc) {
  relevent_release(const_cast<char*>(rpc.uri));
  relevent_release(&rpc);
}

Registration::~Registration() {
  if (rpc_ != nullptr) {
    destroy_rpc(*rpc_);
  }
}

void Server::free() {
  freed_ = true;
  while (Registration* const registration = registrations_.front()) {
    remove(*registration);
  }
  hooks.clear();
  while (const Paused* const paused = hooks.first_paused()) {
    hooks.resume(paused->call, false);
  }
  release();
}

bool Server::add(evrpc& rpc) {
  OwnedString path = make_path(rpc.uri);
  if (path == nullptr) {
    return false;
  }
  Owned<Registration> made(create<Registration>(*this, std::move(path)));
  if (made == nullptr || evhttp_set_cb(http_, made->path(), ServerCall::receive, made.get()) != 0) {
    return false;
  }
  Registration* const registration = made.release();
  registration->rpc_ = &rpc;
  rpc.base = this;
  registrations_.push_back(*registration);
  return true;
}

bool Server::remove(const char* name) {
  for (Registration* registration = registrations_.front(); registration != nullptr;
       registration = registrations_.next(*registration)) {
    if (std::strcmp(registration->rpc().uri, name) == 0) {
      remove(*registration);
      return true;
    }
  }
  return false;
}

void Server::remove(Registration& registration) {
  evhttp_del_cb(http_, registration.path());
  registrations_.remove(registration);
  registration.rpc().base = nullptr;
  registration.release();
}

}  // namespace relevent::rpc
