// The server of the HTTP and HTTPS benchmarks.
#pragma once

#include <event2/http.h>

#include "objects.h"
#include "process.h"

namespace bench {

using Http = std::unique_ptr<evhttp, FreeWith<evhttp_free>>;

// Serves one thing, and counts the requests.
class HttpServer {
 public:
  // Puts the body of a reply into the buffer.
  using Body = std::function<void(evbuffer*)>;

  HttpServer(const Base& base, Listener& listener, Body body);

  evhttp* http() const { return http_.get(); }
  // Runs the loop until so many requests have come.
  void serve(std::int64_t requests);
  std::int64_t served() const { return served_; }

  static void hello(evbuffer* body);

 private:
  static void on_request(evhttp_request* request, void* argument);

  event_base* const base_;
  const Http http_;
  const Body body_;
  std::int64_t served_ = 0;
  std::int64_t wanted_ = 0;
};

}  // namespace bench
