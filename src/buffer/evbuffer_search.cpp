// Positions in an evbuffer.
#include "buffer/access.h"
#include "buffer/evbuffer.h"

namespace relevent::buffer {
namespace {

evbuffer_ptr to_pointer(const Position& position) {
  return {static_cast<ev_ssize_t>(position.pos), {position.chain, position.offset}};
}

constexpr evbuffer_ptr kNowhere{-1, {nullptr, 0}};

}  // namespace

bool Evbuffer::resolve_locked(const evbuffer_ptr* from, Position& position) const {
  if (from == nullptr) {
    position = content_.start();
    return true;
  }
  if (from->pos < 0 || static_cast<std::size_t>(from->pos) > content_.size()) {
    return false;
  }
  const auto pos = static_cast<std::size_t>(from->pos);
  if (from->internal_.chain == nullptr || pos == content_.size()) {
    position = content_.advance(content_.start(), pos);
  } else {
    position = {static_cast<Chain*>(from->internal_.chain), from->internal_.pos_in_chain, pos};
  }
  return true;
}

bool Evbuffer::set_position(evbuffer_ptr& position, std::size_t count, evbuffer_ptr_how how) {
  const Access access(*this);
  Position from = content_.start();
  bool valid = how == EVBUFFER_PTR_SET;
  if (how == EVBUFFER_PTR_ADD) {
    valid = resolve_locked(&position, from);
    // Compat: the pointer stays as it was ("evbuffer_ptr_set: beyond the end").
    if (valid && count > SIZE_MAX - from.pos) {
      return false;
    }
  }
  if (!valid || count > content_.size() - from.pos) {
    position = kNowhere;
    return false;
  }
  position = to_pointer(content_.advance(from, count));
  return true;
}

evbuffer_ptr Evbuffer::search(const char* what, std::size_t size, const evbuffer_ptr* from,
                              const evbuffer_ptr* until) {
  const Access access(*this);
  Position start;
  Position limit{nullptr, 0, content_.size()};
  Position found;
  if (!resolve_locked(from, start) || (until != nullptr && !resolve_locked(until, limit)) ||
      !content_.find(what, size, start, limit.pos, found)) {
    return kNowhere;
  }
  return to_pointer(found);
}

evbuffer_ptr Evbuffer::search_eol(const evbuffer_ptr* from, std::size_t* length,
                                  evbuffer_eol_style style) {
  const Access access(*this);
  Position start;
  const LineEnd end = resolve_locked(from, start) ? content_.find_eol(start, style) : LineEnd{};
  if (length != nullptr) {
    *length = end.length;
  }
  return end.length == 0 ? kNowhere : to_pointer(end.position);
}

int Evbuffer::peek(ev_ssize_t length, const evbuffer_ptr* from, iovec* pieces, int count) {
  const Access access(*this);
  Position start;
  if (!resolve_locked(from, start)) {
    return 0;
  }
  return content_.peek(start, length, from == nullptr, pieces, count);
}

unsigned char* Evbuffer::find_and_pullup(const void* what, std::size_t size) {
  const Access access(*this);
  Position found;
  if (!content_.find(static_cast<const char*>(what), size, content_.start(), content_.size(),
                     found)) {
    return nullptr;
  }
  unsigned char* const bytes = content_.pullup(found.pos + size);
  return bytes == nullptr ? nullptr : bytes + found.pos;
}

}  // namespace relevent::buffer
