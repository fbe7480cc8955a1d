#include "buffer/evbuffer.h"

#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

using relevent::buffer::Evbuffer;
using relevent::buffer::g_owner_hooks;
using relevent::buffer::OwnerHooks;

namespace {

struct FreeBuffer {
  void operator()(evbuffer* buffer) const { buffer->free(); }
};
using Buffer = std::unique_ptr<evbuffer, FreeBuffer>;

struct Pair {
  Pair() { REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0); }
  ~Pair() {
    close(ends[0]);
    close(ends[1]);
  }
  void send(std::size_t count) {
    const std::string text(count, 'x');
    REQUIRE(::write(ends[1], text.data(), count) == static_cast<ssize_t>(count));
  }
  int ends[2] = {-1, -1};
};

// Stands for a bufferevent.
struct Owner {
  Owner() {
    g_owner_hooks = {
        [](evbuffer& part) { ++of(part).references; },
        [](evbuffer& part) { --of(part).references; },
        [](evbuffer&, std::size_t, std::size_t) {},
        [](evbuffer& part, std::size_t added, std::size_t removed) {
          of(part).changes.push_back(static_cast<long>(added) - static_cast<long>(removed));
        },
    };
  }
  ~Owner() { g_owner_hooks = OwnerHooks(); }
  static Owner& of(evbuffer& part) { return reinterpret_cast<Owner&>(part); }

  evbuffer buffer{Evbuffer::Place::kOutput};
  int references = 1;
  std::vector<long> changes;
};

}  // namespace

TEST_CASE("buffer: the owner hears of every change before the user does") {
  Owner owner;
  evbuffer* const buffer = &owner.buffer;
  buffer->add_callback([](evbuffer*, const evbuffer_cb_info*,
                          void* arg) { static_cast<Owner*>(arg)->changes.push_back(100); },
                       &owner);
  CHECK(buffer->add("de", 2));
  CHECK(buffer->add("", 0));
  CHECK(buffer->drain(1));
  CHECK(owner.changes == std::vector<long>{2, 100, -1, 100});
}

TEST_CASE("buffer: a deferred callback that is due keeps the owner") {
  Owner owner;
  event_base* const base = event_base_new();
  evbuffer* const buffer = &owner.buffer;
  REQUIRE(buffer->defer_callbacks(base));
  int calls = 0;
  buffer->add_callback(
      [](evbuffer*, const evbuffer_cb_info*, void* arg) { ++*static_cast<int*>(arg); }, &calls);
  CHECK(buffer->add("abc", 3));
  CHECK(buffer->add("def", 3));
  CHECK(owner.references == 2);
  event_base_loop(base, EVLOOP_NONBLOCK);
  CHECK(calls == 1);
  CHECK(owner.references == 1);
  event_base_free(base);
}

TEST_CASE("buffer: a part of a bufferevent lives in that one's memory") {
  const Owner owner;
  alignas(evbuffer) unsigned char memory[sizeof(evbuffer)];
  auto* const buffer = ::new (memory) evbuffer(Evbuffer::Place::kInput);
  bool cleaned = false;
  REQUIRE(buffer->add_reference(
      {"abc", 3, [](const void*, std::size_t, void* arg) { *static_cast<bool*>(arg) = true; },
       &cleaned},
      0));
  buffer->free();
  CHECK(cleaned);
  buffer->~evbuffer();
}

TEST_CASE("buffer: reads grow with what comes, and shrink again") {
  const Pair pair;
  const Buffer buffer(evbuffer::create());
  const auto read_all = [&] {
    const auto result = buffer->read_locked(pair.ends[0], 1 << 20);
    REQUIRE(result.ok());
    buffer->drain(*result);
    return *result;
  };
  Pair& sender = const_cast<Pair&>(pair);
  sender.send(150000);
  const std::size_t first = read_all();
  CHECK(first >= 3000);
  CHECK(first <= 4096);
  CHECK(read_all() > first * 3);
  std::size_t largest = 0;
  while (true) {
    const auto result = buffer->read_locked(pair.ends[0], 1 << 20);
    if (!result.ok()) {
      CHECK(result.error() == EAGAIN);
      break;
    }
    largest = std::max(largest, *result);
    buffer->drain(*result);
  }
  CHECK(largest > 60000);
  for (int i = 0; i < 10; ++i) {
    sender.send(20);
    CHECK(read_all() == 20);
  }
  sender.send(20000);
  CHECK(read_all() < 1000);
}

TEST_CASE("buffer: a read never exceeds its limit") {
  Pair pair;
  const Buffer buffer(evbuffer::create());
  pair.send(10000);
  for (const std::size_t limit : {1u, 10u, 500u, 3000u, 6000u}) {
    const auto result = buffer->read_locked(pair.ends[0], limit);
    REQUIRE(result.ok());
    CHECK(*result > 0);
    CHECK(*result <= limit);
  }
}

TEST_CASE("buffer: a freeze holds for users, not for the owner's transfers") {
  Pair pair;
  const Buffer buffer(evbuffer::create());
  pair.send(10);
  buffer->freeze(false, true);
  buffer->freeze(true, true);
  CHECK(*buffer->read_locked(pair.ends[0], 100) == 10);
  CHECK(*buffer->write_locked(pair.ends[0], 4) == 4);
  CHECK(buffer->length() == 6);
  CHECK(*buffer->write_locked(pair.ends[0], 0) == 0);
}
