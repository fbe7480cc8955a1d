// The benchmark program: one binary over the public API, so that the loader decides whether it
// measures relevent or the reference. tools/bench runs it on both by turns and compares.
//
// A group of benchmarks is one file with a function that adds its entries to the table; a new
// group is named in groups.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bench {

// Counts and times the operations of one benchmark. It either runs for about so many seconds or
// performs a given number of operations, for tools that count instead of timing.
class Meter {
 public:
  static Meter for_seconds(double seconds) { return Meter(seconds, 0); }
  static Meter for_operations(std::int64_t count) { return Meter(0, count); }

  // Times body(n), which performs n operations; called with growing n until the time is up.
  void measure(const std::function<void(std::int64_t)>& body);

  // Times body(), which performs `size` operations; before each time setup() runs untimed.
  void measure_batches(std::int64_t size, const std::function<void()>& setup,
                       const std::function<void()>& body);

  std::int64_t operations() const { return operations_; }
  double ns_per_operation() const;

 private:
  using Duration = std::chrono::duration<double>;

  Meter(double seconds, std::int64_t count) : seconds_(seconds), count_(count) {}

  Duration seconds_;
  std::int64_t count_;
  std::int64_t operations_ = 0;
  Duration elapsed_{0};
};

struct Benchmark {
  std::string name;
  // What one operation is.
  std::string operation;
  std::function<void(Meter&)> run;
  // The same work without libevent, by hand-written epoll; empty where that makes no sense.
  std::function<void(Meter&)> run_raw;
  // Takes seconds to set up, so a smoke test leaves it out.
  bool large = false;
  // Runs threads, so that instructions cannot be attributed to operations.
  bool threaded = false;
};

using Table = std::vector<Benchmark>;

// Ends the program with this text if the condition does not hold: a benchmark that does not do
// its work must not report a time.
void require(bool condition, const char* text);

}  // namespace bench
