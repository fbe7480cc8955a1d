// Who is told when an evbuffer changes, and what.
#include "evbuffer_tools.h"

using namespace buffer_cases;

TEST_CASE("evbuffer_add_cb: every change is told, the newest callback first") {
  const Buffer buffer = make_buffer();
  Listener a("a");
  Listener b("b");
  REQUIRE(a.listen(buffer) != nullptr);
  REQUIRE(b.listen(buffer) != nullptr);
  add(buffer, "abc");
  CHECK(Listener::take() == Heard{"b:0+3-0=3", "a:0+3-0=3"});
  evbuffer_prepend(buffer.get(), "xy", 2);
  CHECK(Listener::take() == Heard{"b:3+2-0=5", "a:3+2-0=5"});
  evbuffer_drain(buffer.get(), 1);
  CHECK(Listener::take() == Heard{"b:5+0-1=4", "a:5+0-1=4"});
  char out[10];
  evbuffer_remove(buffer.get(), out, 10);
  CHECK(Listener::take() == Heard{"b:4+0-4=0", "a:4+0-4=0"});
}

TEST_CASE("evbuffer_add_cb: what changes nothing tells nothing") {
  const Buffer buffer = make_buffer();
  const Buffer empty = make_buffer();
  REQUIRE(add(buffer, "abc\n") == 0);
  Listener listener;
  listener.listen(buffer);
  char out[10];
  add(buffer, "");
  evbuffer_prepend(buffer.get(), "", 0);
  evbuffer_drain(buffer.get(), 0);
  evbuffer_remove(buffer.get(), out, 0);
  evbuffer_copyout(buffer.get(), out, 4);
  evbuffer_add_buffer(buffer.get(), empty.get());
  evbuffer_prepend_buffer(buffer.get(), empty.get());
  evbuffer_add_buffer_reference(buffer.get(), empty.get());
  evbuffer_add_buffer_reference(empty.get(), buffer.get());
  evbuffer_add_buffer(buffer.get(), buffer.get());
  evbuffer_remove_buffer(buffer.get(), empty.get(), 0);
  evbuffer_add_printf(buffer.get(), "%s", "");
  evbuffer_add_reference(buffer.get(), "", 0, nullptr, nullptr);
  evbuffer_pullup(buffer.get(), -1);
  evbuffer_expand(buffer.get(), 10000);
  evbuffer_search(buffer.get(), "b", 1, nullptr);
  evbuffer_iovec room;
  evbuffer_reserve_space(buffer.get(), 10, &room, 1);
  room.iov_len = 0;
  evbuffer_commit_space(buffer.get(), &room, 1);
  CHECK(Listener::take().empty());
}

TEST_CASE("evbuffer_add_cb: compound calls") {
  const Buffer buffer = make_buffer();
  Listener listener;
  listener.listen(buffer);
  evbuffer_add_printf(buffer.get(), "%d", 12345);
  CHECK(Listener::take() == Heard{"0+5-0=5"});
  evbuffer_add_reference(buffer.get(), "abc", 3, nullptr, nullptr);
  CHECK(Listener::take() == Heard{"5+3-0=8"});
  evbuffer_iovec pieces[] = {piece("ab"), piece(""), piece("cde")};
  evbuffer_add_iovec(buffer.get(), pieces, 3);
  CHECK(Listener::take() == Heard{"8+2-0=10", "10+3-0=13"});
  REQUIRE(evbuffer_reserve_space(buffer.get(), 10, pieces, 1) == 1);
  pieces[0].iov_len = 4;
  evbuffer_commit_space(buffer.get(), pieces, 1);
  CHECK(Listener::take() == Heard{"13+4-0=17"});
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  CHECK(evbuffer_write(buffer.get(), pipe_ends[1]) == 17);
  CHECK(Listener::take() == Heard{"17+0-17=0"});
  CHECK(evbuffer_read(buffer.get(), pipe_ends[0], 4) == 4);
  CHECK(Listener::take() == Heard{"0+4-0=4"});
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

TEST_CASE("evbuffer_readln: callbacks") {
  const Buffer buffer = make_buffer();
  REQUIRE(add(buffer, "abc\r\n\r\nrest") == 0);
  Listener listener;
  listener.listen(buffer);
  std::free(evbuffer_readln(buffer.get(), nullptr, EVBUFFER_EOL_CRLF));
  CHECK(Listener::take() == Heard{"11+0-3=8", "8+0-2=6"});
  std::free(evbuffer_readln(buffer.get(), nullptr, EVBUFFER_EOL_CRLF));
  CHECK(Listener::take() == Heard{"6+0-2=4"});
}

TEST_CASE("evbuffer_add_cb: moves tell both buffers") {
  const Buffer a = make_buffer();
  const Buffer b = make_buffer();
  Listener la("a");
  Listener lb("b");
  REQUIRE(add(a, "abcdef") == 0);
  la.listen(a);
  lb.listen(b);
  evbuffer_remove_buffer(a.get(), b.get(), 2);
  CHECK(Listener::take() == Heard{"b:0+2-0=2", "a:6+0-2=4"});
  evbuffer_remove_buffer(a.get(), b.get(), 100);
  CHECK(Listener::take() == Heard{"a:4+0-4=0", "b:2+4-0=6"});
  evbuffer_add_buffer(a.get(), b.get());
  CHECK(Listener::take() == Heard{"b:6+0-6=0", "a:0+6-0=6"});
  evbuffer_prepend_buffer(b.get(), a.get());
  CHECK(Listener::take() == Heard{"a:6+0-6=0", "b:0+6-0=6"});
  evbuffer_add_buffer_reference(a.get(), b.get());
  CHECK(Listener::take() == Heard{"a:0+6-0=6"});
}

TEST_CASE("evbuffer_add_cb: freeing a buffer tells nothing") {
  Buffer buffer = make_buffer();
  Listener listener;
  add(buffer, "abc");
  listener.listen(buffer);
  add(buffer, "d");
  CHECK(Listener::take() == Heard{"3+1-0=4"});
  buffer.reset();
  CHECK(Listener::take().empty());
}

TEST_CASE("evbuffer_cb_clear_flags: a disabled callback never hears of it") {
  const Buffer buffer = make_buffer();
  Listener a("a");
  Listener b("b");
  evbuffer_cb_entry* const ea = a.listen(buffer);
  evbuffer_cb_entry* const eb = b.listen(buffer);
  CHECK(evbuffer_cb_clear_flags(buffer.get(), ea, EVBUFFER_CB_ENABLED) == 0);
  add(buffer, "x");
  CHECK(Listener::take() == Heard{"b:0+1-0=1"});
  evbuffer_cb_clear_flags(buffer.get(), eb, EVBUFFER_CB_ENABLED);
  add(buffer, "xyz");
  CHECK(Listener::take().empty());
  CHECK(evbuffer_cb_set_flags(buffer.get(), ea, EVBUFFER_CB_ENABLED) == 0);
  evbuffer_drain(buffer.get(), 1);
  CHECK(Listener::take() == Heard{"a:4+0-1=3"});
  CHECK(evbuffer_cb_clear_flags(buffer.get(), ea, ~ev_uint32_t{EVBUFFER_CB_ENABLED}) == 0);
  CHECK(evbuffer_cb_set_flags(buffer.get(), eb, 0) == 0);
  add(buffer, "x");
  CHECK(Listener::take() == Heard{"a:3+1-0=4"});
}

TEST_CASE("evbuffer_remove_cb: the newest one with this function and argument") {
  const Buffer buffer = make_buffer();
  Listener a("a");
  Listener b("b");
  a.listen(buffer);
  evbuffer_cb_entry* const second = a.listen(buffer);
  evbuffer_cb_entry* const other = b.listen(buffer);
  evbuffer_cb_clear_flags(buffer.get(), second, EVBUFFER_CB_ENABLED);
  CHECK(evbuffer_remove_cb(buffer.get(), Listener::call, &a) == 0);
  add(buffer, "x");
  CHECK(Listener::take() == Heard{"b:0+1-0=1", "a:0+1-0=1"});
  CHECK(evbuffer_remove_cb_entry(buffer.get(), other) == 0);
  CHECK(evbuffer_remove_cb(buffer.get(), Listener::call, &b) == -1);
  CHECK(evbuffer_remove_cb(buffer.get(), Listener::call, &a) == 0);
  CHECK(evbuffer_remove_cb(buffer.get(), Listener::call, &a) == -1);
  add(buffer, "x");
  CHECK(Listener::take().empty());
  CHECK(evbuffer_remove_cb(make_buffer().get(), Listener::call, &a) == -1);
}

namespace {

std::vector<std::string> g_old;

void old_form(evbuffer*, size_t before, size_t now, void* arg) {
  g_old.push_back(static_cast<const char*>(arg) + std::to_string(before) + ">" +
                  std::to_string(now));
}

}  // namespace

TEST_CASE("evbuffer_setcb: one callback in place of all") {
  const Buffer buffer = make_buffer();
  Listener listener("new");
  listener.listen(buffer);
  char name[] = "o";
  CHECK(evbuffer_setcb(buffer.get(), old_form, name) == 0);
  add(buffer, "abc");
  evbuffer_drain(buffer.get(), 1);
  CHECK(g_old == Heard{"o0>3", "o3>2"});
  CHECK(Listener::take().empty());
  listener.listen(buffer);
  add(buffer, "d");
  CHECK(g_old == Heard{"o0>3", "o3>2", "o2>3"});
  CHECK(Listener::take() == Heard{"new:2+1-0=3"});
  CHECK(evbuffer_setcb(buffer.get(), nullptr, nullptr) == 0);
  add(buffer, "e");
  CHECK(g_old.size() == 3);
  CHECK(Listener::take().empty());
  CHECK(evbuffer_setcb(make_buffer().get(), nullptr, nullptr) == 0);
}

// Callbacks that change the buffer

namespace {

struct Reaction {
  Listener listener{"r"};
  evbuffer_cb_entry* entry = nullptr;
  int left = 3;
};

}  // namespace

TEST_CASE("evbuffer_add_cb: a callback that drains is called from within") {
  Buffer buffer = make_buffer();
  Listener first("first");
  Listener last("last");
  Reaction reaction;
  first.listen(buffer);
  evbuffer_add_cb(
      buffer.get(),
      [](evbuffer* self, const evbuffer_cb_info* info, void* arg) {
        auto* mine = static_cast<Reaction*>(arg);
        Listener::call(self, info, &mine->listener);
        if (mine->left-- > 1) {
          evbuffer_drain(self, 1);
        }
      },
      &reaction);
  last.listen(buffer);
  add(buffer, "abcdef");
  CHECK(Listener::take() == Heard{"last:0+6-0=6", "r:0+6-0=6", "last:6+0-1=5", "r:6+0-1=5",
                                  "last:5+0-1=4", "r:5+0-1=4", "first:5+0-1=4", "first:6+0-1=4",
                                  "first:0+6-0=4"});
  CHECK(content(buffer) == "cdef");
}

TEST_CASE("evbuffer_add_cb: a callback that adds is called from within") {
  Buffer buffer = make_buffer();
  Reaction reaction;
  evbuffer_add_cb(
      buffer.get(),
      [](evbuffer* self, const evbuffer_cb_info* info, void* arg) {
        Listener::call(self, info, &static_cast<Reaction*>(arg)->listener);
        if (evbuffer_get_length(self) < 4) {
          evbuffer_add(self, "+", 1);
        }
      },
      &reaction);
  add(buffer, "ab");
  CHECK(Listener::take() == Heard{"r:0+2-0=2", "r:2+1-0=3", "r:3+1-0=4"});
  CHECK(content(buffer) == "ab++");
}

TEST_CASE("evbuffer_remove_cb_entry: a callback removes itself") {
  Buffer buffer = make_buffer();
  Listener first("first");
  Listener last("last");
  Reaction reaction;
  first.listen(buffer);
  reaction.entry = evbuffer_add_cb(
      buffer.get(),
      [](evbuffer* self, const evbuffer_cb_info* info, void* arg) {
        auto* mine = static_cast<Reaction*>(arg);
        Listener::call(self, info, &mine->listener);
        CHECK(evbuffer_remove_cb_entry(self, mine->entry) == 0);
      },
      &reaction);
  last.listen(buffer);
  add(buffer, "a");
  CHECK(Listener::take() == Heard{"last:0+1-0=1", "r:0+1-0=1", "first:0+1-0=1"});
  add(buffer, "b");
  CHECK(Listener::take() == Heard{"last:1+1-0=2", "first:1+1-0=2"});
}

TEST_CASE("evbuffer_add_cb: one that is added by a callback hears of the next change") {
  Buffer buffer = make_buffer();
  Listener added("added");
  evbuffer_add_cb(
      buffer.get(),
      [](evbuffer* self, const evbuffer_cb_info*, void* arg) {
        evbuffer_remove_cb(self, Listener::call, arg);
        evbuffer_add_cb(self, Listener::call, arg);
      },
      &added);
  add(buffer, "a");
  CHECK(Listener::take().empty());
  add(buffer, "b");
  CHECK(Listener::take() == Heard{"added:1+1-0=2"});
}

TEST_CASE("evbuffer_setcb: a callback replaces all by another") {
  INTENDED_DIFFERENCE("a callback that removes the next one leaves the walk at freed memory");
  Buffer buffer = make_buffer();
  Listener oldest("oldest");
  oldest.listen(buffer);
  static char name[] = "n";
  evbuffer_add_cb(
      buffer.get(),
      [](evbuffer* self, const evbuffer_cb_info*, void*) { evbuffer_setcb(self, old_form, name); },
      nullptr);
  g_old.clear();
  add(buffer, "a");
  CHECK(Listener::take().empty());
  add(buffer, "b");
  CHECK(g_old == Heard{"n1>2"});
}

TEST_CASE("evbuffer_free: a callback frees its own buffer") {
  INTENDED_DIFFERENCE("a buffer must not be freed from its own callback");
  Cleanup cleanup;
  Buffer other = make_buffer();
  Listener older("older");
  for (int way = 0; way < 5; ++way) {
    INFO(way);
    evbuffer* const buffer = evbuffer_new();
    evbuffer_add_cb(buffer, Listener::call, &older);
    evbuffer_add_reference(buffer, "abc\ndef\n", 8, Cleanup::call, &cleanup);
    Listener::take();
    evbuffer_add_cb(
        buffer, [](evbuffer* self, const evbuffer_cb_info*, void*) { evbuffer_free(self); },
        nullptr);
    evbuffer_iovec pieces[] = {piece("ab")};
    switch (way) {
      case 0:
        CHECK(evbuffer_add(buffer, "x", 1) == 0);
        break;
      case 1:
        CHECK(evbuffer_drain(buffer, 1) == 0);
        break;
      case 2:
        CHECK(evbuffer_add_buffer(other.get(), buffer) == 0);
        evbuffer_drain(other.get(), 100);
        break;
      case 3:
        CHECK(evbuffer_remove_buffer(buffer, other.get(), 2) == 2);
        break;
      case 4:
        CHECK(evbuffer_add_iovec(buffer, pieces, 1) == 2);
        break;
    }
    CHECK(cleanup.calls == way + 1);
    CHECK(Listener::take().empty());
  }
}
