// event2/relevent.h: HTTP
#include <event2/relevent.h>

#include "base/attributes.h"
#include "http/mode.h"

using relevent::http::Mode;

static_assert(static_cast<int>(Mode::kCompat) == RELEVENT_HTTP_COMPAT &&
              static_cast<int>(Mode::kSafe) == RELEVENT_HTTP_SAFE &&
              static_cast<int>(Mode::kStrict) == RELEVENT_HTTP_STRICT);

extern "C" {

RELEVENT_API int relevent_http_set_mode(relevent_http_mode mode) {
  if (mode < RELEVENT_HTTP_COMPAT || mode > RELEVENT_HTTP_STRICT) {
    return -1;
  }
  relevent::http::set_mode(static_cast<Mode>(mode));
  return 0;
}

RELEVENT_API relevent_http_mode relevent_http_get_mode(void) {
  return static_cast<relevent_http_mode>(relevent::http::current_mode());
}

}  // extern "C"
