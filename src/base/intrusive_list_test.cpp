#include "base/intrusive_list.h"

#include <catch2/catch.hpp>
#include <cstddef>
#include <string>

namespace {

struct Item {
  char name;
  Item* next_link = nullptr;
  Item** prev_link = nullptr;
};

struct ItemLinks {
  static Item*& next(Item& item) { return item.next_link; }
  static Item**& prev(Item& item) { return item.prev_link; }
  static Item* owner(Item** link) {
    return reinterpret_cast<Item*>(reinterpret_cast<char*>(link) - offsetof(Item, next_link));
  }
};

using List = relevent::IntrusiveList<Item, ItemLinks>;

std::string names(const List& list) {
  std::string result;
  list.for_each([&](Item& item) { result += item.name; });
  return result;
}

}  // namespace

TEST_CASE("intrusive list keeps order through every kind of insertion and removal") {
  List list;
  Item a{'a'}, b{'b'}, c{'c'}, d{'d'};
  CHECK(list.empty());
  CHECK(list.pop_front() == nullptr);
  list.push_back(b);
  list.push_front(a);
  list.push_back(d);
  list.insert_after(b, c);
  CHECK(names(list) == "abcd");
  CHECK(list.back() == &d);
  CHECK(list.previous(d) == &c);
  CHECK(list.previous(a) == nullptr);

  SECTION("remove the middle, the end and the start") {
    list.remove(c);
    list.remove(d);
    CHECK(names(list) == "ab");
    list.push_back(d);
    list.remove(a);
    CHECK(names(list) == "bd");
  }
  SECTION("insert behind the last element moves the tail") {
    list.remove(c);
    list.insert_after(d, c);
    list.remove(a);
    list.push_back(a);
    CHECK(names(list) == "bdca");
  }
  SECTION("an element may remove itself while the list is walked") {
    list.for_each([&](Item& item) { list.remove(item); });
    CHECK(list.empty());
    list.push_back(a);
    CHECK(names(list) == "a");
  }
  SECTION("splice moves everything and leaves the source usable") {
    List other;
    Item e{'e'};
    other.splice_back(list);
    CHECK(list.empty());
    list.push_back(e);
    other.splice_back(list);
    CHECK(names(other) == "abcde");
    list.push_back(*other.pop_front());
    CHECK(names(list) == "a");
  }
}
