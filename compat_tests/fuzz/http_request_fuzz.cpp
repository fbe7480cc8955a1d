// HTTP requests.
#include "http_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return http_fuzz::check(EVHTTP_REQUEST, data, size);
}
