// Client connections against a server that says exactly what the test wants.
#include <sys/un.h>

#include <cstring>

#include "http_tools.h"

using namespace http_test;

namespace {

const string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

// Answers the n-th request of all with the n-th reply; one that ends in "$" closes the connection
// behind it, "$" alone without a word.
class Script {
 public:
  Script(event_base* base, std::vector<string> replies)
      : base_(base), replies_(std::move(replies)) {
    const sockaddr_in address = loopback(0);
    listener_.reset(evconnlistener_new_bind(base, accept, this, LEV_OPT_CLOSE_ON_FREE, -1,
                                            reinterpret_cast<const sockaddr*>(&address),
                                            sizeof address));
    REQUIRE(listener_);
  }
  ~Script() {
    for (bufferevent* const bufev : connections_) {
      bufferevent_free(bufev);
    }
  }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;
  ev_uint16_t port() const {
    return static_cast<ev_uint16_t>(port_of(evconnlistener_get_fd(listener_.get())));
  }
  int accepted() const { return static_cast<int>(connections_.size()); }
  const std::vector<string>& requests() const { return requests_; }

 private:
  static void accept(evconnlistener*, evutil_socket_t fd, sockaddr*, int, void* self) {
    Script& script = *static_cast<Script*>(self);
    bufferevent* const bufev = bufferevent_socket_new(script.base_, fd, BEV_OPT_CLOSE_ON_FREE);
    script.connections_.push_back(bufev);
    bufferevent_setcb(bufev, read, written, nullptr, self);
    bufferevent_enable(bufev, EV_READ);
  }
  static void read(bufferevent* bufev, void* self) {
    Script& script = *static_cast<Script*>(self);
    evbuffer* const input = bufferevent_get_input(bufev);
    const evbuffer_ptr end = evbuffer_search(input, "\r\n\r\n", 4, nullptr);
    if (end.pos < 0) {
      return;
    }
    script.requests_.push_back(text_of(input));
    evbuffer_drain(input, evbuffer_get_length(input));
    if (script.requests_.size() > script.replies_.size()) {
      return;
    }
    string text = script.replies_[script.requests_.size() - 1];
    const bool closes = !text.empty() && text.back() == '$';
    if (closes) {
      text.pop_back();
      script.closing_.push_back(bufev);
    }
    bufferevent_write(bufev, text.data(), text.size());
    if (closes && text.empty()) {
      written(bufev, self);
    }
  }
  static void written(bufferevent* bufev, void* self) {
    for (bufferevent* const closing : static_cast<Script*>(self)->closing_) {
      if (closing == bufev) {
        ::shutdown(bufferevent_getfd(bufev), SHUT_RDWR);
      }
    }
  }

  event_base* base_;
  std::vector<string> replies_;
  std::vector<string> requests_;
  std::vector<bufferevent*> connections_;
  std::vector<bufferevent*> closing_;
  std::unique_ptr<evconnlistener, FreeWith<evconnlistener_free>> listener_;
};

// A client that writes down what happens.
class Client {
 public:
  explicit Client(std::vector<string> replies) : script(base.get(), std::move(replies)) {
    connect(script.port());
  }
  ~Client() { free_connection(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void connect(ev_uint16_t port) {
    free_connection();
    connection = evhttp_connection_base_new(base.get(), nullptr, "127.0.0.1", port);
    evhttp_connection_set_closecb(
        connection,
        [](evhttp_connection*, void* self) { static_cast<Client*>(self)->note("close"); }, this);
  }
  void free_connection() {
    if (connection != nullptr) {
      evhttp_connection_set_closecb(connection, nullptr, nullptr);
      evhttp_connection_free(std::exchange(connection, nullptr));
    }
  }

  evhttp_request* make(const char* target, evhttp_cmd_type type = EVHTTP_REQ_GET,
                       const string& body = "") {
    evhttp_request* const request = evhttp_request_new(done, this);
    evhttp_request_set_error_cb(request, error);
    if (with_header_callback) {
      evhttp_request_set_header_cb(request, header);
    }
    if (with_chunk_callback) {
      evhttp_request_set_chunked_cb(request, piece);
    }
    evbuffer_add(evhttp_request_get_output_buffer(request), body.data(), body.size());
    ++pending;
    result = evhttp_make_request(connection, request, type, target);
    return request;
  }
  // What has happened when no request is pending.
  string run() {
    CHECK(run_until(base.get(), [this] { return pending == 0; }));
    for (int i = 0; i < 5; ++i) {
      event_base_loop(base.get(), EVLOOP_NONBLOCK);
    }
    return std::exchange(log, {});
  }
  void note(const string& text) { log += (log.empty() ? "" : " ") + text; }

  Base base = make_base();
  Script script;
  evhttp_connection* connection = nullptr;
  std::function<void()> when_done;
  int header_result = 0;
  bool with_header_callback = false;
  bool with_chunk_callback = false;
  bool cancels = false;
  int pending = 0;
  int result = 0;
  string log;

 private:
  static void done(evhttp_request* request, void* self) {
    Client& client = *static_cast<Client*>(self);
    --client.pending;
    if (request == nullptr) {
      client.note("null");
    } else {
      client.note(std::to_string(evhttp_request_get_response_code(request)) + ":" +
                  text_of(evhttp_request_get_input_buffer(request)));
      CHECK(evhttp_request_get_connection(request) == nullptr);
    }
    if (client.when_done) {
      std::exchange(client.when_done, nullptr)();
    }
  }
  static void error(evhttp_request_error error, void* self) {
    Client& client = *static_cast<Client*>(self);
    client.note("error" + std::to_string(error));
    if (error == EVREQ_HTTP_REQUEST_CANCEL) {
      --client.pending;
    }
  }
  static int header(evhttp_request* request, void* self) {
    Client& client = *static_cast<Client*>(self);
    client.note("header" + std::to_string(evhttp_request_get_response_code(request)));
    return client.header_result;
  }
  static void piece(evhttp_request* request, void* self) {
    Client& client = *static_cast<Client*>(self);
    client.note("piece:" + text_of(evhttp_request_get_input_buffer(request)));
    if (client.cancels) {
      evhttp_cancel_request(request);
    }
  }
};

}  // namespace

TEST_CASE("evhttp_make_request: what is sent") {
  struct Row {
    evhttp_cmd_type type;
    const char* body;
    const char* sent;
  };
  const Row rows[] = {
      {EVHTTP_REQ_GET, "", "GET /a HTTP/1.1\r\nX: 1\r\n\r\n"},
      {EVHTTP_REQ_POST, "abc", "POST /a HTTP/1.1\r\nX: 1\r\nContent-Length: 3\r\n\r\nabc"},
      {EVHTTP_REQ_POST, "", "POST /a HTTP/1.1\r\nX: 1\r\nContent-Length: 0\r\n\r\n"},
      {EVHTTP_REQ_PUT, "", "PUT /a HTTP/1.1\r\nX: 1\r\nContent-Length: 0\r\n\r\n"},
      {EVHTTP_REQ_DELETE, "", "DELETE /a HTTP/1.1\r\nX: 1\r\n\r\n"},
      {EVHTTP_REQ_PATCH, "", "PATCH /a HTTP/1.1\r\nX: 1\r\n\r\n"},
      {EVHTTP_REQ_OPTIONS, "", "OPTIONS /a HTTP/1.1\r\nX: 1\r\n\r\n"},
      {EVHTTP_REQ_TRACE, "", "TRACE /a HTTP/1.1\r\nX: 1\r\n\r\n"},
  };
  Client client(std::vector<string>(std::size(rows), kOk));
  for (const Row& row : rows) {
    evhttp_request* const request = evhttp_request_new(
        [](evhttp_request*, void* pending) { --*static_cast<int*>(pending); }, &client.pending);
    evhttp_add_header(evhttp_request_get_output_headers(request), "X", "1");
    evbuffer_add(evhttp_request_get_output_buffer(request), row.body, std::strlen(row.body));
    ++client.pending;
    REQUIRE(evhttp_make_request(client.connection, request, row.type, "/a") == 0);
    client.run();
    CHECK(client.script.requests().back() == row.sent);
  }
  CHECK(client.script.accepted() == 1);
}

TEST_CASE("evhttp_make_request: replies and errors in the order in which they are told") {
  struct Row {
    const char* name;
    std::vector<string> replies;
    string log;
    int accepted;
  };
  const string ok = "200:hi";
  const string chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const Row rows[] = {
      {"one connection", {kOk, kOk}, "200:hi 200:hi", 1},
      {"closed by the server",
       {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx$", kOk},
       "close 200:x 200:hi",
       2},
      {"announced only",
       {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", kOk},
       "close 200:x 200:hi",
       2},
      {"nothing", {"$", kOk}, "close error1 null 200:hi", 2},
      {"a part of the head", {"HTTP/1.1 200 OK\r\nA: b$", kOk}, "close error1 null 200:hi", 2},
      {"a part of the body",
       {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab$", kOk},
       "close error1 null 200:hi",
       2},
      {"a part of a chunk", {chunks + "5\r\nab$", kOk}, "close error1 null 200:hi", 2},
      {"not HTTP", {"FOO\r\n\r\n", kOk}, "close error2 null 200:hi", 2},
      {"a bad length",
       {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", kOk},
       "close error2 null 200:hi",
       2},
      {"a bad chunk", {chunks + "xx\r\nab", kOk}, "close error5 null 200:hi", 2},
      {"framed twice",
       {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", kOk},
       "close error2 null 200:hi",
       2},
      {"too long",
       {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", kOk},
       "close error5 null 200:hi",
       2},
      {"chunks",
       {chunks + "2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n", kOk},
       on_relevent() ? "200:abc 200:hi" : "close error5 null 200:hi",
       on_relevent() ? 1 : 2},
      {"no body", {"HTTP/1.1 204 None\r\n\r\n", kOk}, "204: 200:hi", 1},
      {"not modified", {"HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n", kOk}, "304: 200:hi", 1},
      {"100 first", {"HTTP/1.1 100 Continue\r\n\r\n" + kOk, kOk}, "200:hi 200:hi", 1},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Client client(row.replies);
    evhttp_connection_set_max_body_size(client.connection, 20);
    client.make("/1");
    client.make("/2");
    CHECK(client.run() == row.log);
    CHECK(client.script.accepted() == row.accepted);
  }
}

TEST_CASE("evhttp_make_request: a reply that the end of the connection ends") {
  Client client({"HTTP/1.1 200 OK\r\n\r\nhello$", kOk});
  client.make("/1");
  CHECK(client.run() == "200:hello close");
  client.make("/2");
  CHECK(client.run() == "200:hi");
}

TEST_CASE("evhttp_make_request: requests wait for another connection if the server closes") {
  INTENDED_DIFFERENCE("the reference sends them on the connection that is being closed");
  for (const string first :
       {"HTTP/1.1 200 OK\r\n\r\nhi$", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi"}) {
    Client client({first, kOk});
    client.make("/1");
    client.make("/2");
    const string log = client.run();
    CHECK((log == "200:hi close 200:hi" || log == "close 200:hi 200:hi"));
    CHECK(client.script.accepted() == 2);
  }
}

TEST_CASE("evhttp_make_request: information before the reply is skipped") {
  INTENDED_DIFFERENCE("the reference takes 102 and 103 for the reply");
  Client client({"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" + kOk});
  client.make("/");
  CHECK(client.run() == "200:hi");
}

TEST_CASE("evhttp_make_request: the compat mode takes the replies that the reference takes") {
  ::setenv("RELEVENT_HTTP", "compat", 1);
  const string rest = "Content-Length: 2\r\n\r\nhi";
  const std::pair<string, string> cases[] = {
      {"HTTP/1.1 99 X\r\n" + rest, "99:hi"},
      {"HTTP/1.1 1000 X\r\n" + rest, "1000:hi"},
      {"HTTP/1.1 200 OK\r\nA : b\r\n" + rest, "200:hi"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi", "200:hi"},
      {"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi", "200:hi"},
  };
  for (const auto& [reply, outcome] : cases) {
    INFO(reply);
    Client client({reply});
    client.make("/");
    CHECK(client.run() == outcome);
  }
}

TEST_CASE("evhttp_make_request: HEAD and CONNECT have no body") {
  for (const evhttp_cmd_type type : {EVHTTP_REQ_HEAD, EVHTTP_REQ_CONNECT}) {
    const string length = type == EVHTTP_REQ_HEAD ? "Content-Length: 5\r\n" : "";
    Client client({"HTTP/1.1 200 OK\r\n" + length + "\r\n", kOk});
    client.make("a:80", type);
    client.make("/");
    CHECK(client.run() == "200: 200:hi");
    CHECK(client.script.accepted() == 1);
  }
}

TEST_CASE("evhttp_request_set_header_cb: is asked and may refuse") {
  Client client({"HTTP/1.1 100 Continue\r\n\r\n" + kOk, kOk, kOk});
  client.with_header_callback = true;
  client.make("/");
  CHECK(client.run() == "header100 header200 200:hi");
  client.header_result = -1;
  client.make("/");
  CHECK(client.run() == "header200 close error1 null");
  client.header_result = 0;
  client.make("/");
  CHECK(client.run() == "header200 200:hi");
}

TEST_CASE("evhttp_request_set_chunked_cb: gets each chunk and the last callback nothing") {
  Client client(
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n",
       kOk});
  client.with_chunk_callback = true;
  client.make("/");
  CHECK(client.run() == "piece:ab piece:cde 200:");
  client.make("/");
  CHECK(client.run() == "piece:hi 200:");
}

TEST_CASE("evhttp_cancel_request: at each stage") {
  SECTION("within the chunk callback") {
    Client client({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", kOk});
    client.with_chunk_callback = client.cancels = true;
    client.make("/1");
    CHECK(client.run() == "piece:ab close error4");
    client.cancels = false;
    client.make("/2");
    CHECK(client.run() == "piece:hi 200:");
  }
  SECTION("while connecting") {
    Client client({kOk});
    evhttp_cancel_request(client.make("/1"));
    CHECK(client.run() == "error4");
    client.make("/2");
    CHECK(client.run() == "200:hi");
  }
  SECTION("while the reply is waited for: the next one connects anew") {
    Client client({"", kOk});
    evhttp_request* const request = client.make("/1");
    REQUIRE(run_until(client.base.get(), [&] { return client.script.requests().size() == 1; }));
    client.make("/2");
    evhttp_cancel_request(request);
    CHECK(client.run() == "close error4 200:hi");
    CHECK(client.script.accepted() == 2);
  }
  SECTION("in the queue: nobody hears of it") {
    Client client({kOk});
    client.make("/1");
    evhttp_cancel_request(client.make("/2"));
    --client.pending;
    CHECK(client.run() == "200:hi");
    CHECK(client.script.requests().size() == 1);
  }
}

TEST_CASE("evhttp_cancel_request: of another one while all fail") {
  INTENDED_DIFFERENCE("the reference goes on with a list that is broken");
  Client client({});
  client.connect(1);  // nobody listens there
  client.make("/1");
  evhttp_request* const second = client.make("/2");
  client.when_done = [&] {
    evhttp_cancel_request(second);
    --client.pending;  // nobody hears of it
  };
  CHECK(client.run() == "0:");
  client.make("/3");
  evhttp_request* const last = client.make("/4");
  client.when_done = [&] {
    // It goes with the connection.
    CHECK(evhttp_request_get_connection(last) == client.connection);
    client.free_connection();
    --client.pending;
  };
  CHECK(client.run() == "0:");
}

TEST_CASE("evhttp_request_free: within the request's own callbacks") {
  INTENDED_DIFFERENCE("the reference uses it on, or waits for its reply for ever");
  Client client({kOk, kOk, kOk});
  client.with_chunk_callback = client.with_header_callback = true;
  SECTION("of a chunk") {
    evhttp_request_set_chunked_cb(
        client.make("/1"), [](evhttp_request* request, void*) { evhttp_request_free(request); });
    client.make("/2");
    CHECK(client.run() == "header200 close error4 header200 piece:hi 200:");
  }
  SECTION("of the header section") {
    evhttp_request_set_header_cb(client.make("/1"), [](evhttp_request* request, void*) {
      evhttp_request_free(request);
      return 0;
    });
    client.make("/2");
    CHECK(client.run() == "close error4 header200 piece:hi 200:");
  }
}

TEST_CASE("evhttp_connection_free: within callbacks and with requests in the queue") {
  Client client({kOk, kOk});
  client.make("/1");
  client.make("/2");
  client.when_done = [&] {
    evhttp_connection_free(std::exchange(client.connection, nullptr));
    --client.pending;  // of the second request nobody hears
  };
  CHECK(client.run() == "200:hi close");
}

TEST_CASE("evhttp_make_request: within a request's callback") {
  Client client({kOk, "$", kOk});
  client.when_done = [&] { client.make("/2"); };
  client.make("/1");
  CHECK(client.run() == "200:hi close error1 null");
  client.when_done = [&] { client.make("/3"); };
  client.connect(1);  // nobody listens there
  client.make("/x");
  client.when_done = nullptr;
  CHECK(client.run() == "0:");
}

TEST_CASE("evhttp_connection_set_retries: with a pause that doubles") {
  Client client({});
  client.connect(1);
  const timeval pause = ms(20);
  evhttp_connection_set_retries(client.connection, 2);
  evhttp_connection_set_initial_retry_tv(client.connection, &pause);
  const std::int64_t begin = now_ms();
  client.make("/1");
  client.make("/2");
  CHECK(client.run() == "0: 0:");
  CHECK(now_ms() - begin >= 55);
}

TEST_CASE("evhttp_connection_set_timeout_tv: a silent server") {
  Client client({"", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"});
  const timeval limit = ms(50);
  evhttp_connection_set_timeout_tv(client.connection, &limit);
  client.make("/1");
  CHECK(client.run() == "close error0 null");
  client.make("/2");
  CHECK(client.run() == "close error0 null");
}

TEST_CASE("evhttp_connection_set_max_headers_size: a longer head fails") {
  Client client({"HTTP/1.1 200 OK\r\nA: " + string(100, 'a') + "\r\n\r\n"});
  evhttp_connection_set_max_headers_size(client.connection, 50);
  client.make("/");
  CHECK(client.run() == "close error2 null");
}

TEST_CASE("evhttp_connection_free_on_completion: freed when the server has closed") {
  Client client({"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi$"});
  client.make("/");
  evhttp_connection_free_on_completion(std::exchange(client.connection, nullptr));
  CHECK(client.run() == "close 200:hi");
}

TEST_CASE("http.h: an idle connection that the server closes is opened again") {
  Client client({kOk + "$", kOk});
  client.make("/1");
  CHECK(client.run() == "200:hi close");
  client.make("/2");
  CHECK(client.run() == "200:hi");
  CHECK(client.script.accepted() == 2);
}

TEST_CASE("evhttp_connection_set_local_address: one of this host") {
  Client client({kOk});
  evhttp_connection_set_local_address(client.connection, "127.0.0.3");
  client.make("/");
  CHECK(client.run() == "200:hi");
  const auto* const peer =
      reinterpret_cast<const sockaddr_in*>(evhttp_connection_get_addr(client.connection));
  CHECK(peer->sin_family == AF_INET);
  CHECK(ntohs(peer->sin_port) == client.script.port());
  Client other({kOk});
  evhttp_connection_set_local_address(other.connection, "192.0.2.1");
  other.make("/");
  CHECK(other.result == -1);
}

TEST_CASE("evhttp_connection_set_flags: only those of clients") {
  Client client({kOk});
  CHECK(evhttp_connection_set_flags(client.connection, EVHTTP_CON_REUSE_CONNECTED_ADDR |
                                                           EVHTTP_CON_READ_ON_WRITE_ERROR) == 0);
  CHECK(evhttp_connection_set_flags(client.connection, 0x4) == 1);
  CHECK(evhttp_connection_get_server(client.connection) == nullptr);
  CHECK(evhttp_connection_get_base(client.connection) == client.base.get());
  client.make("/");
  CHECK(client.run() == "200:hi");
}

TEST_CASE("evhttp_make_request: what would break the request line is refused") {
  INTENDED_DIFFERENCE("request splitting");
  Client client({kOk});
  client.make("/a HTTP/1.1\r\nX: y");
  CHECK(client.result == -1);
  client.make("/", static_cast<evhttp_cmd_type>(0));
  CHECK(client.result == -1);
}

TEST_CASE("evhttp_connection_set_flags: what the server said before it closed") {
  // It answers when it has seen the head, and closes with most of the body unread.
  for (const bool reads_on : {false, true}) {
    Client client({"HTTP/1.1 413 Too long\r\nContent-Length: 2\r\n\r\nno$"});
    if (reads_on) {
      evhttp_connection_set_flags(client.connection, EVHTTP_CON_READ_ON_WRITE_ERROR);
    }
    client.make("/", EVHTTP_REQ_POST, string(8 << 20, 'x'));
    const string log = client.run();
    INFO(log);
    CHECK((reads_on ? log == "close 413:no" || log == "413:no close" || log == "close error1 null"
                    : log == "close error1 null"));
  }
}

TEST_CASE("evhttp_connection_base_bufferevent_unix_new: over a UNIX socket") {
  INTENDED_DIFFERENCE("a function of libevent 2.2");
  const Base base = make_base();
  char folder[] = "/tmp/http-XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s/s", folder);
  evhttp* const http = evhttp_new(base.get());
  evhttp_set_gencb(
      http, [](evhttp_request* request, void*) { reply(request, 200, "OK", "unix"); }, nullptr);
  REQUIRE(evhttp_bind_listener(
              http, evconnlistener_new_bind(base.get(), nullptr, nullptr, LEV_OPT_CLOSE_ON_FREE, -1,
                                            reinterpret_cast<sockaddr*>(&address),
                                            sizeof address)) != nullptr);
  CHECK(evhttp_connection_base_bufferevent_unix_new(base.get(), nullptr,
                                                    string(200, 'x').c_str()) == nullptr);
  evhttp_connection* const connection =
      evhttp_connection_base_bufferevent_unix_new(base.get(), nullptr, address.sun_path);
  REQUIRE(connection != nullptr);
  string body;
  evhttp_request* const request = evhttp_request_new(
      [](evhttp_request* done, void* text) {
        *static_cast<string*>(text) =
            done != nullptr ? text_of(evhttp_request_get_input_buffer(done)) : "failed";
      },
      &body);
  REQUIRE(evhttp_make_request(connection, request, EVHTTP_REQ_GET, "/") == 0);
  CHECK(run_until(base.get(), [&] { return !body.empty(); }));
  CHECK(body == "unix");
  evhttp_connection_free(connection);
  evhttp_free(http);
  ::unlink(address.sun_path);
  ::rmdir(folder);
}
