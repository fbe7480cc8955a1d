// Connections, requests and servers that end, at any moment and by anybody.
#include "http_tools.h"

using namespace http_test;

namespace {

const string kClose = " HTTP/1.1\r\nConnection: close\r\n\r\n";

void count(evhttp_connection*, void* calls) { ++*static_cast<int*>(calls); }

void spin(event_base* base) {
  for (int i = 0; i < 20; ++i) {
    event_base_loop(base, EVLOOP_NONBLOCK);
    ::poll(nullptr, 0, 1);
  }
}

}  // namespace

TEST_CASE("evhttp_connection_set_closecb: called when either side closes") {
  int closed = 0;
  Web web([&](evhttp_request* request) {
    evhttp_connection_set_closecb(evhttp_request_get_connection(request), count, &closed);
    reply(request, 200, "OK", "x");
  });
  web.ask("GET /" + kClose);
  CHECK(closed == 1);
  {
    Peer peer(web.base(), web.port());
    peer.send("GET / HTTP/1.1\r\n\r\n");
    peer.receive("x");
    CHECK(closed == 1);
  }
  CHECK(run_until(web.base(), [&] { return closed == 2; }));
  Peer last(web.base(), web.port());
  last.send("GET / HTTP/1.1\r\n\r\n");
  last.receive("x");
  web.free_server();
  CHECK(closed == 3);
}

TEST_CASE("http.h: a client that leaves while its request is answered") {
  int closed = 0;
  evhttp_request* pending = nullptr;
  Web web([&](evhttp_request* request) {
    pending = request;
    evhttp_connection_set_closecb(evhttp_request_get_connection(request), count, &closed);
    if (evhttp_request_get_uri(request) == string("/stream")) {
      evhttp_send_reply_start(request, 200, "OK");
      chunk(request, "abc");
    }
  });
  SECTION("before the reply: it is noticed by the reply") {
    {
      Peer peer(web.base(), web.port());
      peer.send("GET / HTTP/1.1\r\n\r\n");
      REQUIRE(run_until(web.base(), [&] { return pending != nullptr; }));
    }
    spin(web.base());
    CHECK(closed == 0);
    CHECK(evhttp_request_get_connection(pending) != nullptr);
    reply(pending, 200, "OK", "too late");
    CHECK(run_until(web.base(), [&] { return closed == 1; }));
  }
  SECTION("within the reply: at once and the request is the program's to end") {
    {
      Peer peer(web.base(), web.port());
      peer.send("GET /stream HTTP/1.1\r\n\r\n");
      peer.receive("abc");
    }
    CHECK(run_until(web.base(), [&] { return closed == 1; }));
    CHECK(evhttp_request_get_connection(pending) == nullptr);
    chunk(pending, "more");
    evhttp_send_reply_end(pending);
  }
}

TEST_CASE("http.h: a client that has ended its output gets its reply") {
  Web web([](evhttp_request* request) { reply(request, 200, "OK", "fine"); });
  Peer peer(web.base(), web.port());
  peer.send("GET / HTTP/1.1\r\n\r\n");
  peer.end_output();
  CHECK(body_of(peer.receive_all()) == "fine");
  Peer half(web.base(), web.port());
  half.send("POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nab");
  half.end_output();
  CHECK(half.receive_all().empty());
}

TEST_CASE("http.h: quick and broken clients leave nothing behind") {
  int calls = 0;
  Web web([&](evhttp_request* request) {
    ++calls;
    reply(request, 200, "OK", string(100000, 'x'));
  });
  const string request =
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  for (std::size_t length = 0; length <= request.size(); ++length) {
    Peer peer(web.base(), web.port());
    peer.send(request.substr(0, length));
    length % 2 == 0 ? peer.reset() : peer.close();
    event_base_loop(web.base(), EVLOOP_NONBLOCK);
  }
  spin(web.base());
  CHECK(calls <= 1);
  CHECK(status_of(web.ask("GET /" + kClose)) == "200 OK");
}

TEST_CASE("evhttp_connection_free: within a request's callback") {
  int closed = 0;
  Web web([&](evhttp_request* request) {
    evhttp_connection* const connection = evhttp_request_get_connection(request);
    evhttp_connection_set_closecb(connection, count, &closed);
    evhttp_connection_free(connection);
  });
  CHECK(web.ask("GET / HTTP/1.1\r\n\r\n").empty());
  CHECK(closed == 1);
}

TEST_CASE("evhttp_free: with a request that waits for its reply") {
  evhttp_request* pending = nullptr;
  Web web([&](evhttp_request* request) {
    pending = request;
    evhttp_request_own(request);
    CHECK(evhttp_request_is_owned(request) == 1);
  });
  Peer peer(web.base(), web.port());
  peer.send("GET / HTTP/1.1\r\n\r\n");
  REQUIRE(run_until(web.base(), [&] { return pending != nullptr; }));
  web.free_server();
  CHECK(peer.receive_all().empty());
  CHECK(evhttp_request_get_uri(pending) == string("/"));
  evhttp_request_free(pending);
}

TEST_CASE("evhttp_free: within a connection's close callback") {
  INTENDED_DIFFERENCE("the reference frees the connection twice");
  std::function<void()> free_server;
  const auto free_once = [](evhttp_connection*, void* function) {
    (*static_cast<std::function<void()>*>(function))();
  };
  Web web([&](evhttp_request* request) {
    evhttp_connection* const connection = evhttp_request_get_connection(request);
    evhttp_connection_set_closecb(connection, free_once, &free_server);
    reply(request, 200, "OK", "x");
  });
  int calls = 0;
  free_server = [&] {
    ++calls;
    web.free_server();
  };
  CHECK(status_of(web.ask("GET /" + kClose)) == "200 OK");
  CHECK(run_until(web.base(), [&] { return calls > 0; }));
  CHECK(calls == 1);
}

TEST_CASE("evhttp_free: a virtual host that is freed leaves its server") {
  INTENDED_DIFFERENCE("the reference frees it twice");
  Web web([](evhttp_request* request) { reply(request, 200, "OK", "main"); });
  evhttp* const host = evhttp_new(web.base());
  REQUIRE(evhttp_add_virtual_host(web.http(), "a.test", host) == 0);
  evhttp_free(host);
  CHECK(body_of(web.ask("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")) == "main");
}

TEST_CASE("http.h: a low watermark for writing does not cut the last reply off") {
  INTENDED_DIFFERENCE("the reference closes as soon as the watermark is reached");
  constexpr std::size_t kLength = 8 << 20;
  Web web([](evhttp_request* request) {
    evhttp_connection* const connection = evhttp_request_get_connection(request);
    bufferevent_setwatermark(evhttp_connection_get_bufferevent(connection), EV_WRITE, kLength / 2,
                             0);
    reply(request, 200, "OK", string(kLength, 'x'));
  });
  CHECK(body_of(web.ask("GET /" + kClose)).size() == kLength);
}

TEST_CASE("evhttp_set_errorcb: may free the connection") {
  INTENDED_DIFFERENCE("a function of libevent 2.2");
  Web web;
  int calls = 0;
  const auto page = [](evhttp_request* request, evbuffer*, int, const char*, void* count) {
    ++*static_cast<int*>(count);
    evhttp_connection_free(evhttp_request_get_connection(request));
    return -1;
  };
  evhttp_set_errorcb(web.http(), page, &calls);
  CHECK(web.ask("no request\r\n\r\n").empty());
  CHECK(calls == 1);
  CHECK(evhttp_get_connection_count(web.http()) == 0);
}

TEST_CASE("evhttp_request_own: a reply ends the request all the same") {
  int completed = 0;
  Web web([&](evhttp_request* request) {
    evhttp_request_own(request);
    evhttp_request_set_on_complete_cb(
        request, [](evhttp_request*, void* calls) { ++*static_cast<int*>(calls); }, &completed);
    reply(request, 200, "OK", "x");
  });
  // Who looks for leaks finds none.
  web.ask("GET /1 HTTP/1.1\r\nA: b\r\n\r\nGET /2" + kClose);
  CHECK(completed == 2);
}

TEST_CASE("http.h: a connection may be taken over by the program") {
  struct Echo {
    static void read(bufferevent* bufev, void*) {
      bufferevent_write_buffer(bufev, bufferevent_get_input(bufev));
    }
    static void event(bufferevent*, short, void* connection) {
      evhttp_connection_free(static_cast<evhttp_connection*>(connection));
    }
  };
  Web web([](evhttp_request* request) {
    evhttp_connection* const connection = evhttp_request_get_connection(request);
    bufferevent* const bufev = evhttp_connection_get_bufferevent(connection);
    bufferevent_setcb(bufev, Echo::read, nullptr, Echo::event, connection);
    bufferevent_enable(bufev, EV_READ | EV_WRITE);
    bufferevent_write(bufev, "mine", 4);
  });
  Peer peer(web.base(), web.port());
  peer.send("GET / HTTP/1.1\r\n\r\n");
  CHECK(peer.receive("mine") == "mine");
  peer.send("ping");
  CHECK(peer.receive("ping") == "mineping");
  peer.end_output();
  CHECK(peer.receive_all() == "mineping");
}

TEST_CASE("evhttp_set_timeout_tv: idle connections are closed but not those that wait for us") {
  evhttp_request* pending = nullptr;
  Web web([&](evhttp_request* request) {
    if (evhttp_request_get_uri(request) == string("/later")) {
      pending = request;
    } else {
      reply(request, 200, "OK", "x");
    }
  });
  const timeval limit = ms(100);
  evhttp_set_timeout_tv(web.http(), &limit);
  Peer waits(web.base(), web.port());
  waits.send("GET /later HTTP/1.1\r\n\r\n");
  Peer silent(web.base(), web.port());
  Peer dribbles(web.base(), web.port());
  dribbles.send("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab");
  Peer idle(web.base(), web.port());
  idle.send("GET / HTTP/1.1\r\n\r\n");
  CHECK(silent.receive_all().empty());
  CHECK(dribbles.receive_all().empty());
  CHECK(body_of(idle.receive_all()) == "x");
  REQUIRE(pending != nullptr);
  CHECK_FALSE(waits.closed());
  reply(pending, 200, "OK", "late");
  CHECK(body_of(waits.receive_all()) == "late");
}

TEST_CASE("evhttp_set_max_connections: beyond them 503 with Retry-After") {
  INTENDED_DIFFERENCE("a function of libevent 2.2");
  Web web([](evhttp_request* request) { reply(request, 200, "OK", "x"); });
  evhttp_set_max_connections(web.http(), 1);
  CHECK(evhttp_get_connection_count(web.http()) == 0);
  {
    Peer first(web.base(), web.port());
    first.send("GET / HTTP/1.1\r\n\r\n");
    first.receive("x");
    CHECK(evhttp_get_connection_count(web.http()) == 1);
    const string text = web.ask("GET / HTTP/1.1\r\n\r\n");
    CHECK(status_of(text) == "503 Service Unavailable");
    CHECK(text.find("Retry-After: ") != string::npos);
  }
  CHECK(run_until(web.base(), [&] { return evhttp_get_connection_count(web.http()) == 0; }));
  CHECK(status_of(web.ask("GET /" + kClose)) == "200 OK");
}

TEST_CASE("http.h: what libevent 2.2 adds to servers") {
  INTENDED_DIFFERENCE("functions of libevent 2.2");
  struct Calls {
    static int page(evhttp_request*, evbuffer* buffer, int code, const char*, void*) {
      evbuffer_add_printf(buffer, "my %d", code);
      return code == 500 ? -1 : 0;
    }
    static int method(evhttp_ext_method* method) {
      if (method->method != nullptr && method->method == string("CUSTOM")) {
        method->type = EVHTTP_REQ_MAX << 1;
        return 0;
      }
      return -1;
    }
    static bufferevent* make(event_base* base, void* calls) {
      ++*static_cast<int*>(calls);
      return bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    }
  };
  Web web([](evhttp_request* request) {
    if (evhttp_request_get_uri(request) == string("/500")) {
      evhttp_send_error(request, 500, nullptr);
    } else {
      reply(request, 200, "OK", std::to_string(evhttp_request_get_command(request)));
    }
  });
  int made = 0;
  evhttp_bound_set_bevcb(web.socket(), Calls::make, &made);
  evhttp_set_errorcb(web.http(), Calls::page, nullptr);
  CHECK(body_of(web.ask("CUSTOM /" + kClose)) == "my 501");
  evhttp_set_ext_method_cmp(web.http(), Calls::method);
  CHECK(body_of(web.ask("CUSTOM /" + kClose)) == std::to_string(EVHTTP_REQ_MAX << 1));
  CHECK(body_of(web.ask("PROPFIND /" + kClose)) == "my 501");
  evhttp_set_allowed_methods(web.http(), EVHTTP_REQ_PROPFIND | EVHTTP_REQ_GET);
  CHECK(body_of(web.ask("PROPFIND /" + kClose)) == std::to_string(EVHTTP_REQ_PROPFIND));
  CHECK(body_of(web.ask("GET /500" + kClose)).find("<H1>Internal Server Error</H1>") !=
        string::npos);
  CHECK(made == 5);
}
