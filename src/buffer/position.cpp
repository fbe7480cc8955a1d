#include "buffer/content.h"

namespace relevent::buffer {

Position Content::advance(Position from, std::size_t count) const {
  Position place = from;
  place.pos += count;
  if (place.pos == length_) {
    return {nullptr, 0, length_};
  }
  std::size_t offset = place.offset + count;
  while (offset >= place.chain->length) {
    offset -= place.chain->length;
    place.chain = place.chain->next;
  }
  place.offset = offset;
  return place;
}

}  // namespace relevent::buffer
