#include "http_server.h"

#include <limits>
#include <utility>

namespace bench {

HttpServer::HttpServer(const Base& base, Listener& listener, Body body)
    : base_(base.get()), http_(evhttp_new(base_)), body_(std::move(body)) {
  require(http_ != nullptr && evhttp_accept_socket(http_.get(), listener.release()) == 0,
          "the server cannot be made");
  evhttp_set_gencb(http_.get(), on_request, this);
  wanted_ = std::numeric_limits<std::int64_t>::max();
}

void HttpServer::serve(std::int64_t requests) {
  wanted_ = served_ + requests;
  require(event_base_dispatch(base_) == 0 && served_ >= wanted_, "the loop ended early");
}

void HttpServer::hello(evbuffer* body) { evbuffer_add(body, "Hello, world!", 13); }

void HttpServer::on_request(evhttp_request* request, void* argument) {
  auto* const self = static_cast<HttpServer*>(argument);
  self->body_(evhttp_request_get_output_buffer(request));
  evhttp_send_reply(request, HTTP_OK, "OK", nullptr);
  if (++self->served_ >= self->wanted_) {
    event_base_loopbreak(self->base_);
  }
}

}  // namespace bench
