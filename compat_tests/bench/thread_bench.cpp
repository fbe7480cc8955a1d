// Waking a loop from another thread.
#include <event2/event.h>
#include <event2/thread.h>
#include <semaphore.h>
#include <sys/eventfd.h>

#include <atomic>
#include <thread>

#include "groups.h"
#include "objects.h"

namespace bench {
namespace {

class Semaphore {
 public:
  Semaphore() { require(sem_init(&semaphore_, 0, 0) == 0, "sem_init failed"); }
  ~Semaphore() { sem_destroy(&semaphore_); }
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;
  void post() { sem_post(&semaphore_); }
  void wait() {
    while (sem_wait(&semaphore_) != 0) {
    }
  }

 private:
  sem_t semaphore_;
};

// A thread that waits in its loop until wake() is called, and then calls the function.
class LibeventWorker {
 public:
  explicit LibeventWorker(std::function<void()> function) : function_(std::move(function)) {
    require(event_base_loop(base_.get(), EVLOOP_NONBLOCK) >= 0, "event_base_loop failed");
    thread_ = std::thread([this] { event_base_loop(base_.get(), EVLOOP_NO_EXIT_ON_EMPTY); });
  }
  ~LibeventWorker() {
    event_base_loopexit(base_.get(), nullptr);
    thread_.join();
  }
  LibeventWorker(const LibeventWorker&) = delete;
  LibeventWorker& operator=(const LibeventWorker&) = delete;

  void wake() { event_active(event_.get(), EV_READ, 0); }

 private:
  static Base threaded_base() {
    require(evthread_use_pthreads() == 0, "evthread_use_pthreads failed");
    return make_base();
  }
  static void on_wake(evutil_socket_t, short, void* argument) {
    static_cast<LibeventWorker*>(argument)->function_();
  }

  std::function<void()> function_;
  Base base_ = threaded_base();
  Event event_ = make_event(base_, -1, EV_PERSIST, on_wake, this);
  std::thread thread_;
};

// The same with an eventfd and epoll.
class RawWorker {
 public:
  explicit RawWorker(std::function<void()> function) : function_(std::move(function)) {
    epoll_.control(EPOLL_CTL_ADD, fd_, EPOLLIN);
    thread_ = std::thread([this] { run(); });
  }
  ~RawWorker() {
    stop_ = true;
    wake();
    thread_.join();
    close(fd_);
  }
  RawWorker(const RawWorker&) = delete;
  RawWorker& operator=(const RawWorker&) = delete;

  void wake() { require(eventfd_write(fd_, 1) == 0, "eventfd_write failed"); }

 private:
  void run() {
    std::vector<epoll_event> ready(32);
    while (true) {
      epoll_.wait(ready, -1);
      eventfd_t value = 0;
      eventfd_read(fd_, &value);
      if (stop_) {
        return;
      }
      function_();
    }
  }

  std::function<void()> function_;
  RawEpoll epoll_;
  int fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// Two loops in two threads wake each other by turns.
template <class Worker>
void ping_pong(Meter& meter) {
  std::atomic<std::int64_t> remaining = 0;
  Semaphore finished;
  // Each worker's function needs the other one, which does not exist before.
  Worker* other = nullptr;
  Worker first([&] {
    if (--remaining <= 0) {
      finished.post();
    } else {
      other->wake();
    }
  });
  Worker second([&] {
    if (--remaining <= 0) {
      finished.post();
    } else {
      first.wake();
    }
  });
  other = &second;
  meter.measure([&](std::int64_t count) {
    remaining = count;
    first.wake();
    finished.wait();
  });
}

// This thread wakes a loop that has nothing to do, and waits for its callback.
template <class Worker>
void wake_idle(Meter& meter) {
  Semaphore called;
  Worker worker([&] { called.post(); });
  meter.measure([&](std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      worker.wake();
      called.wait();
    }
  });
}

}  // namespace

void add_thread_benchmarks(Table& table) {
  table.push_back({"threads ping-pong", "one wake-up of the other loop", ping_pong<LibeventWorker>,
                   ping_pong<RawWorker>, false, Kind::kThreaded});
  table.push_back({"threads wake idle", "wake-up, callback and answer", wake_idle<LibeventWorker>,
                   wake_idle<RawWorker>, false, Kind::kThreaded});
}

}  // namespace bench
