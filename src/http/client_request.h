// Requests as a client makes them.
#pragma once

#include <event2/buffer.h>

#include "http/mode.h"
#include "http/request.h"

namespace relevent::http {

// Sets what a request begins with. False: the method is not known, the target would break the
// request line, or there is no memory.
[[nodiscard]] bool prepare_request(Request& request, evhttp_cmd_type type, const char* target,
                                   evhttp_ext_method_cb more_methods, Mode mode);

// Writes a prepared request and its body. False: no memory; a part may be in the buffer.
[[nodiscard]] bool write_request(evbuffer& out, Request& request,
                                 evhttp_ext_method_cb more_methods);

}  // namespace relevent::http
