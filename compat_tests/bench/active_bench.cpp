// Events that a program activates itself.
#include <event2/event.h>

#include "groups.h"
#include "objects.h"

namespace bench {
namespace {

void count_call(evutil_socket_t, short, void* argument) { ++*static_cast<std::int64_t*>(argument); }

// Activates a thousand events, then lets the loop call them back.
void dispatch(Meter& meter, int priorities) {
  constexpr std::int64_t kCount = 1000;
  const Base base = make_base();
  require(event_base_priority_init(base.get(), priorities) == 0, "event_base_priority_init failed");
  std::int64_t calls = 0;
  std::vector<Event> events;
  for (int i = 0; i < kCount; ++i) {
    events.push_back(make_event(base, -1, EV_PERSIST, count_call, &calls));
    event_priority_set(events.back().get(), i % priorities);
  }
  std::int64_t rounds = 0;
  meter.measure_batches(
      kCount, [&] { ++rounds; },
      [&] {
        for (const Event& event : events) {
          event_active(event.get(), EV_READ, 0);
        }
        // Each pass of the loop serves one priority.
        for (int i = 0; i < priorities; ++i) {
          event_base_loop(base.get(), EVLOOP_NONBLOCK);
        }
      });
  require(calls == rounds * kCount, "a callback is missing");
}

void dispatch_locks(Meter& meter) {
  require(evthread_use_pthreads() == 0, "evthread_use_pthreads failed");
  dispatch(meter, 1);
}

}  // namespace

void add_active_benchmarks(Table& table) {
  table.push_back({"active dispatch", "event_active and its callback",
                   [](Meter& meter) { dispatch(meter, 1); }, nullptr});
  table.push_back({"active dispatch, 8 priorities", "event_active and its callback",
                   [](Meter& meter) { dispatch(meter, 8); }, nullptr});
  table.push_back(
      {"active dispatch, locks", "event_active and its callback", dispatch_locks, nullptr});
}

}  // namespace bench
