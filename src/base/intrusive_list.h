#pragma once

#include <cstddef>

namespace relevent {

// A doubly linked list whose links live inside the elements, possibly in a union of a public C
// struct: `Links` says where. It has two static functions,
//   static T*& next(T&);    the following element, or null
//   static T**& prev(T&);   where the pointer to this element is stored
// which is the shape of the TAILQ and LIST entries in the public headers. To walk backwards
// (back(), previous()) it needs a third one,
//   static T* owner(T** next_link);   the element that this `next` link lives in
//
// The list owns nothing. Whoever puts an element in takes it out before the element dies; an
// element knows its list only through `prev`, so remove() needs the list just for the tail.
template <class T, class Links>
class IntrusiveList {
 public:
  IntrusiveList() = default;
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;

  bool empty() const { return first_ == nullptr; }
  T* front() const { return first_; }
  static T* next(T& element) { return Links::next(element); }

  void push_back(T& element) {
    Links::next(element) = nullptr;
    Links::prev(element) = tail_;
    *tail_ = &element;
    tail_ = &Links::next(element);
  }

  void push_front(T& element) {
    Links::next(element) = first_;
    Links::prev(element) = &first_;
    if (first_ != nullptr) {
      Links::prev(*first_) = &Links::next(element);
    } else {
      tail_ = &Links::next(element);
    }
    first_ = &element;
  }

  // Puts `element` right behind `position`, which is in this list.
  void insert_after(T& position, T& element) {
    T* const following = Links::next(position);
    Links::next(element) = following;
    Links::prev(element) = &Links::next(position);
    Links::next(position) = &element;
    if (following != nullptr) {
      Links::prev(*following) = &Links::next(element);
    } else {
      tail_ = &Links::next(element);
    }
  }

  void remove(T& element) {
    T* const following = Links::next(element);
    T** const link = Links::prev(element);
    *link = following;
    if (following != nullptr) {
      Links::prev(*following) = link;
    } else {
      tail_ = link;
    }
    Links::next(element) = nullptr;
    Links::prev(element) = nullptr;
  }

  T* pop_front() {
    T* const element = first_;
    if (element != nullptr) {
      remove(*element);
    }
    return element;
  }

  // The last element, or null.
  T* back() const { return empty() ? nullptr : Links::owner(tail_); }

  // The element before this one, or null.
  T* previous(T& element) const {
    T** const link = Links::prev(element);
    return link == &first_ ? nullptr : Links::owner(link);
  }

  // Moves all elements of `other` to the end of this list.
  void splice_back(IntrusiveList& other) {
    if (other.first_ == nullptr) {
      return;
    }
    *tail_ = other.first_;
    Links::prev(*other.first_) = tail_;
    tail_ = other.tail_;
    other.first_ = nullptr;
    other.tail_ = &other.first_;
  }

  // Calls function(element) for each; the function may remove the element it is given.
  template <class Function>
  void for_each(Function function) const {
    for (T* element = first_; element != nullptr;) {
      T* const following = Links::next(*element);
      function(*element);
      element = following;
    }
  }

 private:
  T* first_ = nullptr;
  T** tail_ = &first_;
};

}  // namespace relevent
