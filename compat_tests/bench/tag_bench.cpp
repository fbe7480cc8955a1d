// Tagged data: items written to a buffer and read from it again.
#include <event2/tag.h>
#include <sys/time.h>

#include <cstdlib>

#include "groups.h"
#include "objects.h"

namespace bench {
namespace {

// So many items at a time lie in the buffer.
constexpr std::int64_t kItems = 1000;
constexpr char kText[] = "a value of common length";

void write_int(evbuffer* buffer) { evtag_marshal_int(buffer, 300, 1234567); }
void read_int(evbuffer* buffer) {
  ev_uint32_t number = 0;
  require(evtag_unmarshal_int(buffer, 300, &number) > 0 && number == 1234567, "a wrong integer");
}

void write_string(evbuffer* buffer) { evtag_marshal_string(buffer, 7, kText); }
void read_string(evbuffer* buffer) {
  char* text = nullptr;
  require(evtag_unmarshal_string(buffer, 7, &text) == 0, "a string was lost");
  std::free(text);
}

void write_time(evbuffer* buffer) {
  timeval time{1'700'000'000, 123'456};
  evtag_marshal_timeval(buffer, 9, &time);
}
void read_time(evbuffer* buffer) {
  timeval time{};
  require(evtag_unmarshal_timeval(buffer, 9, &time) == 0, "a time was lost");
}

void skip(evbuffer* buffer) {
  ev_uint32_t length = 0;
  require(evtag_peek_length(buffer, &length) == 0 && evtag_consume(buffer) == 0,
          "an item was lost");
}

using Work = void (*)(evbuffer*);

void repeat(Work work, evbuffer* buffer) {
  for (std::int64_t i = 0; i < kItems; ++i) {
    work(buffer);
  }
}

Benchmark writing(const char* name, Work write) {
  return {name,
          "one item",
          [write](Meter& meter) {
            const Buffer buffer = make_buffer();
            meter.measure_batches(
                kItems, [&] { evbuffer_drain(buffer.get(), evbuffer_get_length(buffer.get())); },
                [&] { repeat(write, buffer.get()); });
          },
          {}};
}

Benchmark reading(const char* name, Work write, Work read) {
  return {name,
          "one item",
          [write, read](Meter& meter) {
            const Buffer buffer = make_buffer();
            meter.measure_batches(
                kItems, [&] { repeat(write, buffer.get()); }, [&] { repeat(read, buffer.get()); });
          },
          {}};
}

}  // namespace

void add_tag_benchmarks(Table& table) {
  table.push_back(writing("tag int write", write_int));
  table.push_back(reading("tag int read", write_int, read_int));
  table.push_back(writing("tag string write", write_string));
  table.push_back(reading("tag string read", write_string, read_string));
  table.push_back(writing("tag timeval write", write_time));
  table.push_back(reading("tag timeval read", write_time, read_time));
  table.push_back(reading("tag peek and consume", write_string, skip));
}

}  // namespace bench
