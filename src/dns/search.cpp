#include "dns/search.h"

#include <algorithm>

namespace relevent::dns {

bool SearchList::append(const char* text) {
  const std::size_t before = text_.size();
  const std::size_t size = std::strlen(text) + 1;
  if (!text_.resize(before + size)) {
    return false;
  }
  std::memcpy(text_.data() + before, text, size);
  ++count_;
  return true;
}

SearchList* SearchList::with(const char* domain, bool in_front) const {
  Owned<SearchList> list(create());
  domain += std::strspn(domain, ".");
  bool whole = list != nullptr;
  if (whole && in_front && *domain != '\0') {
    whole = list->append(domain);
  }
  for (int i = 0; whole && i < count_; ++i) {
    whole = list->append(this->domain(i));
  }
  if (whole && !in_front && *domain != '\0') {
    whole = list->append(domain);
  }
  return whole ? list.release() : nullptr;
}

void SearchList::drop(SearchList* list) {
  if (list != nullptr && --list->users_ == 0) {
    destroy(list);
  }
}

const char* SearchList::domain(int index) const {
  const char* text = text_.data();
  for (; index > 0; --index) {
    text += std::strlen(text) + 1;
  }
  return text;
}

bool Search::candidate(int number, NameText& result) const {
  const std::size_t length = std::strlen(name);
  const bool alone_first = std::count(name, name + length, '.') >= ndots;
  const int alone = alone_first ? 0 : count() - 1;
  if (length >= sizeof result.text) {
    return false;
  }
  std::memcpy(result.text, name, length + 1);
  result.length = length;
  if (number == alone) {
    return true;
  }
  const char* const domain = list->domain(alone_first ? number - 1 : number);
  const std::size_t domain_length = std::strlen(domain);
  const bool has_dot = length > 0 && name[length - 1] == '.';
  if (length + domain_length + 1 >= sizeof result.text) {
    return false;
  }
  if (!has_dot) {
    result.text[result.length++] = '.';
  }
  std::memcpy(result.text + result.length, domain, domain_length + 1);
  result.length += domain_length;
  return true;
}

}  // namespace relevent::dns
