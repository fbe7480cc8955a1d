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

  // For a benchmark of kind kBytes, which measures no time.
  void report_bytes(double bytes, std::int64_t operations);

  std::int64_t operations() const { return operations_; }
  // Nanoseconds, or bytes, per operation.
  double result() const;

 private:
  using Duration = std::chrono::duration<double>;

  Meter(double seconds, std::int64_t count) : seconds_(seconds), count_(count) {}

  Duration seconds_;
  std::int64_t count_;
  std::int64_t operations_ = 0;
  Duration elapsed_{0};
  double bytes_ = 0;
};

// What a tool that counts or times has to know of a benchmark.
enum class Kind {
  kAlone,
  kThreaded,  // instructions cannot be attributed to operations
  kWithPeer,  // another process does a part of the work, which is not to be counted
  kBulk,      // the same, and timed for a certain amount instead of a certain time
  kBytes      // measures bytes of memory, not time
};

struct Benchmark {
  std::string name;
  // What one operation is.
  std::string operation;
  std::function<void(Meter&)> run;
  // The same work without libevent, by hand-written epoll or in a
  // plain loop; empty where that makes no sense.
  std::function<void(Meter&)> run_raw;
  // Takes seconds to set up, so a smoke test leaves it out.
  bool large = false;
  Kind kind = Kind::kAlone;
  // A program without which it cannot run.
  std::string needs{};
};

using Table = std::vector<Benchmark>;

// Ends the program with this text if the condition does not hold: a benchmark that does not do
// its work must not report a time.
void require(bool condition, const char* text);

}  // namespace bench
