// Bytes that are added without copying them.
#include "buffer/content.h"
#include "buffer/file_segment.h"

namespace relevent::buffer {

bool Content::append_reference(const Chain::Reference& reference, std::size_t skip) {
  if (!fits(reference.size - skip)) {
    return false;
  }
  Chain* const chain = Chain::make_reference(reference, skip);
  if (chain == nullptr) {
    return false;
  }
  link_back(chain);
  return true;
}

bool Content::append_file(FileSegment& segment, ev_off_t offset, std::size_t length, bool send) {
  if (!fits(length)) {
    return false;
  }
  Chain* const chain = Chain::make_file(segment, offset, length);
  if (chain == nullptr) {
    return false;
  }
  if (!send && !chain->load()) {
    Chain::release(chain);
    return false;
  }
  link_back(chain);
  return true;
}

bool Content::append_shared(Content& source) {
  if (!fits(source.length_)) {
    return false;
  }
  Content shared;
  for (Chain* chain = source.first_; shared.length_ < source.length_; chain = chain->next) {
    if (chain->kind == Chain::Kind::kShared || chain->kind == Chain::Kind::kFile) {
      return false;
    }
    Chain* const copy = Chain::make_shared(*chain);
    if (copy == nullptr) {
      return false;
    }
    shared.link_back(copy);
  }
  return append_all(shared);
}

}  // namespace relevent::buffer
