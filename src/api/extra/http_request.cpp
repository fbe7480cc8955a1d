// event2/http.h: requests, on either side
#include <event2/http.h>

#include "base/attributes.h"
#include "http/request.h"

using relevent::http::Request;

extern "C" {

RELEVENT_API evhttp_request* evhttp_request_new(void (*cb)(evhttp_request*, void*),
                                                void* argument) {
  return Request::create(cb, argument);
}

RELEVENT_API void evhttp_request_free(evhttp_request* req) { Request::of(*req).free(); }

RELEVENT_API void evhttp_request_own(evhttp_request* req) { req->flags |= EVHTTP_USER_OWNED; }

RELEVENT_API int evhttp_request_is_owned(evhttp_request* req) {
  return (req->flags & EVHTTP_USER_OWNED) != 0;
}

RELEVENT_API void evhttp_request_set_chunked_cb(evhttp_request* req,
                                                void (*cb)(evhttp_request*, void*)) {
  req->chunk_cb = cb;
}

RELEVENT_API void evhttp_request_set_header_cb(evhttp_request* req,
                                               int (*cb)(evhttp_request*, void*)) {
  req->header_cb = cb;
}

RELEVENT_API void evhttp_request_set_error_cb(evhttp_request* req,
                                              void (*cb)(evhttp_request_error, void*)) {
  req->error_cb = cb;
}

RELEVENT_API void evhttp_request_set_on_complete_cb(evhttp_request* req,
                                                    void (*cb)(evhttp_request*, void*),
                                                    void* argument) {
  req->on_complete_cb = cb;
  req->on_complete_cb_arg = argument;
}

// --- What is in it ---

RELEVENT_API evhttp_connection* evhttp_request_get_connection(evhttp_request* req) {
  return req->evcon;
}

RELEVENT_API const char* evhttp_request_get_uri(const evhttp_request* req) { return req->uri; }

RELEVENT_API const evhttp_uri* evhttp_request_get_evhttp_uri(const evhttp_request* req) {
  return req->uri_elems;
}

RELEVENT_API evhttp_cmd_type evhttp_request_get_command(const evhttp_request* req) {
  return req->type;
}

RELEVENT_API int evhttp_request_get_response_code(const evhttp_request* req) {
  return req->response_code;
}

RELEVENT_API const char* evhttp_request_get_response_code_line(const evhttp_request* req) {
  return req->response_code_line;
}

RELEVENT_API evkeyvalq* evhttp_request_get_input_headers(evhttp_request* req) {
  return req->input_headers;
}

RELEVENT_API evkeyvalq* evhttp_request_get_output_headers(evhttp_request* req) {
  return req->output_headers;
}

RELEVENT_API evbuffer* evhttp_request_get_input_buffer(evhttp_request* req) {
  return req->input_buffer;
}

RELEVENT_API evbuffer* evhttp_request_get_output_buffer(evhttp_request* req) {
  return req->output_buffer;
}

RELEVENT_API const char* evhttp_request_get_host(evhttp_request* req) {
  return Request::of(*req).host();
}

}  // extern "C"
