// Header fields and query arguments: what can be done with the public list of name/value pairs.
#pragma once

#include <event2/keyvalq_struct.h>

#include <string_view>

namespace relevent::http {

// Makes an empty list of memory that holds none yet.
void init_fields(evkeyvalq& fields);

// Adds a pair at the end. A pair and both its strings are one block of memory.
// Fails: false with errno ENOMEM, and the list is as it was.
[[nodiscard]] bool add_field(evkeyvalq& fields, std::string_view name, std::string_view value);

// Adds to the value of the last pair of a list that is not empty, with a space between them if
// neither is. Where it lies the memory grows, so that many pieces do not cost a copy of all for
// each.
// Fails: false with errno ENOMEM, and the list is as it was.
[[nodiscard]] bool extend_last_field(evkeyvalq& fields, std::string_view more);

// Whether text can stand in a header section without ending the line that it is in.
bool is_one_line(std::string_view text);

// The first pair of this name (in which is no NUL), case aside; or null.
evkeyval* find_field(const evkeyvalq& fields, std::string_view name);

// The value of the first pair of this name, or null.
const char* find_value(const evkeyvalq& fields, std::string_view name);

// Takes a pair out of its list and frees it.
void remove_field(evkeyvalq& fields, evkeyval& field);

// Removes all pairs.
void clear_fields(evkeyvalq& fields);

// A list of pairs with the lifetime of its scope.
// Owns: the pairs.
// C API: struct evkeyvalq.
class Fields {
 public:
  Fields() { init_fields(list_); }
  ~Fields() { clear_fields(list_); }
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  evkeyvalq& list() { return list_; }
  const evkeyvalq& list() const { return list_; }

 private:
  evkeyvalq list_;
};

// For `for (evkeyval& field : each_field(fields))`, which must not remove the pair it is at.
class FieldRange {
 public:
  class Iterator {
   public:
    explicit Iterator(evkeyval* field) : field_(field) {}
    evkeyval& operator*() const { return *field_; }
    Iterator& operator++() {
      field_ = field_->next.tqe_next;
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    evkeyval* field_;
  };

  explicit FieldRange(const evkeyvalq& fields) : first_(fields.tqh_first) {}
  Iterator begin() const { return Iterator(first_); }
  Iterator end() const { return Iterator(nullptr); }

 private:
  evkeyval* first_;
};
inline FieldRange each_field(const evkeyvalq& fields) { return FieldRange(fields); }

}  // namespace relevent::http
