#pragma once

#include "dns/name.h"
#include "surface/memory.h"

namespace relevent::dns {

// The domains that a short name is tried with. Requests under way keep the list they began with, so
// a list that changes is copied first.
// Owns: its domains, one after the other with NULs. It counts its users.
// Lock: the resolver's.
// C API: evdns_base_search_add, evdns_base_search_clear.
class SearchList {
 public:
  static SearchList* create() { return relevent::create<SearchList>(); }
  // The same domains with one more, in front or at the end; dots at its beginning are dropped.
  // Fails: null.
  SearchList* with(const char* domain, bool in_front) const;

  void hold() { ++users_; }
  static void drop(SearchList* list);

  int count() const { return count_; }
  const char* domain(int index) const;

 private:
  [[nodiscard]] bool append(const char* text);

  GrowArray<char> text_;
  int count_ = 0;
  int users_ = 1;
};

// The candidates for a name: with each domain, and alone, in the order of trying.
struct Search {
  const char* name;
  SearchList* list;  // may be null
  int ndots;

  int count() const { return list == nullptr ? 1 : list->count() + 1; }
  // The candidate with this number. Fails: false if it is longer than a name can be.
  [[nodiscard]] bool candidate(int number, NameText& result) const;
};

}  // namespace relevent::dns
