// Large reads: what callbacks do with the input must not be seen by the next reader.
#include <event2/thread.h>

#include <algorithm>
#include <mutex>

#include "bufferevent_tools.h"
#include "thread_tools.h"

using namespace event_cases;

namespace {

constexpr size_t kTotal = 300'000;

std::string contents_of(evbuffer* buffer) {
  std::string text(evbuffer_get_length(buffer), '\0');
  evbuffer_copyout(buffer, text.data(), text.size());
  return text;
}

// A stream that no other one can be taken for, nor any of its parts for another.
std::string make_stream(unsigned seed) {
  std::string text(kTotal, '\0');
  unsigned value = seed * 2654435761U + 1;
  for (char& c : text) {
    value = value * 1664525U + 1013904223U;
    c = static_cast<char>(value >> 24);
  }
  return text;
}

// One connection whose callback keeps what comes in its own way, and what it has after all.
struct Reader {
  using Hook = void (*)(Reader&, evbuffer* input);

  Reader(const Base& base, unsigned seed, Hook hook, int options = 0)
      : stream(make_stream(seed)),
        on_read(hook),
        bev(make_bufferevent(base, sockets.first, options)) {
    bufferevent_setcb(
        bev.get(),
        [](bufferevent* end, void* arg) {
          Reader& self = *static_cast<Reader*>(arg);
          self.on_read(self, bufferevent_get_input(end));
        },
        nullptr, nullptr, this);
    bufferevent_enable(bev.get(), EV_READ);
  }
  void send() {
    const ssize_t n = write(sockets.second, stream.data() + sent, stream.size() - sent);
    sent += n > 0 ? static_cast<size_t>(n) : 0;
  }
  std::string all() const { return taken + contents_of(kept.get()) + peek_input(bev); }
  bool is_done() const {
    return taken.size() + evbuffer_get_length(kept.get()) + input_length(bev) == kTotal;
  }

  SocketPair sockets;
  const std::string stream;
  const Hook on_read;
  size_t sent = 0;
  std::string taken;
  const Buffer kept{evbuffer_new()};
  Bufferevent bev;
};

void keep(Reader&, evbuffer*) {}

void take_all(Reader& reader, evbuffer* input) {
  reader.taken += contents_of(input);
  evbuffer_drain(input, evbuffer_get_length(input));
}

void take_most(Reader& reader, evbuffer* input) {
  const size_t size = evbuffer_get_length(input) * 7 / 8;
  const std::string text = contents_of(input).substr(0, size);
  reader.taken += text;
  evbuffer_drain(input, size);
}

void move_all(Reader& reader, evbuffer* input) { evbuffer_add_buffer(reader.kept.get(), input); }

void move_part(Reader& reader, evbuffer* input) {
  evbuffer_remove_buffer(input, reader.kept.get(), evbuffer_get_length(input) / 3);
}

// The bytes go on living in `kept` when the input has dropped them.
void share(Reader& reader, evbuffer* input) {
  evbuffer_add_buffer_reference(reader.kept.get(), input);
  evbuffer_drain(input, evbuffer_get_length(input));
}

// Appends to a buffer that has just got the bytes, takes that back, and makes them one piece.
void move_and_change(Reader& reader, evbuffer* input) {
  evbuffer_add_buffer(reader.kept.get(), input);
  evbuffer_add(reader.kept.get(), "more", 4);
  const std::string text = contents_of(reader.kept.get());
  evbuffer_drain(reader.kept.get(), text.size());
  evbuffer_add(reader.kept.get(), text.data(), text.size() - 4);
  evbuffer_pullup(reader.kept.get(), -1);
}

void run_all(const Base& base, std::vector<std::unique_ptr<Reader>>& readers) {
  CHECK(run_until(base, [&] {
    for (const auto& reader : readers) {
      reader->send();
    }
    return std::all_of(readers.begin(), readers.end(),
                       [](const auto& reader) { return reader->is_done(); });
  }));
  for (const auto& reader : readers) {
    CHECK((reader->all() == reader->stream));
  }
}

}  // namespace

TEST_CASE("bufferevent: what callbacks keep of bulk input is not touched by later reads") {
  const Base base = make_base();
  std::vector<std::unique_ptr<Reader>> readers;
  unsigned seed = 0;
  for (const int options : {0, int{BEV_OPT_DEFER_CALLBACKS}}) {
    for (const auto on_read :
         {keep, take_all, take_most, move_all, move_part, share, move_and_change}) {
      readers.push_back(std::make_unique<Reader>(base, ++seed, on_read, options));
    }
  }
  run_all(base, readers);
}

TEST_CASE("bufferevent: bulk input may be kept by callbacks that free the bufferevent") {
  const Base base = make_base();
  std::vector<std::unique_ptr<Reader>> readers;
  const auto keep_and_free = [](Reader& reader, evbuffer* input) {
    evbuffer_add_buffer(reader.kept.get(), input);
    reader.bev.reset();
  };
  for (unsigned seed = 1; seed <= 5; ++seed) {
    readers.push_back(std::make_unique<Reader>(base, seed, keep_and_free));
    readers.back()->send();
  }
  CHECK(run_until(base, [&] {
    return std::all_of(readers.begin(), readers.end(),
                       [](const auto& reader) { return reader->bev == nullptr; });
  }));
  for (const auto& reader : readers) {
    const std::string kept = contents_of(reader->kept.get());
    CHECK(kept.size() >= 4096);
    CHECK((kept == reader->stream.substr(0, kept.size())));
  }
}

TEST_CASE("bufferevent: bulk input handed to another thread", "[threads]") {
  struct Handover {
    std::mutex mutex;
    Buffer buffer{evbuffer_new()};
  } handover;
  const std::string stream = make_stream(1);
  const Base base = make_threaded_base();
  SocketPair sockets;
  const Bufferevent bev = make_bufferevent(base, sockets.first, BEV_OPT_THREADSAFE);
  bufferevent_setcb(
      bev.get(),
      [](bufferevent* end, void* arg) {
        Handover& to = *static_cast<Handover*>(arg);
        const std::lock_guard guard(to.mutex);
        bufferevent_read_buffer(end, to.buffer.get());
      },
      nullptr, nullptr, &handover);
  bufferevent_enable(bev.get(), EV_READ);
  LoopThread loop(base.get());
  std::string got;
  size_t sent = 0;
  CHECK(eventually([&] {
    const ssize_t n = write(sockets.second, stream.data() + sent, stream.size() - sent);
    sent += n > 0 ? static_cast<size_t>(n) : 0;
    const std::lock_guard guard(handover.mutex);
    got += contents_of(handover.buffer.get());
    evbuffer_drain(handover.buffer.get(), evbuffer_get_length(handover.buffer.get()));
    return got.size() == stream.size();
  }));
  loop.stop();
  CHECK((got == stream));
}
