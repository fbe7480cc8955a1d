// event2/buffer_compat.h
#include <event2/buffer_compat.h>

#include "base/attributes.h"
#include "buffer/evbuffer.h"

extern "C" {

RELEVENT_API char* evbuffer_readline(evbuffer* buffer) {
  return buffer->read_line(nullptr, EVBUFFER_EOL_ANY);
}

RELEVENT_API int evbuffer_setcb(evbuffer* buffer, evbuffer_cb cb, void* cbarg) {
  return buffer->set_old_callback(cb, cbarg) ? 0 : -1;
}

RELEVENT_API unsigned char* evbuffer_find(evbuffer* buffer, const unsigned char* what, size_t len) {
  return buffer->find_and_pullup(what, len);
}

}  // extern "C"
