// Callbacks of evbuffers that run from the loop.
#include <event2/thread.h>

#include "evbuffer_tools.h"

using namespace buffer_cases;

namespace {

Heard run(const Base& base) {
  event_base_loop(base.get(), EVLOOP_NONBLOCK);
  return Listener::take();
}

}  // namespace

TEST_CASE("evbuffer_defer_callbacks: changes up to then are told in one call") {
  const Base base = make_base();
  const Buffer buffer = make_buffer();
  Listener a("a");
  Listener b("b");
  a.listen(buffer);
  evbuffer_cb_entry* const eb = b.listen(buffer);
  CHECK(evbuffer_defer_callbacks(buffer.get(), base.get()) == 0);
  add(buffer, "abc");
  evbuffer_drain(buffer.get(), 1);
  add(buffer, "hello");
  CHECK(Listener::take().empty());
  CHECK(run(base) == Heard{"b:0+8-1=7", "a:0+8-1=7"});
  CHECK(run(base).empty());
  add(buffer, "abc");
  evbuffer_remove_cb_entry(buffer.get(), eb);
  CHECK(run(base) == Heard{"a:7+3-0=10"});
  add(buffer, "d");
  evbuffer_drain(buffer.get(), 1);
  CHECK(run(base) == Heard{"a:10+1-1=10"});
}

TEST_CASE("evbuffer_defer_callbacks: what happened before there was a callback is not told") {
  const Base base = make_base();
  const Buffer buffer = make_buffer();
  evbuffer_defer_callbacks(buffer.get(), base.get());
  add(buffer, "abc");
  CHECK(run(base).empty());
  Listener listener;
  listener.listen(buffer);
  add(buffer, "de");
  CHECK(event_base_get_num_events(base.get(), EVENT_BASE_COUNT_ACTIVE) == 1);
  CHECK(run(base) == Heard{"3+2-0=5"});
  CHECK(event_base_get_num_events(base.get(), EVENT_BASE_COUNT_ACTIVE) == 0);
}

TEST_CASE("evbuffer_defer_callbacks: a callback that is disabled when the loop comes") {
  const Base base = make_base();
  const Buffer buffer = make_buffer();
  evbuffer_defer_callbacks(buffer.get(), base.get());
  Listener listener;
  evbuffer_cb_entry* const entry = listener.listen(buffer);
  evbuffer_cb_clear_flags(buffer.get(), entry, EVBUFFER_CB_ENABLED);
  add(buffer, "abc");
  CHECK(run(base).empty());
  evbuffer_cb_set_flags(buffer.get(), entry, EVBUFFER_CB_ENABLED);
  CHECK(run(base).empty());
  add(buffer, "d");
  evbuffer_cb_clear_flags(buffer.get(), entry, EVBUFFER_CB_ENABLED);
  CHECK(run(base).empty());
}

TEST_CASE("evbuffer_free: a deferred callback that is due still comes") {
  const Base base = make_base();
  Buffer buffer = make_buffer();
  evbuffer_defer_callbacks(buffer.get(), base.get());
  Listener listener;
  listener.listen(buffer);
  Cleanup cleanup;
  REQUIRE(add_reference(buffer, "abc", cleanup) == 0);
  buffer.reset();
  CHECK(cleanup.calls == 0);
  CHECK(run(base) == Heard{"0+3-0=3"});
  CHECK(cleanup.calls == 1);
}

TEST_CASE("evbuffer_defer_callbacks: moved away before the loop came") {
  const Base base = make_base();
  const Buffer buffer = make_buffer();
  const Buffer other = make_buffer();
  evbuffer_defer_callbacks(buffer.get(), base.get());
  Listener listener;
  listener.listen(buffer);
  add(buffer, "abc");
  evbuffer_add_buffer(other.get(), buffer.get());
  CHECK(run(base) == Heard{"0+3-3=0"});
}

TEST_CASE("evbuffer_defer_callbacks: a callback that adds is called again") {
  const Base base = make_base();
  const Buffer buffer = make_buffer();
  evbuffer_defer_callbacks(buffer.get(), base.get());
  Listener listener;
  evbuffer_add_cb(
      buffer.get(),
      [](evbuffer* self, const evbuffer_cb_info* info, void* arg) {
        Listener::call(self, info, arg);
        if (evbuffer_get_length(self) < 5) {
          evbuffer_add(self, "+", 1);
        }
      },
      &listener);
  add(buffer, "abc");
  event_base_dispatch(base.get());
  CHECK(Listener::take() == Heard{"0+3-0=3", "3+1-0=4", "4+1-0=5"});
}

TEST_CASE("evbuffer_defer_callbacks: the old form of callbacks") {
  const Base base = make_base();
  const Buffer buffer = make_buffer();
  static std::string told;
  evbuffer_setcb(
      buffer.get(),
      [](evbuffer*, size_t before, size_t now, void*) {
        told += std::to_string(before) + ">" + std::to_string(now) + ";";
      },
      nullptr);
  evbuffer_defer_callbacks(buffer.get(), base.get());
  add(buffer, "abc");
  evbuffer_drain(buffer.get(), 1);
  CHECK(told.empty());
  run(base);
  CHECK(told == "0>2;");
}

TEST_CASE(
    "evbuffer_defer_callbacks: with the buffer's lock held, and kept when it is freed there") {
  REQUIRE(evthread_use_pthreads() == 0);
  const Base base = make_base();
  Buffer buffer = make_buffer();
  REQUIRE(evbuffer_enable_locking(buffer.get(), nullptr) == 0);
  evbuffer_defer_callbacks(buffer.get(), base.get());
  Listener listener;
  evbuffer_add_cb(
      buffer.get(),
      [](evbuffer* self, const evbuffer_cb_info* info, void* arg) {
        Listener::call(self, info, arg);
        evbuffer_drain(self, 3);
      },
      &listener);
  add(buffer, "abc");
  CHECK(run(base).size() >= 1);
  CHECK(length(buffer) == 0);
  run(base);
}

TEST_CASE("evbuffer_free: from a deferred callback") {
  INTENDED_DIFFERENCE("a buffer must not be freed from its own callback");
  const Base base = make_base();
  evbuffer* const buffer = evbuffer_new();
  evbuffer_defer_callbacks(buffer, base.get());
  Cleanup cleanup;
  evbuffer_add_cb(
      buffer, [](evbuffer* self, const evbuffer_cb_info*, void*) { evbuffer_free(self); }, nullptr);
  evbuffer_add_reference(buffer, "abc", 3, Cleanup::call, &cleanup);
  run(base);
  CHECK(cleanup.calls == 1);
}
