#include "http/query.h"

#include <event2/http.h>

#include "http/cut.h"
#include "http/encoding.h"
#include "http/headers.h"

namespace relevent::http {

namespace {

bool add_argument(std::string_view name, std::string_view encoded, evkeyvalq& arguments) {
  std::size_t length = 0;
  const OwnedString value = percent_decode(encoded, Plus::kEverywhere, length);
  return value && add_field(arguments, name, {value.get(), length});
}

// One argument: name "=" value.
bool parse_argument(std::string_view text, unsigned flags, evkeyvalq& arguments) {
  const bool lenient = (flags & EVHTTP_URI_QUERY_NONCONFORMANT) != 0;
  const std::size_t name_length = length_until(text, '=');
  if (name_length == 0) {
    return lenient;
  }
  if (name_length == text.size() && !lenient) {
    return false;
  }
  const std::string_view name = head(text, name_length);
  evkeyval* const earlier =
      (flags & EVHTTP_URI_QUERY_LAST_VAL) != 0 ? find_field(arguments, name) : nullptr;
  if (!add_argument(name, tail(text, name_length + 1), arguments)) {
    return false;
  }
  if (earlier != nullptr) {
    remove_field(arguments, *earlier);
  }
  return true;
}

}  // namespace

bool parse_query(std::string_view query, unsigned flags, evkeyvalq& arguments) {
  while (!query.empty()) {
    const std::size_t length = length_until(query, '&');
    if (!parse_argument(head(query, length), flags, arguments)) {
      clear_fields(arguments);
      return false;
    }
    query = tail(query, length + 1);
  }
  return true;
}

}  // namespace relevent::http
