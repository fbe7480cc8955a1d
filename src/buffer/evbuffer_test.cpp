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

#include "buffer/lent_chain.h"

using relevent::buffer::Chain;
using relevent::buffer::Content;
using relevent::buffer::Evbuffer;
using relevent::buffer::g_owner_hooks;
using relevent::buffer::LentChain;
using relevent::buffer::OwnerHooks;
using relevent::buffer::ReadRoom;
using relevent::mem::SpareBlock;

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

TEST_CASE("buffer: what was read stays in the lent chain or in one that fits") {
  Pair pair;
  for (const std::size_t size : {1u, 600u, 16000u, 32000u, 33000u, 60000u}) {
    CAPTURE(size);
    const bool is_large = size > 32768;
    SpareBlock spare;
    const Buffer buffer(evbuffer::create());
    const Chain* lender = nullptr;
    pair.send(size);
    {
      const LentChain lent(spare);
      lender = lent.get();
      REQUIRE(*buffer->read_locked(pair.ends[0], 1 << 20, lent.get()) == size);
      CHECK(lender->users == (is_large ? 2 : 1));
    }
    // Who kept it has it alone, so that more can follow in it; the next reader gets another one.
    const LentChain next(spare);
    CHECK((next.get() == lender) == !is_large);
    REQUIRE(buffer->add("end", 3));
    CHECK(buffer->contiguous() == size + 3);
    CHECK(std::string(reinterpret_cast<char*>(buffer->pullup(-1)), size + 3) ==
          std::string(size, 'x') + "end");
  }
}

TEST_CASE("buffer: a lent chain that was drained is lent again") {
  Pair pair;
  SpareBlock spare;
  const Buffer buffer(evbuffer::create());
  const Chain* first = nullptr;
  for (int i = 0; i < 3; ++i) {
    const LentChain lent(spare);
    first = i == 0 ? lent.get() : first;
    CHECK(lent.get() == first);
    pair.send(40000);
    REQUIRE(*buffer->read_locked(pair.ends[0], 1 << 20, lent.get()) == 40000);
    buffer->drain(40000);
  }
}

TEST_CASE("buffer: a read fills the last chain and goes on in the lent one") {
  Pair pair;
  SpareBlock spare;
  const LentChain lent(spare);
  const Buffer buffer(evbuffer::create());
  REQUIRE(buffer->add("start", 5));
  pair.send(40000);
  REQUIRE(*buffer->read_locked(pair.ends[0], 1 << 20, lent.get()) == 40000);
  CHECK(buffer->contiguous() > 5);
  CHECK(lent.get()->users == 2);
  CHECK(std::string(reinterpret_cast<char*>(buffer->pullup(-1)), 40005) ==
        "start" + std::string(40000, 'x'));
}

TEST_CASE("buffer: a read loses nothing if there is no memory to copy a little of it") {
  Pair pair;
  SpareBlock spare;
  const LentChain lent(spare);
  const Buffer buffer(evbuffer::create());
  pair.send(100);
  relevent::mem::set_hooks([](std::size_t) -> void* { return nullptr; }, nullptr, nullptr);
  const auto result = buffer->read_locked(pair.ends[0], 1 << 20, lent.get());
  relevent::mem::set_hooks(nullptr, nullptr, nullptr);
  REQUIRE(result.ok());
  CHECK(lent.get()->users == 2);
  CHECK(std::string(reinterpret_cast<char*>(buffer->pullup(-1)), 100) == std::string(100, 'x'));
}

TEST_CASE("buffer: room that appears during a read holds none of what was read") {
  Content content;
  Content sharer;  // of another thread, say
  REQUIRE(content.append("start", 5));
  REQUIRE(sharer.append_shared(content));
  ReadRoom room;
  REQUIRE(content.prepare_read(100, nullptr, room));
  REQUIRE(room.count == 1);
  sharer.clear();
  std::memset(room.pieces[0].iov_base, 'x', 100);
  content.finish_read(room, 100);
  CHECK(std::string(reinterpret_cast<char*>(content.pullup(105)), 105) ==
        "start" + std::string(100, 'x'));
}

TEST_CASE("buffer: a read never exceeds its limit") {
  Pair pair;
  const Buffer buffer(evbuffer::create());
  pair.send(10000);
  for (const std::size_t limit : {1u, 10u, 500u, 3000u, 6000u}) {
    const auto result = buffer->read_locked(pair.ends[0], limit, nullptr);
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
  CHECK(*buffer->read_locked(pair.ends[0], 100, nullptr) == 10);
  CHECK(*buffer->write_locked(pair.ends[0], 4) == 4);
  CHECK(buffer->length() == 6);
  CHECK(*buffer->write_locked(pair.ends[0], 0) == 0);
}
