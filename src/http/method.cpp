#include "http/method.h"

#include <array>

#include "surface/memory.h"

namespace relevent::http {

namespace {

struct Method {
  std::string_view name;
  evhttp_cmd_type type;
  bool has_body = false;
};

constexpr std::array kMethods = {
    Method{"GET", EVHTTP_REQ_GET},
    Method{"POST", EVHTTP_REQ_POST, true},
    Method{"HEAD", EVHTTP_REQ_HEAD},
    Method{"PUT", EVHTTP_REQ_PUT, true},
    Method{"DELETE", EVHTTP_REQ_DELETE},
    Method{"OPTIONS", EVHTTP_REQ_OPTIONS},
    Method{"TRACE", EVHTTP_REQ_TRACE},
    Method{"CONNECT", EVHTTP_REQ_CONNECT},
    Method{"PATCH", EVHTTP_REQ_PATCH},
    Method{"PROPFIND", EVHTTP_REQ_PROPFIND},
    Method{"PROPPATCH", EVHTTP_REQ_PROPPATCH},
    Method{"MKCOL", EVHTTP_REQ_MKCOL},
    Method{"LOCK", EVHTTP_REQ_LOCK},
    Method{"UNLOCK", EVHTTP_REQ_UNLOCK},
    Method{"COPY", EVHTTP_REQ_COPY},
    Method{"MOVE", EVHTTP_REQ_MOVE},
};

bool is_single_bit(ev_uint32_t type) { return type != 0 && (type & (type - 1)) == 0; }

}  // namespace

evhttp_cmd_type find_method(std::string_view name, evhttp_ext_method_cb more) {
  for (const Method& method : kMethods) {
    if (method.name == name) {
      return method.type;
    }
  }
  if (more == nullptr) {
    return kUnknownMethod;
  }
  const OwnedString text(duplicate_bytes(name.data(), name.size()));
  evhttp_ext_method asked = {text.get(), 0, 0};
  const bool known = text && more(&asked) == 0 && is_single_bit(asked.type);
  return known ? static_cast<evhttp_cmd_type>(asked.type) : kUnknownMethod;
}

const char* method_name(evhttp_cmd_type type, evhttp_ext_method_cb more, bool& has_body) {
  for (const Method& method : kMethods) {
    if (method.type == type) {
      has_body = method.has_body;
      return method.name.data();
    }
  }
  evhttp_ext_method asked = {nullptr, static_cast<ev_uint32_t>(type), 0};
  if (more == nullptr || more(&asked) != 0) {
    return nullptr;
  }
  has_body = (asked.flags & EVHTTP_METHOD_HAS_BODY) != 0;
  return asked.method;
}

}  // namespace relevent::http
