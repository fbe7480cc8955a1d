#include "bench.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

// What is timed runs inside this function and nothing else does, so that a tool can be told to
// count from its entry to its return (callgrind: --toggle-collect=relevent_bench_timed).
extern "C" [[gnu::noinline]] double relevent_bench_timed(const std::function<void()>& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

namespace bench {

void Meter::measure(const std::function<void(std::int64_t)>& body) {
  const auto run = [&](std::int64_t count) {
    operations_ = count;
    elapsed_ = Duration(relevent_bench_timed([&] { body(count); }));
  };
  if (count_ > 0) {
    run(count_);
    return;
  }
  // The last run alone counts: it is long, and everything it touches is warm.
  std::int64_t count = 16;
  for (run(count); elapsed_ < seconds_ / 10; run(count)) {
    count *= 4;
  }
  run(std::max<std::int64_t>(
      1, static_cast<std::int64_t>(static_cast<double>(count) * (seconds_ / elapsed_))));
}

void Meter::measure_batches(std::int64_t size, const std::function<void()>& setup,
                            const std::function<void()>& body) {
  if (count_ == 0) {
    // Once to warm up.
    setup();
    body();
  }
  do {
    setup();
    elapsed_ += Duration(relevent_bench_timed(body));
    operations_ += size;
  } while (count_ > 0 ? operations_ < count_ : elapsed_ < seconds_);
}

void Meter::report_bytes(double bytes, std::int64_t operations) {
  bytes_ = bytes;
  operations_ = operations;
}

double Meter::result() const {
  require(operations_ > 0, "nothing was measured");
  if (bytes_ > 0) {
    return bytes_;
  }
  return elapsed_.count() * 1e9 / static_cast<double>(operations_);
}

void require(bool condition, const char* text) {
  if (!condition) {
    std::fprintf(stderr, "benchmark: %s\n", text);
    std::exit(1);
  }
}

}  // namespace bench
