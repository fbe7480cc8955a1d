// File segments, in several places at once.
#include <event2/thread.h>

#include "evbuffer_tools.h"

using namespace buffer_cases;

namespace {

constexpr unsigned kFlags[] = {0, EVBUF_FS_DISABLE_MMAP, EVBUF_FS_DISABLE_SENDFILE,
                               EVBUF_FS_DISABLE_MMAP | EVBUF_FS_DISABLE_SENDFILE,
                               EVBUF_FS_DISABLE_LOCKING};

struct SegmentEnd {
  static void call(const evbuffer_file_segment* segment, int flags, void* arg) {
    auto* self = static_cast<SegmentEnd*>(arg);
    ++self->calls;
    self->segment = segment;
    self->flags = flags;
    self->open = self->fd < 0 || fcntl(self->fd, F_GETFD) != -1;
  }
  int calls = 0;
  const evbuffer_file_segment* segment = nullptr;
  int flags = -1;
  int fd = -1;
  bool open = false;
};

}  // namespace

TEST_CASE("evbuffer_add_file_segment: parts of a part, with all flags") {
  for (const bool drains : {false, true}) {
    for (const unsigned flags : kFlags) {
      INFO(drains << ", flags " << flags);
      const SocketPair pair;
      const TempFile file("0123456789");
      evbuffer_file_segment* const segment = evbuffer_file_segment_new(file.fd(), 2, 7, flags);
      REQUIRE(segment != nullptr);
      SegmentEnd end;
      evbuffer_file_segment_add_cleanup_cb(segment, SegmentEnd::call, &end);
      const Buffer buffer = make_buffer();
      if (drains) {
        evbuffer_set_flags(buffer.get(), EVBUFFER_FLAG_DRAINS_TO_FD);
      }
      CHECK(evbuffer_add_file_segment(buffer.get(), segment, 4, -1) == 0);
      CHECK(evbuffer_add_file_segment(buffer.get(), segment, 1, 3) == 0);
      CHECK(evbuffer_add_file_segment(buffer.get(), segment, 0, 0) == 0);
      CHECK(evbuffer_add_file_segment(buffer.get(), segment, 7, -1) == 0);
      CHECK(evbuffer_add_file_segment(buffer.get(), segment, 7, 0) == 0);
      CHECK(length(buffer) == 6);
      evbuffer_file_segment_free(segment);
      CHECK(end.calls == 0);
      for (int i = 0; i < 10 && length(buffer) > 0; ++i) {
        CHECK(evbuffer_write(buffer.get(), pair.first) > 0);
      }
      CHECK(read_all(pair.second) == "678345");
      evbuffer_drain(buffer.get(), 100);
    }
  }
}

TEST_CASE("evbuffer_file_segment_new: the clean-up comes once, after the file is closed") {
  for (const unsigned flags : kFlags) {
    INFO(flags);
    TempFile file("0123456789");
    evbuffer_file_segment* const segment =
        evbuffer_file_segment_new(file.give(), 0, 10, flags | EVBUF_FS_CLOSE_ON_FREE);
    REQUIRE(segment != nullptr);
    SegmentEnd replaced;
    SegmentEnd end;
    end.fd = file.fd();
    evbuffer_file_segment_add_cleanup_cb(segment, SegmentEnd::call, &replaced);
    evbuffer_file_segment_add_cleanup_cb(segment, SegmentEnd::call, &end);
    Buffer a = make_buffer();
    Buffer b = make_buffer();
    CHECK(evbuffer_add_file_segment(a.get(), segment, 0, 5) == 0);
    CHECK(evbuffer_add_file_segment(b.get(), segment, 5, 5) == 0);
    evbuffer_file_segment_free(segment);
    CHECK(content(a) == "01234");
    CHECK(content(b) == "56789");
    a.reset();
    CHECK(end.calls == 0);
    CHECK(file.is_open());
    b.reset();
    CHECK(end.calls == 1);
    CHECK(end.segment == segment);
    CHECK(end.flags == static_cast<int>(flags | EVBUF_FS_CLOSE_ON_FREE));
    CHECK_FALSE(end.open);
    CHECK(replaced.calls == 0);
    CHECK_FALSE(file.is_open());
  }
}

TEST_CASE("evbuffer_file_segment_free: of a segment in no buffer") {
  const TempFile file("0123456789");
  evbuffer_file_segment* const segment = evbuffer_file_segment_new(file.fd(), 0, 10, 0);
  REQUIRE(segment != nullptr);
  SegmentEnd end;
  evbuffer_file_segment_add_cleanup_cb(segment, SegmentEnd::call, &end);
  evbuffer_file_segment_free(segment);
  CHECK(end.calls == 1);
  CHECK(file.is_open());
}

TEST_CASE("evbuffer_file_segment_new: bad arguments leave the descriptor open") {
  const LogCapture quiet;
  for (const unsigned flags : kFlags) {
    INFO(flags);
    const TempFile file("0123456789");
    const unsigned all = flags | EVBUF_FS_CLOSE_ON_FREE;
    CHECK(evbuffer_file_segment_new(file.fd(), -1, 5, all) == nullptr);
    CHECK(evbuffer_file_segment_new(file.fd(), 0, -2, all) == nullptr);
    CHECK(evbuffer_file_segment_new(file.fd(), 5, EV_SSIZE_MAX, all) == nullptr);
    CHECK(evbuffer_file_segment_new(file.fd(), EV_SSIZE_MAX, 5, all) == nullptr);
    CHECK(evbuffer_file_segment_new(-1, 0, -1, all) == nullptr);
    if ((flags & EVBUF_FS_DISABLE_SENDFILE) != 0) {
      CHECK(evbuffer_file_segment_new(file.fd(), 0, 0, all) == nullptr);
    }
    CHECK(file.is_open());
  }
}

TEST_CASE("evbuffer_file_segment_new: reading needs all the bytes") {
  const LogCapture quiet;
  const TempFile file("0123456789");
  const unsigned flags = EVBUF_FS_DISABLE_MMAP | EVBUF_FS_DISABLE_SENDFILE;
  CHECK(evbuffer_file_segment_new(file.fd(), 0, 11, flags) == nullptr);
  CHECK(evbuffer_file_segment_new(file.fd(), 11, 1, flags) == nullptr);
  evbuffer_file_segment* const segment = evbuffer_file_segment_new(file.fd(), 4, 6, flags);
  REQUIRE(segment != nullptr);
  const Buffer buffer = make_buffer();
  CHECK(evbuffer_add_file_segment(buffer.get(), segment, 0, -1) == 0);
  // The bytes are in memory already.
  REQUIRE(ftruncate(file.fd(), 0) == 0);
  CHECK(content(buffer) == "456789");
  evbuffer_file_segment_free(segment);
}

TEST_CASE("evbuffer_add_file_segment: what does not lie within the segment") {
  const TempFile file("0123456789");
  const Buffer buffer = make_buffer();
  for (const auto& [offset, size] :
       std::initializer_list<std::pair<ev_off_t, ev_off_t>>{{0, 11}, {5, 6}, {11, -1}, {11, 0}}) {
    INFO(offset << ", " << size);
    // The reference takes its maker's reference away then.
    evbuffer_file_segment* const segment = evbuffer_file_segment_new(file.fd(), 0, 10, 0);
    REQUIRE(segment != nullptr);
    CHECK(evbuffer_add_file_segment(buffer.get(), segment, offset, size) == -1);
    if (on_relevent()) {
      evbuffer_file_segment_free(segment);
    }
  }
  CHECK(length(buffer) == 0);
}

TEST_CASE("evbuffer_add_file_segment: offsets before the segment and sums that overflow") {
  INTENDED_DIFFERENCE("negative and overflowing offsets are accepted");
  const TempFile file("0123456789");
  evbuffer_file_segment* const segment = evbuffer_file_segment_new(file.fd(), 0, 10, 0);
  REQUIRE(segment != nullptr);
  SegmentEnd end;
  evbuffer_file_segment_add_cleanup_cb(segment, SegmentEnd::call, &end);
  const Buffer buffer = make_buffer();
  CHECK(evbuffer_add_file_segment(buffer.get(), segment, -1, 5) == -1);
  CHECK(evbuffer_add_file_segment(buffer.get(), segment, EV_SSIZE_MAX, 1) == -1);
  CHECK(evbuffer_add_file_segment(buffer.get(), segment, 1, EV_SSIZE_MAX) == -1);
  CHECK(length(buffer) == 0);
  evbuffer_file_segment_free(segment);
  CHECK(end.calls == 1);
}

TEST_CASE("evbuffer_add_file_segment: a failure leaves the maker's reference") {
  INTENDED_DIFFERENCE("a failed evbuffer_add_file_segment takes the maker's reference away");
  const TempFile file("0123456789");
  evbuffer_file_segment* const segment = evbuffer_file_segment_new(file.fd(), 0, 10, 0);
  REQUIRE(segment != nullptr);
  SegmentEnd end;
  evbuffer_file_segment_add_cleanup_cb(segment, SegmentEnd::call, &end);
  const Buffer buffer = make_buffer();
  evbuffer_freeze(buffer.get(), 0);
  CHECK(evbuffer_add_file_segment(buffer.get(), segment, 0, 10) == -1);
  CHECK(evbuffer_add_file_segment(buffer.get(), segment, 0, 11) == -1);
  CHECK(end.calls == 0);
  evbuffer_unfreeze(buffer.get(), 0);
  CHECK(evbuffer_add_file_segment(buffer.get(), segment, 0, 10) == 0);
  CHECK(content(buffer) == "0123456789");
  evbuffer_file_segment_free(segment);
}

TEST_CASE("evbuffer_add_buffer_reference: bytes from files are refused") {
  const TempFile file("0123456789");
  evbuffer_file_segment* const segment = evbuffer_file_segment_new(file.fd(), 0, 10, 0);
  REQUIRE(segment != nullptr);
  const Buffer buffer = make_buffer();
  const Buffer sharer = make_buffer();
  REQUIRE(add(buffer, "abc") == 0);
  REQUIRE(evbuffer_add_file_segment(buffer.get(), segment, 0, 10) == 0);
  evbuffer_file_segment_free(segment);
  CHECK(evbuffer_add_buffer_reference(sharer.get(), buffer.get()) == -1);
  CHECK(length(sharer) == 0);
  CHECK(content(buffer) == "abc0123456789");
}
