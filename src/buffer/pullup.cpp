#include <algorithm>
#include <cstring>

#include "buffer/content.h"

namespace relevent::buffer {

unsigned char* Content::pullup(std::size_t size) {
  if (size == 0 || size > length_) {
    return nullptr;
  }
  if (first_->length >= size) {
    return first_->load() ? first_->begin : nullptr;
  }
  std::size_t seen = 0;
  for (Chain* chain = first_; seen < size; chain = chain->next) {
    if (!chain->load()) {
      return nullptr;
    }
    seen += chain->length;
  }

  Chain* target = first_;
  if (target->writable() && target->capacity >= size) {
    if (target->length + target->tail_room() < size) {
      target->realign();
    }
  } else {
    target = Chain::make(size);
    if (target == nullptr) {
      return nullptr;
    }
  }
  Chain* consumed = target == first_ ? first_->next : first_;
  Chain* before = nullptr;  // the last chain that is consumed as a whole
  Chain* chain = consumed;
  while (target->length < size) {
    const std::size_t count = std::min(size - target->length, chain->length);
    std::memcpy(target->end(), chain->begin, count);
    target->length += count;
    if (count < chain->length) {
      chain->drop_front(count);
      break;
    }
    if (chain == last_) {
      last_ = target;
    }
    before = chain;
    chain = chain->next;
  }
  if (before != nullptr) {
    before->next = nullptr;
  } else {
    consumed = nullptr;
  }
  target->next = chain;
  first_ = target;
  Chain::release_list(consumed);
  return target->begin;
}

}  // namespace relevent::buffer
