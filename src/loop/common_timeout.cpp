#include "loop/common_timeout.h"

#include "log/log.h"
#include "loop/timer_heap.h"

namespace relevent::loop {

CommonTimeouts::~CommonTimeouts() {
  for (CommonTimeout* const common : queues_) {
    mem::destroy(common);
  }
}

CommonTimeout* CommonTimeouts::find_or_create(event_base& base, const timeval& duration) {
  timeval plain = duration;
  if (find(duration) != nullptr) {
    plain.tv_usec &= kMicrosecondMask;
  } else if (plain.tv_usec >= 1'000'000) {
    plain.tv_sec += plain.tv_usec / 1'000'000;
    plain.tv_usec %= 1'000'000;
  }
  for (CommonTimeout* const common : queues_) {
    if (common->duration.tv_sec == plain.tv_sec &&
        (common->duration.tv_usec & kMicrosecondMask) == plain.tv_usec) {
      return common;
    }
  }
  const std::size_t index = queues_.size();
  if (index == kMaxCommonTimeouts) {
    log::warn("event_base_init_common_timeout: all %zu common timeouts of this base are in use",
              kMaxCommonTimeouts);
    return nullptr;
  }
  mem::Owned<CommonTimeout> common(mem::create<CommonTimeout>());
  if (common == nullptr || !queues_.push_back(common.get())) {
    log::warn("event_base_init_common_timeout: out of memory");
    return nullptr;
  }
  common->duration = {plain.tv_sec,
                      plain.tv_usec | kCommonMagic | static_cast<long>(index) << kCommonIndexShift};
  common->timer.ev_base = &base;
  common->timer.ev_fd = static_cast<int>(index);
  common->timer.ev_timeout_pos.min_heap_idx = -1;
  set_flag(callback_of(common->timer), EVLIST_INIT | EVLIST_INTERNAL);
  return common.release();
}

void CommonTimeouts::insert(CommonTimeout& common, event& ev) {
  const Deadline deadline = deadline_of(ev);
  event* position = common.queue.back();
  while (position != nullptr && deadline < deadline_of(*position)) {
    position = common.queue.previous(*position);
  }
  if (position != nullptr) {
    common.queue.insert_after(*position, ev);
  } else {
    common.queue.push_front(ev);
  }
}

}  // namespace relevent::loop
