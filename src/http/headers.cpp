#include "http/headers.h"

#include <cstring>

#include "base/ascii.h"
#include "http/cut.h"
#include "surface/surface.h"

namespace relevent::http {

namespace {

bool is_named(const evkeyval& field, std::string_view name) {
  // No NUL is in the name, so the comparison ends at the key's end at the latest.
  return relevent::equal_ignore_case(field.key, name.data(), name.size()) &&
         field.key[name.size()] == '\0';
}

}  // namespace

void init_fields(evkeyvalq& fields) {
  fields.tqh_first = nullptr;
  fields.tqh_last = &fields.tqh_first;
}

bool add_field(evkeyvalq& fields, std::string_view name, std::string_view value) {
  auto* const field = static_cast<evkeyval*>(
      relevent_allocate(sizeof(evkeyval) + name.size() + 1 + value.size() + 1));
  if (field == nullptr) {
    return false;
  }
  char* out = reinterpret_cast<char*>(field + 1);
  field->key = append_string(out, name);
  field->value = append_string(out, value);
  field->next.tqe_next = nullptr;
  field->next.tqe_prev = fields.tqh_last;
  *fields.tqh_last = field;
  fields.tqh_last = &field->next.tqe_next;
  return true;
}

bool extend_last_field(evkeyvalq& fields, std::string_view more) {
  evkeyval* last = fields.tqh_first;
  while (last->next.tqe_next != nullptr) {
    last = last->next.tqe_next;
  }
  const std::size_t length = std::strlen(last->value);
  const bool parted = length > 0 && !more.empty();
  const auto begin = static_cast<std::size_t>(last->value - reinterpret_cast<char*>(last));
  auto* const field = static_cast<evkeyval*>(
      relevent_reallocate(last, begin + length + (parted ? 1 : 0) + more.size() + 1));
  if (field == nullptr) {
    return false;
  }
  field->key = reinterpret_cast<char*>(field + 1);
  field->value = reinterpret_cast<char*>(field) + begin;
  *field->next.tqe_prev = field;
  fields.tqh_last = &field->next.tqe_next;
  char* out = field->value + length;
  if (parted) {
    *out++ = ' ';
  }
  append_string(out, more);
  return true;
}

bool is_one_line(std::string_view text) {
  return text.empty() || (std::memchr(text.data(), '\r', text.size()) == nullptr &&
                          std::memchr(text.data(), '\n', text.size()) == nullptr);
}

evkeyval* find_field(const evkeyvalq& fields, std::string_view name) {
  for (evkeyval& field : each_field(fields)) {
    if (is_named(field, name)) {
      return &field;
    }
  }
  return nullptr;
}

const char* find_value(const evkeyvalq& fields, std::string_view name) {
  const evkeyval* const field = find_field(fields, name);
  return field == nullptr ? nullptr : field->value;
}

void remove_field(evkeyvalq& fields, evkeyval& field) {
  evkeyval* const following = field.next.tqe_next;
  if (following != nullptr) {
    following->next.tqe_prev = field.next.tqe_prev;
  } else {
    fields.tqh_last = field.next.tqe_prev;
  }
  *field.next.tqe_prev = following;
  relevent_release(&field);
}

void clear_fields(evkeyvalq& fields) {
  while (fields.tqh_first != nullptr) {
    remove_field(fields, *fields.tqh_first);
  }
}

}  // namespace relevent::http
