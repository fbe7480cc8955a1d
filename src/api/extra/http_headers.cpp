// event2/http.h: header fields
#include <event2/http.h>

#include "base/attributes.h"
#include "http/headers.h"

namespace http = relevent::http;

extern "C" {

RELEVENT_API const char* evhttp_find_header(const evkeyvalq* headers, const char* key) {
  return http::find_value(*headers, key);
}

RELEVENT_API int evhttp_remove_header(evkeyvalq* headers, const char* key) {
  evkeyval* const field = http::find_field(*headers, key);
  if (field == nullptr) {
    return -1;
  }
  http::remove_field(*headers, *field);
  return 0;
}

RELEVENT_API int evhttp_add_header(evkeyvalq* headers, const char* key, const char* value) {
  if (!http::is_one_line(key) || !http::is_one_line(value)) {
    return -1;
  }
  return http::add_field(*headers, key, value) ? 0 : -1;
}

RELEVENT_API void evhttp_clear_headers(evkeyvalq* headers) { http::clear_fields(*headers); }

}  // extern "C"
