// Timers: many are pending, and each operation concerns one of them.
#include <event2/event.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "groups.h"
#include "objects.h"

namespace bench {
namespace {

// A base with so many timers. The order in which a benchmark touches them is random, but the same
// each time.
class Timers {
 public:
  explicit Timers(std::size_t count) : order_(count) {
    for (std::size_t i = 0; i < count; ++i) {
      events_.push_back(make_event(base_, -1, 0, on_timeout, &fired_));
      order_[i] = i;
    }
    std::shuffle(order_.begin(), order_.end(), random_);
  }

  const Base& base() const { return base_; }
  std::int64_t size() const { return static_cast<std::int64_t>(events_.size()); }
  std::int64_t fired() const { return fired_; }
  event* in_order(std::size_t i) const { return events_[i].get(); }
  event* shuffled(std::size_t i) const { return events_[order_[i]].get(); }

  // Far enough away not to fire while a benchmark runs.
  timeval random_timeout() {
    const auto value = random_();
    return {static_cast<time_t>(100 + value % 1000),
            static_cast<suseconds_t>(value / 1000 % 1000000)};
  }
  timeval random_microseconds(unsigned limit) {
    return {0, static_cast<suseconds_t>(random_() % limit)};
  }

  void add_all() {
    for (const Event& event : events_) {
      const timeval timeout = random_timeout();
      add(event, &timeout);
    }
  }
  void delete_all() {
    for (const Event& event : events_) {
      event_del(event.get());
    }
  }

 private:
  static void on_timeout(evutil_socket_t, short, void* argument) {
    ++*static_cast<std::int64_t*>(argument);
  }

  std::minstd_rand random_{42};
  Base base_ = make_base();
  std::int64_t fired_ = 0;
  std::vector<Event> events_;
  std::vector<std::size_t> order_;
};

void add_timers(Meter& meter, std::size_t count) {
  Timers timers(count);
  std::vector<timeval> timeouts(count);
  std::generate(timeouts.begin(), timeouts.end(), [&] { return timers.random_timeout(); });
  run_in_callback(timers.base(), [&] {
    meter.measure_batches(
        timers.size(), [&] { timers.delete_all(); },
        [&] {
          for (std::size_t i = 0; i < count; ++i) {
            event_add(timers.in_order(i), &timeouts[i]);
          }
        });
    timers.delete_all();
  });
}

void delete_timers(Meter& meter, std::size_t count) {
  Timers timers(count);
  run_in_callback(timers.base(), [&] {
    meter.measure_batches(
        timers.size(), [&] { timers.add_all(); },
        [&] {
          for (std::size_t i = 0; i < count; ++i) {
            event_del(timers.shuffled(i));
          }
        });
  });
}

// As an idle timeout is re-armed by traffic: the new deadline is later than all others.
void rearm_later(Meter& meter, std::size_t count) {
  Timers timers(count);
  run_in_callback(timers.base(), [&] {
    timers.add_all();
    std::int64_t microseconds = 2'000'000'000;
    std::size_t next = 0;
    meter.measure([&](std::int64_t operations) {
      for (std::int64_t i = 0; i < operations; ++i) {
        ++microseconds;
        const timeval timeout{static_cast<time_t>(microseconds / 1000000),
                              static_cast<suseconds_t>(microseconds % 1000000)};
        event_add(timers.shuffled(next), &timeout);
        next = next + 1 == count ? 0 : next + 1;
      }
    });
    timers.delete_all();
  });
}

void rearm_random(Meter& meter, std::size_t count) {
  Timers timers(count);
  run_in_callback(timers.base(), [&] {
    timers.add_all();
    std::size_t next = 0;
    meter.measure([&](std::int64_t operations) {
      for (std::int64_t i = 0; i < operations; ++i) {
        const timeval timeout = timers.random_timeout();
        event_add(timers.shuffled(next), &timeout);
        next = next + 1 == count ? 0 : next + 1;
      }
    });
    timers.delete_all();
  });
}

void rearm_common(Meter& meter, std::size_t count) {
  Timers timers(count);
  const timeval wanted{100, 0};
  const timeval* common = event_base_init_common_timeout(timers.base().get(), &wanted);
  require(common != nullptr, "event_base_init_common_timeout failed");
  run_in_callback(timers.base(), [&] {
    for (std::size_t i = 0; i < count; ++i) {
      event_add(timers.in_order(i), common);
    }
    std::size_t next = 0;
    meter.measure([&](std::int64_t operations) {
      for (std::int64_t i = 0; i < operations; ++i) {
        event_add(timers.shuffled(next), common);
        next = next + 1 == count ? 0 : next + 1;
      }
    });
    timers.delete_all();
  });
}

// All are due when the loop is entered.
void fire(Meter& meter, std::size_t count) {
  Timers timers(count);
  std::int64_t rounds = 0;
  constexpr unsigned kSpread = 20'000;
  meter.measure_batches(
      timers.size(),
      [&] {
        ++rounds;
        for (std::size_t i = 0; i < count; ++i) {
          const timeval timeout = timers.random_microseconds(kSpread);
          event_add(timers.in_order(i), &timeout);
        }
        usleep(2 * kSpread);
      },
      [&] {
        while (timers.fired() < rounds * timers.size()) {
          require(event_base_loop(timers.base().get(), EVLOOP_NONBLOCK) >= 0,
                  "event_base_loop failed");
        }
      });
}

}  // namespace

void add_timer_benchmarks(Table& table) {
  struct Change {
    const char* name;
    const char* operation;
    void (*run)(Meter&, std::size_t);
  };
  const Change changes[] = {
      {"timer add", "event_add", add_timers},
      {"timer delete", "event_del, random order", delete_timers},
      {"timer re-arm later", "event_add, later than all others", rearm_later},
      {"timer re-arm random", "event_add, random timeout", rearm_random},
      {"timer re-arm common", "event_add, common timeout", rearm_common},
      {"timer fire", "one callback", fire},
  };
  const std::pair<std::size_t, const char*> sizes[] = {
      {1'000, ", 10^3"}, {100'000, ", 10^5"}, {1'000'000, ", 10^6"}};
  for (const Change& change : changes) {
    for (const auto& [count, suffix] : sizes) {
      table.push_back({std::string(change.name) + suffix, change.operation,
                       [run = change.run, count = count](Meter& meter) { run(meter, count); },
                       nullptr, count > 1'000});
    }
  }
}

}  // namespace bench
