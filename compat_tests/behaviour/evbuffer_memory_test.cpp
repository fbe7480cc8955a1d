// Out of memory: every call fails with NULL or -1, leaves its buffers as they were, and leaks
// nothing.
#include <functional>

#include "evbuffer_tools.h"
#include "tracked_memory.h"

using namespace buffer_cases;
using event_cases::TrackedMemory;

namespace {

// Two buffers with some of everything in them.
struct Scene {
  Scene() {
    REQUIRE(evbuffer_add_reference(a.get(), "reference ", 10, Cleanup::call, &cleanup) == 0);
    REQUIRE(add(a, pattern(700)) == 0);
    REQUIRE(evbuffer_add_reference(a.get(), " more\r\nlast", 11, Cleanup::call, &cleanup) == 0);
    REQUIRE(evbuffer_add_reference(b.get(), "other", 5, Cleanup::call, &cleanup) == 0);
  }
  std::string contents() const { return content(a) + "|" + content(b); }

  Cleanup cleanup;
  Buffer a = make_buffer();
  Buffer b = make_buffer();
};

// Fails each request of the call in turn until it succeeds.
void fail_each_request(const std::function<bool(Scene&)>& call) {
  const LogCapture quiet;
  bool any_failure = false;
  for (long n = 0;; ++n) {
    REQUIRE(n < 100);
    INFO("request " << n);
    const size_t before = TrackedMemory::live();
    {
      Scene scene;
      const std::string contents = scene.contents();
      const int cleanups = scene.cleanup.calls;
      const size_t live = TrackedMemory::live();
      TrackedMemory::fail_after(n);
      const bool done = call(scene);
      const bool failed = TrackedMemory::failures() > 0;
      TrackedMemory::never_fail();
      if (!done) {
        CHECK(failed);
        CHECK(scene.contents() == contents);
        CHECK(scene.cleanup.calls == cleanups);
        CHECK(TrackedMemory::live() <= live + 1);  // room that was made may stay
        any_failure = true;
        // It works when there is memory again.
        CHECK(call(scene));
      } else if (!failed) {
        break;
      }
    }
    CHECK(TrackedMemory::live() == before);
    CHECK(TrackedMemory::strangers() == 0);
  }
  CHECK(any_failure);
}

}  // namespace

TEST_CASE("evbuffer_new: out of memory") {
  const TrackedMemory memory;
  TrackedMemory::fail_after(0);
  CHECK(evbuffer_new() == nullptr);
  TrackedMemory::never_fail();
  CHECK(TrackedMemory::live() == 0);
}

TEST_CASE("evbuffer_free: gives everything back at once") {
  const TrackedMemory memory;
  {
    const Buffer a = make_buffer();
    const Buffer b = make_buffer();
    for (unsigned i = 0; i < 100; ++i) {
      REQUIRE(add(a, pattern(i * 50)) == 0);
      REQUIRE(evbuffer_remove_buffer(a.get(), b.get(), i * 10) >= 0);
      REQUIRE(evbuffer_add_printf(b.get(), "%d", i) > 0);
      std::free(nullptr);
    }
    Listener listener;
    listener.listen(a);
    evbuffer_drain(a.get(), length(a));
    evbuffer_drain(b.get(), length(b));
  }
  Listener::take();
  CHECK(TrackedMemory::live() == 0);
  CHECK(TrackedMemory::strangers() == 0);
}

TEST_CASE("evbuffer_drain: an empty buffer holds no bytes' memory") {
  const TrackedMemory memory;
  const Buffer buffer = make_buffer();
  const size_t live = TrackedMemory::live();
  REQUIRE(add(buffer, pattern(100000)) == 0);
  REQUIRE(add(buffer, "abc") == 0);
  CHECK(TrackedMemory::live() > live);
  evbuffer_drain(buffer.get(), 100003);
  CHECK(TrackedMemory::live() == live);
}

TEST_CASE("evbuffer_add: out of memory") {
  const TrackedMemory memory;
  fail_each_request([](Scene& scene) { return add(scene.a, pattern(20000)) == 0; });
  fail_each_request([](Scene& scene) { return add(scene.b, "x") == 0; });
}

TEST_CASE("evbuffer_prepend: out of memory") {
  const TrackedMemory memory;
  const std::string text = pattern(3000);
  fail_each_request([&text](Scene& scene) {
    return evbuffer_prepend(scene.a.get(), text.data(), text.size()) == 0;
  });
}

TEST_CASE("evbuffer_expand: out of memory") {
  const TrackedMemory memory;
  fail_each_request([](Scene& scene) { return evbuffer_expand(scene.a.get(), 100000) == 0; });
}

TEST_CASE("evbuffer_reserve_space: out of memory") {
  const TrackedMemory memory;
  for (const int n : {1, 2}) {
    fail_each_request([n](Scene& scene) {
      evbuffer_iovec pieces[2];
      return evbuffer_reserve_space(scene.a.get(), 9000, pieces, n) > 0;
    });
  }
}

TEST_CASE("evbuffer_pullup: out of memory") {
  const TrackedMemory memory;
  fail_each_request([](Scene& scene) { return evbuffer_pullup(scene.a.get(), -1) != nullptr; });
}

TEST_CASE("evbuffer_remove_buffer: out of memory") {
  INTENDED_DIFFERENCE("evbuffer_remove_buffer loses bytes when it has no memory for them");
  const TrackedMemory memory;
  for (const size_t count : {size_t{3}, size_t{12}, size_t{400}}) {
    fail_each_request([count](Scene& scene) {
      return evbuffer_remove_buffer(scene.a.get(), scene.b.get(), count) == static_cast<int>(count);
    });
  }
}

TEST_CASE("evbuffer_add_buffer_reference: out of memory") {
  INTENDED_DIFFERENCE("evbuffer_add_buffer_reference succeeds without adding anything");
  const TrackedMemory memory;
  fail_each_request([](Scene& scene) {
    return evbuffer_add_buffer_reference(scene.b.get(), scene.a.get()) == 0;
  });
}

TEST_CASE("evbuffer_add_reference: out of memory") {
  const TrackedMemory memory;
  Cleanup cleanup;
  fail_each_request([&cleanup](Scene& scene) { return add_reference(scene.a, "x", cleanup) == 0; });
}

TEST_CASE("evbuffer_add_printf: out of memory") {
  const TrackedMemory memory;
  const std::string text = pattern(5000);
  fail_each_request([&text](Scene& scene) {
    return evbuffer_add_printf(scene.a.get(), "%s%d", text.c_str(), 7) == 5001;
  });
}

TEST_CASE("evbuffer_add_iovec: out of memory") {
  INTENDED_DIFFERENCE("evbuffer_add_iovec adds some of the pieces");
  const TrackedMemory memory;
  const std::string text = pattern(3000);
  fail_each_request([&text](Scene& scene) {
    evbuffer_iovec pieces[] = {piece(text.c_str()), piece("x"), piece(text.c_str())};
    return evbuffer_add_iovec(scene.a.get(), pieces, 3) == 6001;
  });
}

TEST_CASE("evbuffer_readln: out of memory") {
  const TrackedMemory memory;
  fail_each_request([](Scene& scene) {
    char* const line = evbuffer_readln(scene.a.get(), nullptr, EVBUFFER_EOL_CRLF);
    if (line != nullptr) {
      CHECK(TrackedMemory::holds(line));
      // What event_set_mem_functions() was given frees it.
      TrackedMemory::free(line);
    }
    return line != nullptr;
  });
}

TEST_CASE("evbuffer_find: out of memory") {
  const TrackedMemory memory;
  fail_each_request([](Scene& scene) {
    return evbuffer_find(scene.a.get(), reinterpret_cast<const unsigned char*>("last"), 4) !=
           nullptr;
  });
}

TEST_CASE("evbuffer_read: out of memory") {
  const TrackedMemory memory;
  const SocketPair pair;
  REQUIRE(write(pair.second, "abc", 3) == 3);
  fail_each_request([&pair](Scene& scene) {
    const int count = evbuffer_read(scene.a.get(), pair.first, -1);
    if (count == 3) {
      REQUIRE(write(pair.second, "abc", 3) == 3);  // for the next one
    }
    return count == 3;
  });
}

TEST_CASE("evbuffer_add_cb: out of memory") {
  const TrackedMemory memory;
  static Listener listener;
  fail_each_request([](Scene& scene) { return listener.listen(scene.a) != nullptr; });
  Listener::take();
}

TEST_CASE("evbuffer_setcb: out of memory leaves the callbacks") {
  INTENDED_DIFFERENCE("evbuffer_setcb removes the callbacks before it fails");
  const TrackedMemory memory;
  const Buffer buffer = make_buffer();
  Listener listener;
  REQUIRE(listener.listen(buffer) != nullptr);
  REQUIRE(evbuffer_expand(buffer.get(), 10) == 0);
  TrackedMemory::fail_after(0);
  CHECK(evbuffer_setcb(
            buffer.get(), [](evbuffer*, size_t, size_t, void*) {}, nullptr) == -1);
  TrackedMemory::never_fail();
  add(buffer, "abc");
  CHECK(Listener::take() == Heard{"0+3-0=3"});
}

TEST_CASE("evbuffer_add_file: out of memory") {
  INTENDED_DIFFERENCE("evbuffer_add_file without memory closes the file or not");
  const TrackedMemory memory;
  TempFile file("0123456789");
  bool added = false;
  fail_each_request([&](Scene& scene) {
    if (added) {
      const int again = dup(file.fd());
      added = evbuffer_add_file(scene.a.get(), again, 0, 10) == 0;
      if (!added) {
        CHECK(close(again) == 0);
        added = true;
        return false;
      }
      return added;
    }
    added = true;
    const int first = dup(file.fd());
    const bool done = evbuffer_add_file(scene.a.get(), first, 0, 10) == 0;
    CHECK((done || close(first) == 0));
    return done;
  });
}

TEST_CASE("evbuffer_file_segment_new: out of memory") {
  const TrackedMemory memory;
  const TempFile file("0123456789");
  for (const unsigned flags :
       {0u, unsigned{EVBUF_FS_DISABLE_MMAP | EVBUF_FS_DISABLE_SENDFILE | EVBUF_FS_CLOSE_ON_FREE}}) {
    for (long n = 0; n < 2; ++n) {
      const LogCapture quiet;
      TrackedMemory::fail_after(n);
      evbuffer_file_segment* const segment =
          evbuffer_file_segment_new(file.fd(), 0, 10, flags & ~unsigned{EVBUF_FS_CLOSE_ON_FREE});
      const bool failed = TrackedMemory::failures() > 0;
      TrackedMemory::never_fail();
      CHECK((segment == nullptr) == failed);
      if (segment != nullptr) {
        evbuffer_file_segment_free(segment);
      }
      CHECK(file.is_open());
      CHECK(TrackedMemory::live() == 0);
    }
  }
}

TEST_CASE("evbuffer_add_file_segment: out of memory leaves the maker's reference") {
  INTENDED_DIFFERENCE("a failed evbuffer_add_file_segment takes the maker's reference away");
  const TrackedMemory memory;
  const TempFile file("0123456789");
  evbuffer_file_segment* const segment = evbuffer_file_segment_new(file.fd(), 0, 10, 0);
  REQUIRE(segment != nullptr);
  fail_each_request([segment](Scene& scene) {
    return evbuffer_add_file_segment(scene.a.get(), segment, 2, 5) == 0;
  });
  evbuffer_file_segment_free(segment);
  CHECK(TrackedMemory::live() == 0);
}

TEST_CASE("evbuffer_defer_callbacks: out of memory") {
  INTENDED_DIFFERENCE("deferring callbacks of a buffer needs memory only here");
  const TrackedMemory memory;
  const Base base = make_base();
  fail_each_request(
      [&base](Scene& scene) { return evbuffer_defer_callbacks(scene.a.get(), base.get()) == 0; });
}
