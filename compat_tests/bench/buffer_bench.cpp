// What programs do with an evbuffer most often.
#include <event2/buffer.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "groups.h"
#include "objects.h"

namespace bench {
namespace {

constexpr std::size_t kMessage = 64;
constexpr std::size_t kBlock = 65536;
// So many additions, then the buffer is emptied; both are timed.
constexpr std::int64_t kGathered = 1000;

const char kText[kMessage] = "a message";

// Calls add(buffer) `count` times, and empties the buffer now and then.
template <class Add>
void gather(Meter& meter, Add add) {
  const Buffer buffer = make_buffer();
  meter.measure([&](std::int64_t count) {
    while (count > 0) {
      for (std::int64_t i = std::min(count, kGathered); i > 0; --i) {
        add(buffer.get());
      }
      evbuffer_drain(buffer.get(), evbuffer_get_length(buffer.get()));
      count -= kGathered;
    }
  });
}

void add_message(Meter& meter) {
  gather(meter, [](evbuffer* buffer) { evbuffer_add(buffer, kText, kMessage); });
}

void prepend_message(Meter& meter) {
  gather(meter, [](evbuffer* buffer) { evbuffer_prepend(buffer, kText, kMessage); });
}

void print_line(Meter& meter) {
  gather(meter, [](evbuffer* buffer) {
    evbuffer_add_printf(buffer, "%s: %d of %lu\r\n", "content-length", 4711, 65536UL);
  });
}

// The content, as many chains as 16 KiB of messages make, goes to the other buffer and back.
void move(Meter& meter) {
  const Buffer first = make_buffer();
  const Buffer second = make_buffer();
  for (int i = 0; i < 256; ++i) {
    evbuffer_add(first.get(), kText, kMessage);
  }
  meter.measure([&](std::int64_t count) {
    evbuffer* from = first.get();
    evbuffer* to = second.get();
    for (std::int64_t i = 0; i < count; ++i) {
      evbuffer_add_buffer(to, from);
      std::swap(from, to);
    }
    require(evbuffer_get_length(from) == 256 * kMessage, "bytes were lost");
    evbuffer_add_buffer(first.get(), second.get());
  });
}

void read_line(Meter& meter) {
  constexpr std::int64_t kLines = 1000;
  const Buffer buffer = make_buffer();
  meter.measure_batches(
      kLines,
      [&] {
        for (std::int64_t i = 0; i < kLines; ++i) {
          evbuffer_add_printf(buffer.get(), "header-%d: the value of this header\r\n",
                              static_cast<int>(i));
        }
      },
      [&] {
        for (std::int64_t i = 0; i < kLines; ++i) {
          std::size_t length = 0;
          std::free(evbuffer_readln(buffer.get(), &length, EVBUFFER_EOL_CRLF));
        }
      });
  require(evbuffer_get_length(buffer.get()) == 0, "a line is left");
}

// Through 64 KiB of text in chains of 4 KiB to the only match, at the end.
void search(Meter& meter) {
  const Buffer buffer = make_buffer();
  std::string piece;
  while (piece.size() < 4096) {
    piece += "name: value, name: another value\r\n";
  }
  piece.resize(4096);
  for (std::size_t i = 0; i < kBlock / piece.size(); ++i) {
    evbuffer_add_reference(buffer.get(), piece.data(), piece.size(), nullptr, nullptr);
  }
  evbuffer_add(buffer.get(), "\r\n\r\n", 4);
  meter.measure([&](std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      const evbuffer_ptr found = evbuffer_search(buffer.get(), "\r\n\r\n", 4, nullptr);
      require(found.pos == static_cast<ev_ssize_t>(kBlock), "it was not found");
    }
  });
}

void copy_block(Meter& meter) {
  const Buffer buffer = make_buffer();
  std::string block(kBlock, 'b');
  meter.measure([&](std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      evbuffer_add(buffer.get(), block.data(), kBlock);
      require(evbuffer_remove(buffer.get(), block.data(), kBlock) == static_cast<int>(kBlock),
              "bytes were lost");
    }
  });
}

void new_add_free(Meter& meter) {
  meter.measure([&](std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      evbuffer* const buffer = evbuffer_new();
      evbuffer_add(buffer, kText, kMessage);
      evbuffer_free(buffer);
    }
  });
}

}  // namespace

void add_buffer_benchmarks(Table& table) {
  table.push_back({"buffer add", "evbuffer_add of 64 bytes", add_message, nullptr});
  table.push_back({"buffer prepend", "evbuffer_prepend of 64 bytes", prepend_message, nullptr});
  table.push_back({"buffer printf", "evbuffer_add_printf of 28 bytes", print_line, nullptr});
  table.push_back({"buffer move", "evbuffer_add_buffer of 16 KiB", move, nullptr});
  table.push_back({"buffer readln", "evbuffer_readln of 40 bytes", read_line, nullptr});
  table.push_back({"buffer search", "evbuffer_search through 64 KiB", search, nullptr});
  table.push_back({"buffer copy", "evbuffer_add and _remove of 64 KiB", copy_block, nullptr});
  table.push_back({"buffer new+add+free", "a buffer for 64 bytes", new_add_free, nullptr});
}

}  // namespace bench
