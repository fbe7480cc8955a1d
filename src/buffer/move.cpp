// Bytes that go from one content to another, whole chains at a time.
#include <cstring>

#include "buffer/content.h"

namespace relevent::buffer {

bool Content::prepend_all(Content& source) {
  if (source.length_ == 0) {
    return true;
  }
  if (!fits(source.length_)) {
    return false;
  }
  source.drop_spares();
  source.last_->next = first_;
  first_ = source.first_;
  if (length_ == 0) {
    last_ = source.last_;
  }
  length_ += source.length_;
  source.first_ = nullptr;
  source.last_ = nullptr;
  source.length_ = 0;
  return true;
}

bool Content::append_front(Content& source, std::size_t count) {
  if (!fits(count)) {
    return false;
  }
  Chain* before = nullptr;  // the last chain that moves as a whole
  Chain* cut = source.first_;
  std::size_t rest = count;
  while (rest > 0 && rest >= cut->length) {
    rest -= cut->length;
    before = cut;
    cut = cut->next;
  }
  // A part of `cut` is copied; that must succeed before anything moves.
  Chain* part = nullptr;
  if (rest > 0) {
    if (cut->in_file()) {
      part = Chain::make_file(*cut->file().segment, cut->file().offset, rest);
    } else if (before == nullptr) {
      if (!append(cut->begin, rest)) {
        return false;
      }
      source.drain(rest);
      return true;
    } else if (before->tail_room() < rest) {
      part = Chain::make(rest);
    } else {
      part = before;
    }
    if (part == nullptr) {
      return false;
    }
  }
  if (before != nullptr) {
    Chain* const first = source.first_;
    source.first_ = cut;
    source.length_ -= count - rest;
    before->next = nullptr;
    link_back(first, before, count - rest);
  }
  if (rest == 0) {
    return true;
  }
  if (part->kind == Chain::Kind::kOwn) {
    std::memcpy(part->end(), cut->begin, rest);
    part->length += rest;
  }
  if (part == before) {
    length_ += rest;
  } else {
    link_back(part);
  }
  source.drain(rest);
  return true;
}

}  // namespace relevent::buffer
