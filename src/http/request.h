#pragma once

#include <event2/buffer.h>
#include <event2/http_struct.h>

#include "base/intrusive_list.h"
#include "http/headers.h"

namespace relevent::http {

// What stands behind the public evhttp_request: a request and its reply, on either side.
//
// Owns: all that the public fields point to, but for evcon.
// Callbacks: its own may free it; a RequestCall puts that off until they have returned.
// C API: evhttp_request_*.
class Request final : public ::evhttp_request {
 public:
  // Fails: null.
  static Request* create(void (*callback)(evhttp_request*, void*), void* argument);
  Request();
  ~Request();
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  static Request& of(evhttp_request& request) { return static_cast<Request&>(request); }

  // Makes it as good as new, for another message of the same connection; the buffers stay.
  void recycle();
  // Forgets what was received, but not what is to be sent.
  void reset_input();
  // Destroys it, now or when its callback returns.
  void free();
  // The same, unless the program owns it.
  void release();

  void set_peer(const char* address, ev_uint16_t port);
  // The host that is asked for, without port; or null.
  const char* host();
  // Whether its reply may have a body.
  bool wants_body() const;
  // Whether what follows is a tunnel's and no body: nothing says how many bytes there are.
  bool is_tunnel() const { return type == EVHTTP_REQ_CONNECT && response_code / 100 == 2; }

 private:
  void forget();

  static constexpr std::size_t kLongestAddress = 128;

  Fields input_fields_;
  Fields output_fields_;
  char peer_[kLongestAddress];
};

// Keeps a request alive while its callback runs.
class RequestCall {
 public:
  explicit RequestCall(Request& request)
      : request_(request), outermost_((request.flags & EVHTTP_REQ_DEFER_FREE) == 0) {
    request_.flags |= EVHTTP_REQ_DEFER_FREE;
  }
  ~RequestCall() {
    if (outermost_) {
      request_.flags &= ~EVHTTP_REQ_DEFER_FREE;
      if ((request_.flags & EVHTTP_REQ_NEEDS_FREE) != 0) {
        request_.free();
      }
    }
  }
  RequestCall(const RequestCall&) = delete;
  RequestCall& operator=(const RequestCall&) = delete;

 private:
  Request& request_;
  bool outermost_;
};

struct RequestLinks {
  static evhttp_request*& next(evhttp_request& request) { return request.next.tqe_next; }
  static evhttp_request**& prev(evhttp_request& request) { return request.next.tqe_prev; }
};
using RequestQueue = IntrusiveList<evhttp_request, RequestLinks>;

}  // namespace relevent::http
