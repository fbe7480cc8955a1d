#include "loop/active_queue.h"

#include <new>

namespace relevent::loop {

bool ActiveQueue::set_priorities(int count) {
  const auto size = static_cast<std::size_t>(count);
  auto* const lists = static_cast<ActiveList*>(mem::allocate_zeroed(size, sizeof(ActiveList)));
  if (lists == nullptr) {
    return false;
  }
  for (std::size_t i = 0; i < size; ++i) {
    ::new (&lists[i]) ActiveList();
  }
  mem::release(lists_);
  lists_ = lists;
  priorities_ = count;
  return true;
}

void ActiveQueue::promote_later() {
  while (event_callback* const callback = later_.pop_front()) {
    clear_flag(*callback, EVLIST_ACTIVE_LATER);
    --count_;
    push(*callback);
  }
}

}  // namespace relevent::loop
