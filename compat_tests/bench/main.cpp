// Lists and runs benchmarks. One run measures one benchmark, so that none inherits the heap or the
// caches of another; tools/bench calls it as often as it takes.
#include <dlfcn.h>
#include <event2/event.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "groups.h"
#include "process.h"

namespace {

constexpr const char* kUsage =
    "usage: bench --library                 which libevent is loaded\n"
    "       bench --list                    name, operation, kind and properties of each "
    "benchmark\n"
    "       bench --smoke                   a few operations of each benchmark\n"
    "       bench --run NAME [--raw] (--seconds S | --operations N)\n";

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

const char* name_of(bench::Kind kind) {
  switch (kind) {
    case bench::Kind::kAlone:
      return "alone";
    case bench::Kind::kThreaded:
      return "threaded";
    case bench::Kind::kWithPeer:
      return "with-peer";
    case bench::Kind::kBulk:
      return "bulk";
    case bench::Kind::kBytes:
      return "bytes";
  }
  return "";
}

int print_library() {
  Dl_info info{};
  bench::require(dladdr(reinterpret_cast<void*>(&event_base_new), &info) != 0, "dladdr failed");
  const bool relevent = dlsym(RTLD_DEFAULT, "relevent_get_version") != nullptr;
  std::printf("%s\t%s\n", relevent ? "relevent" : "reference", info.dli_fname);
  return 0;
}

bool can_run(const bench::Benchmark& entry) {
  return entry.needs.empty() || bench::can_execute(entry.needs);
}

int list(const bench::Table& table) {
  for (const auto& entry : table) {
    const std::string missing = can_run(entry) ? "" : "missing:" + entry.needs;
    std::printf("%s\t%s\t%s\t%s%s%s\n", entry.name.c_str(), entry.operation.c_str(),
                name_of(entry.kind), entry.run_raw ? "raw " : "", entry.large ? "large " : "",
                missing.c_str());
  }
  return 0;
}

int smoke(const bench::Table& table) {
  constexpr std::int64_t kOperations = 300;
  for (const auto& entry : table) {
    if (entry.large) {
      continue;
    }
    if (!can_run(entry)) {
      std::printf("not run: %s needs %s\n", entry.name.c_str(), entry.needs.c_str());
      continue;
    }
    for (const auto* run : {&entry.run, &entry.run_raw}) {
      if (*run) {
        auto meter = bench::Meter::for_operations(kOperations);
        (*run)(meter);
        bench::require(meter.operations() >= kOperations, "too few operations");
      }
    }
    std::printf("ok %s\n", entry.name.c_str());
  }
  return 0;
}

int run(const bench::Table& table, std::string_view name, bool raw, bench::Meter meter) {
  const auto entry = std::find_if(table.begin(), table.end(),
                                  [&](const auto& candidate) { return candidate.name == name; });
  bench::require(entry != table.end(), "there is no such benchmark");
  const auto& function = raw ? entry->run_raw : entry->run;
  bench::require(static_cast<bool>(function), "it has no raw variant");
  function(meter);
  std::printf("%.3f\t%lld\n", meter.result(), static_cast<long long>(meter.operations()));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  const bench::Table table = bench::all_benchmarks();
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  const std::string_view command = arguments.empty() ? "" : arguments[0];
  if (command == "--library" && arguments.size() == 1) {
    return print_library();
  }
  if (command == "--list" && arguments.size() == 1) {
    return list(table);
  }
  if (command == "--smoke" && arguments.size() == 1) {
    return smoke(table);
  }
  const bool raw = arguments.size() == 5 && arguments[2] == "--raw";
  if (command == "--run" && arguments.size() == (raw ? 5U : 4U)) {
    const auto unit = arguments[arguments.size() - 2];
    const double amount = std::atof(argv[argc - 1]);
    if (amount > 0 && unit == "--seconds") {
      return run(table, arguments[1], raw, bench::Meter::for_seconds(amount));
    }
    if (amount > 0 && unit == "--operations") {
      return run(table, arguments[1], raw,
                 bench::Meter::for_operations(static_cast<std::int64_t>(amount)));
    }
  }
  std::fputs(kUsage, stderr);
  return 2;
}
