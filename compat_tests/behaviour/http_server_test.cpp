// How a server reads requests, and who answers them.
#include <sys/un.h>

#include <cstring>

#include "http_tools.h"

using namespace http_test;

namespace {

const string kClose = " HTTP/1.1\r\nConnection: close\r\n\r\n";

void name_it(evhttp_request* request, void* name) {
  reply(request, 200, "OK", static_cast<const char*>(name));
}

char* text(const char* literal) { return const_cast<char*>(literal); }

std::size_t count(const string& all, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = all.find(part, at)) != string::npos; ++at) {
    ++found;
  }
  return found;
}

}  // namespace

TEST_CASE("http.h: what a request callback finds") {
  int calls = 0;
  Web web([&](evhttp_request* request) {
    ++calls;
    CHECK(evhttp_request_get_command(request) == EVHTTP_REQ_POST);
    CHECK(evhttp_request_get_uri(request) == string("/a%20b?q=1"));
    CHECK(evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request)) == string("/a%20b"));
    CHECK(evhttp_request_get_host(request) == string("h"));
    CHECK(field(request, "x-y") == "1");
    CHECK(text_of(evhttp_request_get_input_buffer(request)) == "abc");
    CHECK(request->kind == EVHTTP_REQUEST);
    CHECK(request->major == 1);
    CHECK(request->minor == 1);
    CHECK(request->flags == EVHTTP_REQ_OWN_CONNECTION);
    CHECK(request->body_size == 3);
    CHECK(request->headers_size == 74);
    CHECK(request->remote_host == string("127.0.0.1"));
    CHECK(request->remote_port != 0);
    evhttp_connection* const connection = evhttp_request_get_connection(request);
    char* address = nullptr;
    ev_uint16_t port = 0;
    evhttp_connection_get_peer(connection, &address, &port);
    CHECK(address == string("127.0.0.1"));
    CHECK(port == request->remote_port);
    CHECK(evhttp_connection_get_server(connection) == web.http());
    CHECK(evhttp_connection_get_base(connection) == web.base());
    CHECK(evhttp_request_is_owned(request) == 0);
    reply(request, 200, "OK", "x");
  });
  web.ask(
      "POST /a%20b?q=1 HTTP/1.1\r\nHost: h:80\r\nX-Y: 1\r\nContent-Length: 3\r\n"
      "Connection: close\r\n\r\nabc");
  CHECK(calls == 1);
}

TEST_CASE("http.h: a request may come in single bytes") {
  Web web([](evhttp_request* request) {
    reply(request, 200, "OK", text_of(evhttp_request_get_input_buffer(request)));
  });
  Peer peer(web.base(), web.port());
  for (const char& c : string("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")) {
    peer.send({&c, 1});
    event_base_loop(web.base(), EVLOOP_NONBLOCK);
  }
  CHECK(body_of(peer.receive("abcde")) == "abcde");
}

TEST_CASE("http.h: requests in one piece are answered one after the other") {
  int number = 0;
  Web web([&](evhttp_request* request) { reply(request, 200, "OK", std::to_string(++number)); });
  const string all = web.ask(
      "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab"
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
      "GET /" +
      kClose + "GET / HTTP/1.1\r\n\r\n");
  CHECK(count(all, "HTTP/1.1 200 OK") == 3);
  CHECK(all.find("\r\n\r\n1HTTP") < all.find("\r\n\r\n2HTTP"));
  CHECK(all.substr(all.size() - 5) == "\r\n\r\n3");
  CHECK(number == 3);
}

TEST_CASE("http.h: a reply may come later and the next request waits for it") {
  evhttp_request* waiting = nullptr;
  int calls = 0;
  Web web([&](evhttp_request* request) {
    if (++calls == 1) {
      waiting = request;
    } else {
      reply(request, 200, "OK", "second");
    }
  });
  Peer peer(web.base(), web.port());
  peer.send("GET / HTTP/1.1\r\n\r\n");
  REQUIRE(run_until(web.base(), [&] { return waiting != nullptr; }));
  peer.send("GET /" + kClose);
  for (int i = 0; i < 20; ++i) {
    event_base_loop(web.base(), EVLOOP_NONBLOCK);
  }
  CHECK(calls == 1);
  reply(waiting, 200, "OK", "first");
  const string all = peer.receive_all();
  CHECK(all.find("first") < all.find("second"));
  CHECK(calls == 2);
}

TEST_CASE("http.h: 100-continue") {
  Web web([](evhttp_request* request) { reply(request, 200, "OK", "done"); });
  evhttp_set_max_body_size(web.http(), 10);
  const string head = "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 3\r\n";
  {
    Peer peer(web.base(), web.port());
    peer.send(head + "Expect: 100-Continue\r\n\r\n");
    CHECK(peer.receive("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    peer.send("abc");
    CHECK(status_of(peer.receive_all().substr(25)) == "200 OK");
  }
  CHECK(status_of(web.ask(head + "Expect: 100-continue\r\n\r\nabc")) == "200 OK");
  CHECK(status_of(web.ask(head + "Expect: more\r\n\r\n")) == "417 Expectation Failed");
  CHECK(
      status_of(web.ask("POST / HTTP/1.1\r\nContent-Length: 30\r\nExpect: 100-continue\r\n\r\n")) ==
      "413 Request Entity Too Large");
}

TEST_CASE("evhttp_set_max_body_size: what is longer gets 413") {
  Web web([](evhttp_request* request) { reply(request, 200, "OK", "fine"); });
  evhttp_set_max_body_size(web.http(), 5);
  const string post = "POST / HTTP/1.1\r\nConnection: close\r\n";
  const string chunks = post + "Transfer-Encoding: chunked\r\n\r\n";
  const string too_large = "413 Request Entity Too Large";
  CHECK(status_of(web.ask(post + "Content-Length: 5\r\n\r\nabcde")) == "200 OK");
  CHECK(status_of(web.ask(post + "Content-Length: 6\r\n\r\n")) == too_large);
  CHECK(status_of(web.ask(chunks + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")) == "200 OK");
  CHECK(status_of(web.ask(chunks + "6\r\n")) == too_large);
  CHECK(status_of(web.ask(chunks + "3\r\nabc\r\n3\r\n")) == too_large);
}

TEST_CASE("evhttp_set_flags: with lingering close the body is read before 413") {
  Web web([](evhttp_request* request) { reply(request, 200, "OK", "fine"); });
  evhttp_set_max_body_size(web.http(), 5);
  CHECK(evhttp_set_flags(web.http(), 0x4000) == 1);
  REQUIRE(evhttp_set_flags(web.http(), EVHTTP_SERVER_LINGERING_CLOSE) == 0);
  Peer peer(web.base(), web.port());
  peer.send("POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc");
  for (int i = 0; i < 20; ++i) {
    event_base_loop(web.base(), EVLOOP_NONBLOCK);
  }
  CHECK_FALSE(peer.closed());
  peer.send("def");
  CHECK(status_of(peer.receive_all()) == "413 Request Entity Too Large");
}

TEST_CASE("evhttp_set_max_headers_size: what is longer is refused") {
  Web web([](evhttp_request* request) { reply(request, 200, "OK", "fine"); });
  evhttp_set_max_headers_size(web.http(), 50);
  const string a(100, 'a');
  CHECK(status_of(web.ask("GET / HTTP/1.0\r\n\r\n")) == "200 OK");
  const string fields = status_of(web.ask("GET / HTTP/1.1\r\nX: " + a));
  const string line = status_of(web.ask("GET /" + a));
  CHECK(fields.substr(0, 3) == (on_relevent() ? "431" : "400"));
  CHECK(line.substr(0, 3) == (on_relevent() ? "414" : "400"));
}

TEST_CASE("evhttp_set_allowed_methods: others get 501") {
  Web web([](evhttp_request* request) { reply(request, 200, "OK", "fine"); });
  CHECK(status_of(web.ask("OPTIONS *" + kClose)) == "501 Not Implemented");
  CHECK(status_of(web.ask("PATCH /" + kClose)) == "501 Not Implemented");
  CHECK(status_of(web.ask("DELETE /" + kClose)) == "200 OK");
  evhttp_set_allowed_methods(web.http(), EVHTTP_REQ_OPTIONS | EVHTTP_REQ_CONNECT);
  CHECK(status_of(web.ask("OPTIONS *" + kClose)) == "200 OK");
  CHECK(status_of(web.ask("GET /" + kClose)) == "501 Not Implemented");
}

TEST_CASE("http.h: the target of CONNECT is a host and a port") {
  Web web([](evhttp_request* request) {
    const evhttp_uri* const uri = evhttp_request_get_evhttp_uri(request);
    reply(request, 403, "Forbidden",
          string(evhttp_uri_get_host(uri)) + " " + std::to_string(evhttp_uri_get_port(uri)) + " " +
              evhttp_uri_get_path(uri));
  });
  evhttp_set_allowed_methods(web.http(), EVHTTP_REQ_CONNECT);
  const struct {
    const char* target;
    const char* parts;  // null: 400
  } rows[] = {{"a:80", "a 80 "},         {"a", "a -1 "},
              {"a:", "a -1 "},           {":80", " 80 "},
              {"[::1]:80", "[::1] 80 "}, {"[::1]", "[::1] -1 "},
              {"a:65535", "a 65535 "},   {"a:65536", nullptr},
              {"a:-1", nullptr},         {"a:1b", nullptr},
              {"a:+1", nullptr},         {"a:b:80", nullptr},
              {"[::1", nullptr}};
  for (const auto& row : rows) {
    INFO(row.target);
    Peer peer(web.base(), web.port());
    peer.send(string("CONNECT ") + row.target + kClose);
    peer.end_output();
    const string answer = peer.receive_all();
    CHECK(status_of(answer) == (row.parts != nullptr ? "403 Forbidden" : "400 Bad Request"));
    CHECK((row.parts == nullptr || body_of(answer) == row.parts));
  }
}

TEST_CASE("evhttp_set_cb: compares the decoded path") {
  Web web;
  REQUIRE(evhttp_set_cb(web.http(), "/a b", name_it, text("a b")) == 0);
  REQUIRE(evhttp_set_cb(web.http(), "/x", name_it, text("x")) == 0);
  CHECK(evhttp_set_cb(web.http(), "/x", name_it, nullptr) == -1);
  CHECK(body_of(web.ask("GET /a%20b?c" + kClose)) == "a b");
  CHECK(body_of(web.ask("GET /x#y" + kClose)) == "x");
  CHECK(body_of(web.ask("GET http://h/x" + kClose)) == "x");
  const string missing = web.ask("GET /X<" + kClose);
  CHECK(status_of(missing) == "404 Not Found");
  CHECK(body_of(missing) ==
        "<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1>"
        "<p>The requested URL /X&lt; was not found on this server.</p></body></html>\n");
  CHECK(evhttp_del_cb(web.http(), "/x") == 0);
  CHECK(evhttp_del_cb(web.http(), "/x") == -1);
  CHECK(status_of(web.ask("GET /x" + kClose)) == "404 Not Found");
  evhttp_set_gencb(web.http(), name_it, text("all"));
  CHECK(body_of(web.ask("GET /x" + kClose)) == "all");
}

TEST_CASE("evhttp_add_virtual_host: patterns and aliases") {
  Web web;
  evhttp_set_gencb(web.http(), name_it, text("main"));
  evhttp* const host = evhttp_new(nullptr);
  evhttp* const inner = evhttp_new(nullptr);
  evhttp_set_gencb(host, name_it, text("host"));
  evhttp_set_gencb(inner, name_it, text("inner"));
  REQUIRE(evhttp_add_virtual_host(web.http(), "*.Example.com", host) == 0);
  CHECK(evhttp_add_virtual_host(web.http(), "other", host) == -1);
  REQUIRE(evhttp_add_virtual_host(host, "in*.com", inner) == 0);
  REQUIRE(evhttp_add_server_alias(web.http(), "main.example.com") == 0);
  REQUIRE(evhttp_add_server_alias(inner, "alias.org") == 0);
  const std::pair<const char*, const char*> rows[] = {{"www.example.com", "host"},
                                                      {"WWW.EXAMPLE.COM:80", "host"},
                                                      {"example.com", "main"},
                                                      {"in.example.com", "inner"},
                                                      {"indeed.com", "main"},
                                                      {"main.example.com", "main"},
                                                      {"ALIAS.org", "inner"},
                                                      {"www.example.community", "main"},
                                                      {"", "main"}};
  for (const auto& [name, expected] : rows) {
    INFO(name);
    CHECK(body_of(web.ask("GET / HTTP/1.1\r\nConnection: close\r\nHost: " + string(name) +
                          "\r\n\r\n")) == expected);
  }
  CHECK(body_of(web.ask("GET http://www.example.com/ HTTP/1.1\r\nConnection: close\r\n\r\n")) ==
        "host");
  CHECK(evhttp_remove_server_alias(inner, "alias.org") == 0);
  CHECK(evhttp_remove_server_alias(inner, "alias.org") == -1);
  CHECK(evhttp_remove_virtual_host(web.http(), inner) == 0);
  CHECK(evhttp_remove_virtual_host(web.http(), inner) == -1);
  evhttp_free(inner);
  CHECK(body_of(web.ask("GET / HTTP/1.1\r\nConnection: close\r\nHost: in.example.com\r\n\r\n")) ==
        "host");
}

TEST_CASE("evhttp_add_virtual_host: a star at the end matches nothing") {
  Web web;
  evhttp_set_gencb(web.http(), name_it, text("main"));
  evhttp* const host = evhttp_new(nullptr);
  evhttp_set_gencb(host, name_it, text("host"));
  REQUIRE(evhttp_add_virtual_host(web.http(), "www.*", host) == 0);
  CHECK(body_of(web.ask("GET http://www.example.com/ HTTP/1.1\r\n\r\n")) == "main");
}

TEST_CASE("evhttp_request_set_header_cb: on a server it may refuse") {
  struct Calls {
    static int headers(evhttp_request* request, void*) {
      return field(request, "X-No") == "(none)" ? 0 : -1;
    }
  };
  INTENDED_DIFFERENCE("evhttp_set_newreqcb is of libevent 2.2");
  Web web([](evhttp_request* request) { reply(request, 200, "OK", "fine"); });
  evhttp_set_newreqcb(
      web.http(),
      [](evhttp_request* request, void*) {
        evhttp_request_set_header_cb(request, Calls::headers);
        return 0;
      },
      nullptr);
  CHECK(status_of(web.ask("GET /" + kClose)) == "200 OK");
  CHECK(web.ask("GET / HTTP/1.1\r\nX-No: 1\r\n\r\n").empty());
}

TEST_CASE("evhttp_set_bevcb: the server closes the descriptor in any case") {
  Web web([](evhttp_request* request) { reply(request, 200, "OK", "fine"); });
  int made = 0;
  evhttp_set_bevcb(
      web.http(),
      [](event_base* base, void* calls) {
        ++*static_cast<int*>(calls);
        return bufferevent_socket_new(base, -1, 0);
      },
      &made);
  CHECK(status_of(web.ask("GET /" + kClose)) == "200 OK");
  CHECK(made == 1);
}

TEST_CASE("http.h: sockets of a server") {
  Web web([](evhttp_request* request) { reply(request, 200, "OK", request->remote_host); });
  CHECK(evhttp_bind_socket(web.http(), "127.0.0.1", static_cast<ev_uint16_t>(web.port())) == -1);
  int seen = 0;
  evhttp_foreach_bound_socket(
      web.http(), [](evhttp_bound_socket*, void* n) { ++*static_cast<int*>(n); }, &seen);
  CHECK(seen == 1);
  CHECK(evconnlistener_get_fd(evhttp_bound_socket_get_listener(web.socket())) ==
        evhttp_bound_socket_get_fd(web.socket()));

  // A client of a UNIX socket whose own address is as long as it can be.
  char folder[] = "/tmp/http-XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s/s", folder);
  evconnlistener* const listener =
      evconnlistener_new_bind(web.base(), nullptr, nullptr, LEV_OPT_CLOSE_ON_FREE, -1,
                              reinterpret_cast<sockaddr*>(&address), sizeof address);
  REQUIRE(evhttp_bind_listener(web.http(), listener) != nullptr);
  sockaddr_un own = address;
  std::memset(own.sun_path + std::strlen(folder) + 1, 'x',
              sizeof own.sun_path - std::strlen(folder) - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&own), sizeof own) == 0);
  REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  evutil_make_socket_nonblocking(fd);
  REQUIRE(::send(fd, "GET / HTTP/1.0\r\n\r\n", 18, 0) == 18);
  char bytes[1000];
  ssize_t length = 0;
  CHECK(run_until(web.base(), [&] { return (length = ::recv(fd, bytes, sizeof bytes, 0)) > 0; }));
  ::close(fd);
  ::unlink(address.sun_path);
  const string path(own.sun_path, sizeof own.sun_path);
  ::unlink(path.c_str());
  ::rmdir(folder);

  evhttp_del_accept_socket(web.http(), web.socket());
  const int refused = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in gone = loopback(web.port());
  CHECK(::connect(refused, reinterpret_cast<const sockaddr*>(&gone), sizeof gone) == -1);
  ::close(refused);
}

TEST_CASE("http.h: misuse is a warning") {
  INTENDED_DIFFERENCE("the reference crashes, or never ends");
  const LogCapture log;
  Web web;
  SECTION("replying to a request of a client") {
    evhttp_connection* const connection = evhttp_connection_base_new(
        web.base(), nullptr, "127.0.0.1", static_cast<ev_uint16_t>(web.port()));
    evhttp_request* const request = evhttp_request_new([](evhttp_request*, void*) {}, nullptr);
    REQUIRE(evhttp_make_request(connection, request, EVHTTP_REQ_GET, "/") == 0);
    evhttp_send_reply_start(request, 200, "OK");
    chunk(request, "x");
    evhttp_send_reply_end(request);
    reply(request, 200, "OK", "x");
    evhttp_send_error(request, 500, nullptr);
    CHECK(log.contains(EVENT_LOG_WARN, "client"));
    CHECK(log.count() == 5);
    evhttp_connection_free(connection);
  }
  SECTION("a server as a virtual host of its own") {
    evhttp* const outer = evhttp_new(web.base());
    evhttp* const inner = evhttp_new(web.base());
    CHECK(evhttp_add_virtual_host(outer, "a", outer) == -1);
    REQUIRE(evhttp_add_virtual_host(outer, "a", inner) == 0);
    CHECK(evhttp_add_virtual_host(inner, "b", outer) == -1);
    CHECK(log.contains(EVENT_LOG_WARN, "virtual host"));
    evhttp_free(outer);
  }
}
