#include "http/request.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "http/text.h"
#include "http/uri.h"
#include "surface/memory.h"

namespace relevent::http {

namespace {

// What the public fields own, besides the buffers.
void release_strings(evhttp_request& request) {
  relevent_release(std::exchange(request.uri, nullptr));
  relevent_release(std::exchange(request.response_code_line, nullptr));
  relevent_release(std::exchange(request.host_cache, nullptr));
  destroy(std::exchange(request.uri_elems, nullptr));
}

void empty(evbuffer& buffer) {
  if (const std::size_t length = evbuffer_get_length(&buffer); length > 0) {
    evbuffer_drain(&buffer, length);
  }
}

}  // namespace

Request* Request::create(void (*callback)(evhttp_request*, void*), void* argument) {
  Owned<Request> request(relevent::create<Request>());
  if (!request) {
    return nullptr;
  }
  request->input_buffer = evbuffer_new();
  request->output_buffer = evbuffer_new();
  if (request->input_buffer == nullptr || request->output_buffer == nullptr) {
    return nullptr;
  }
  request->cb = callback;
  request->cb_arg = argument;
  return request.release();
}

Request::Request() : ::evhttp_request{} {
  input_headers = &input_fields_.list();
  output_headers = &output_fields_.list();
  kind = EVHTTP_RESPONSE;
}

Request::~Request() {
  release_strings(*this);
  if (input_buffer != nullptr) {
    evbuffer_free(input_buffer);
  }
  if (output_buffer != nullptr) {
    evbuffer_free(output_buffer);
  }
}

void Request::recycle() {
  release_strings(*this);
  clear_fields(*input_headers);
  clear_fields(*output_headers);
  empty(*input_buffer);
  empty(*output_buffer);
  evhttp_request fresh{};
  fresh.input_headers = input_headers;
  fresh.output_headers = output_headers;
  fresh.input_buffer = input_buffer;
  fresh.output_buffer = output_buffer;
  static_cast<evhttp_request&>(*this) = fresh;
}

void Request::reset_input() {
  clear_fields(*input_headers);
  empty(*input_buffer);
  headers_size = 0;
  body_size = 0;
  response_code = 0;
  relevent_release(std::exchange(response_code_line, nullptr));
}

void Request::free() {
  if ((flags & EVHTTP_REQ_DEFER_FREE) != 0) {
    flags |= EVHTTP_REQ_NEEDS_FREE;
  } else {
    destroy(this);
  }
}

void Request::release() {
  if ((flags & EVHTTP_USER_OWNED) == 0) {
    free();
  }
}

void Request::set_peer(const char* address, ev_uint16_t port) {
  const std::size_t length = std::min(std::strlen(address), sizeof peer_ - 1);
  std::memcpy(peer_, address, length);
  peer_[length] = '\0';
  remote_host = peer_;
  remote_port = port;
}

const char* Request::host() {
  if (host_cache != nullptr) {
    return host_cache;
  }
  if (uri_elems != nullptr && uri_elems->host() != nullptr) {
    return uri_elems->host();
  }
  const char* const field = find_value(*input_headers, "Host");
  if (field == nullptr) {
    return nullptr;
  }
  // Without a port: what is left of a colon, if nothing but digits is to the right of it.
  std::string_view name = field;
  const std::size_t colon = name.rfind(':');
  if (colon != std::string_view::npos) {
    const std::string_view port = tail(name, colon + 1);
    if (!port.empty() && std::all_of(port.begin(), port.end(), is_digit)) {
      name = relevent::http::head(name, colon);
    }
  }
  if (name.size() == std::strlen(field)) {
    return field;
  }
  host_cache = duplicate_bytes(name.data(), name.size());
  return host_cache;
}

bool Request::wants_body() const {
  return type != EVHTTP_REQ_HEAD && response_code / 100 != 1 && response_code != HTTP_NOCONTENT &&
         response_code != HTTP_NOTMODIFIED;
}

}  // namespace relevent::http
