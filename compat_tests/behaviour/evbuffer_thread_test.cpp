// Locks of evbuffers, and evbuffers between threads.
#include <event2/thread.h>

#include "counting_threads.h"
#include "evbuffer_tools.h"
#include "thread_tools.h"

using namespace buffer_cases;
using namespace event_cases;

TEST_CASE("evbuffer_enable_locking: needs lock callbacks, and works once") {
  const Buffer buffer = make_buffer();
  CHECK(evbuffer_enable_locking(buffer.get(), nullptr) == -1);
  evbuffer_lock(buffer.get());
  evbuffer_unlock(buffer.get());
  REQUIRE(evthread_use_pthreads() == 0);
  CHECK(evbuffer_enable_locking(buffer.get(), nullptr) == 0);
  CHECK(evbuffer_enable_locking(buffer.get(), nullptr) == -1);
  evbuffer_lock(buffer.get());
  evbuffer_lock(buffer.get());
  CHECK(add(buffer, "abc") == 0);
  evbuffer_unlock(buffer.get());
  evbuffer_unlock(buffer.get());
  CHECK(content(buffer) == "abc");
}

TEST_CASE("evbuffer_enable_locking: a lock of one's own, shared by two buffers") {
  counting::use_all();
  void* const lock = counting::make_lock(EVTHREAD_LOCKTYPE_RECURSIVE);
  const int made = counting::counts.locks_made;
  {
    const Buffer a = make_buffer();
    const Buffer b = make_buffer();
    CHECK(evbuffer_enable_locking(a.get(), lock) == 0);
    CHECK(evbuffer_enable_locking(a.get(), lock) == -1);
    CHECK(evbuffer_enable_locking(b.get(), lock) == 0);
    const int before = counting::counts.locked;
    CHECK(add(a, "abc") == 0);
    CHECK(counting::counts.locked > before);
    CHECK(evbuffer_add_buffer(b.get(), a.get()) == 0);
    CHECK(evbuffer_remove_buffer(b.get(), a.get(), 1) == 1);
    CHECK(content(b) == "bc");
  }
  CHECK(counting::counts.locks_made == made);
  CHECK(counting::counts.locked == counting::counts.unlocked);
  CHECK(counting::counts.mistakes == 0);
  counting::free_lock(lock, EVTHREAD_LOCKTYPE_RECURSIVE);
}

TEST_CASE("evbuffer_enable_locking: the lock is recursive and goes with the buffer") {
  counting::use_all();
  const int live = counting::counts.live_locks();
  Buffer buffer = make_buffer();
  REQUIRE(evbuffer_enable_locking(buffer.get(), nullptr) == 0);
  CHECK(counting::counts.live_locks() == live + 1);
  Listener listener;
  listener.listen(buffer);
  add(buffer, "abc");  // the listener asks for the length
  CHECK(Listener::take() == Heard{"0+3-0=3"});
  buffer.reset();
  CHECK(counting::counts.live_locks() == live);
  CHECK(counting::counts.mistakes == 0);
}

TEST_CASE("evbuffer_file_segment_new: makes a lock unless told not to") {
  counting::use_all();
  const TempFile file("0123456789");
  const int live = counting::counts.live_locks();
  evbuffer_file_segment* segment = evbuffer_file_segment_new(file.fd(), 0, 10, 0);
  CHECK(counting::counts.live_locks() == live + 1);
  evbuffer_file_segment_free(segment);
  CHECK(counting::counts.live_locks() == live);
  segment = evbuffer_file_segment_new(file.fd(), 0, 10, EVBUF_FS_DISABLE_LOCKING);
  CHECK(counting::counts.live_locks() == live);
  evbuffer_file_segment_free(segment);
}

TEST_CASE("evbuffer_add_buffer: two buffers, moved between by two threads", "[threads]") {
  REQUIRE(evthread_use_pthreads() == 0);
  const Buffer a = make_buffer();
  const Buffer b = make_buffer();
  REQUIRE(evbuffer_enable_locking(a.get(), nullptr) == 0);
  REQUIRE(evbuffer_enable_locking(b.get(), nullptr) == 0);
  std::atomic<long> calls = 0;
  for (const Buffer* buffer : {&a, &b}) {
    evbuffer_add_cb(
        buffer->get(),
        [](evbuffer*, const evbuffer_cb_info*, void* arg) {
          ++*static_cast<std::atomic<long>*>(arg);
        },
        &calls);
  }
  std::atomic<size_t> added = 0;
  const auto work = [&added](evbuffer* mine, evbuffer* other, unsigned seed) {
    char bytes[100];
    std::memset(bytes, 'x', sizeof bytes);
    for (unsigned i = 0; i < 3000; ++i) {
      seed = seed * 1664525u + 1013904223u;
      switch ((seed >> 16) % 6) {
        case 0:
          added += evbuffer_add(mine, bytes, 100) == 0 ? 100 : 0;
          break;
        case 1:
          evbuffer_add_buffer(mine, other);
          break;
        case 2:
          evbuffer_prepend_buffer(other, mine);
          break;
        case 3:
          evbuffer_remove_buffer(mine, other, 77);
          break;
        case 4:
          added += evbuffer_prepend(other, bytes, 30) == 0 ? 30 : 0;
          break;
        default:
          evbuffer_pullup(mine, 50);
      }
    }
  };
  std::thread first(work, a.get(), b.get(), 1u);
  std::thread second(work, b.get(), a.get(), 2u);
  first.join();
  second.join();
  CHECK(length(a) + length(b) == added);
  CHECK(content(a) + content(b) == std::string(added, 'x'));
  CHECK(calls > 0);
}

TEST_CASE("evbuffer_add_file_segment: one segment in the buffers of several threads", "[threads]") {
  REQUIRE(evthread_use_pthreads() == 0);
  const std::string text = pattern(50000);
  TempFile file(text);
  evbuffer_file_segment* const segment =
      evbuffer_file_segment_new(file.give(), 0, 50000, EVBUF_FS_CLOSE_ON_FREE);
  REQUIRE(segment != nullptr);
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&good, &text, segment, i] {
      for (int k = 0; k < 50; ++k) {
        evbuffer* const buffer = evbuffer_new();
        const size_t offset = static_cast<size_t>(i * 1000 + k);
        char out[1000];
        good +=
            evbuffer_add_file_segment(buffer, segment, static_cast<ev_off_t>(offset), 1000) == 0 &&
            evbuffer_remove(buffer, out, 1000) == 1000 &&
            std::memcmp(out, text.data() + offset, 1000) == 0;
        evbuffer_free(buffer);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(good == 200);
  CHECK(file.is_open());
  evbuffer_file_segment_free(segment);
  CHECK_FALSE(file.is_open());
}

TEST_CASE("evbuffer_add_buffer_reference: shared by the buffers of several threads", "[threads]") {
  REQUIRE(evthread_use_pthreads() == 0);
  Buffer source = make_buffer();
  REQUIRE(evbuffer_enable_locking(source.get(), nullptr) == 0);
  const std::string text = pattern(5000);
  REQUIRE(add(source, text) == 0);
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 100; ++k) {
        evbuffer* const sharer = evbuffer_new();
        evbuffer_enable_locking(sharer, nullptr);
        std::vector<char> out(5000);
        good += evbuffer_add_buffer_reference(sharer, source.get()) == 0 &&
                evbuffer_remove(sharer, out.data(), 5000) == 5000 &&
                std::memcmp(out.data(), text.data(), 5000) == 0;
        evbuffer_free(sharer);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(good == 400);
  CHECK(content(source) == text);
}

TEST_CASE("evbuffer_defer_callbacks: changed by another thread than the loop's", "[threads]") {
  REQUIRE(evthread_use_pthreads() == 0);
  const Base base = make_threaded_base();
  const Buffer buffer = make_buffer();
  REQUIRE(evbuffer_enable_locking(buffer.get(), nullptr) == 0);
  evbuffer_defer_callbacks(buffer.get(), base.get());
  std::atomic<size_t> told = 0;
  evbuffer_add_cb(
      buffer.get(),
      [](evbuffer*, const evbuffer_cb_info* info, void* arg) {
        *static_cast<std::atomic<size_t>*>(arg) += info->n_added;
      },
      &told);
  LoopThread loop(base.get());
  for (int i = 0; i < 1000; ++i) {
    add(buffer, "abc");
  }
  CHECK(eventually([&] { return told == 3000; }));
  loop.stop();
}
