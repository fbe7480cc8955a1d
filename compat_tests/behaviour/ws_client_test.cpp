// event2/relevent_ws.h: the client's side of WebSocket
#include <event2/keyvalq_struct.h>
#include <sys/queue.h>

#include <memory>
#include <string>
#include <vector>

#include "support.h"
#include "tracked_memory.h"
#include "ws_tools.h"

using namespace ws_cases;

namespace {

// Listens, and gives each connection to a Peer, the test's server.
struct Listening {
  Listening() : base(make_base()) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = evconnlistener_new_bind(base.get(), on_accept, this, LEV_OPT_CLOSE_ON_FREE, -1,
                                       reinterpret_cast<sockaddr*>(&address), sizeof address);
    REQUIRE(listener != nullptr);
    socklen_t length = sizeof address;
    getsockname(evconnlistener_get_fd(listener), reinterpret_cast<sockaddr*>(&address), &length);
    url = "ws://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~Listening() { evconnlistener_free(listener); }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

  static void on_accept(evconnlistener*, evutil_socket_t fd, sockaddr*, int, void* listening) {
    auto& self = *static_cast<Listening*>(listening);
    self.peer = std::make_unique<Peer>(self.base.get(), fd);
  }

  evws_connection* connect(const std::string& target, const evkeyvalq* headers = nullptr) {
    evws_connection* const ws = relevent_ws_connect(
        base.get(), nullptr, nullptr, (url + target).c_str(), headers, Recorder::on_message, &seen);
    REQUIRE(ws != nullptr);
    evws_connection_set_closecb(ws, Recorder::on_close, &seen);
    relevent_ws_set_opencb(ws, on_open, this);
    return ws;
  }
  static void on_open(evws_connection* ws, const evkeyvalq* headers, void* listening) {
    auto& self = *static_cast<Listening*>(listening);
    ++self.opened;
    const char* const protocol = evhttp_find_header(headers, "sec-websocket-protocol");
    self.protocol = protocol == nullptr ? "" : protocol;
    if (self.when_open) {
      self.when_open(ws);
    }
  }

  std::string read_request() {
    REQUIRE(run_until(base.get(), [&] { return peer != nullptr; }));
    return peer->read_head();
  }
  bool wait_for_close() {
    return run_until(base.get(), [&] { return seen.closed > 0; });
  }

  Base base;
  evconnlistener* listener;
  std::string url;
  std::unique_ptr<Peer> peer;
  Recorder seen;
  int opened = 0;
  std::string protocol;
  std::function<void(evws_connection*)> when_open;
};

std::string field(const std::string& head, const std::string& name) {
  const size_t begin = head.find("\r\n" + name + ": ");
  if (begin == std::string::npos) {
    return "none";
  }
  const size_t value = begin + name.size() + 4;
  return head.substr(value, head.find("\r\n", value) - value);
}

// What a server has to answer, found out by asking one: evhttp does the arithmetic.
std::string accept_for(const std::string& key) {
  const Base base = make_base();
  evhttp* const http = evhttp_new(base.get());
  evhttp_bound_socket* const bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
  REQUIRE(bound != nullptr);
  sockaddr_in address = {};
  socklen_t length = sizeof address;
  getsockname(evhttp_bound_socket_get_fd(bound), reinterpret_cast<sockaddr*>(&address), &length);
  evhttp_set_gencb(
      http,
      [](evhttp_request* request, void* seen) {
        evws_new_session(request, Recorder::on_message, seen, 0);
      },
      nullptr);
  std::string head;
  {
    Peer peer(base.get(), ntohs(address.sin_port));
    peer.send(
        "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
        key + "\r\n\r\n");
    head = peer.read_head();
  }
  evhttp_free(http);
  return field(head, "Sec-WebSocket-Accept");
}

std::string reply_to(const std::string& request, const std::string& more = "") {
  return "HTTP/1.1 101 Sure\r\nupgrade: WebSocket\r\nconnection: upgrade\r\n" + more +
         "Sec-WebSocket-Accept: " + accept_for(field(request, "Sec-WebSocket-Key")) + "\r\n\r\n";
}

// A client whose handshake is done.
struct Open : Listening {
  Open() : ws(connect("/")) {
    peer_reply();
    REQUIRE(run_until(base.get(), [&] { return opened > 0; }));
  }
  void peer_reply() {
    const std::string request = read_request();
    peer->send(reply_to(request));
  }
  evws_connection* ws;
};

}  // namespace

TEST_CASE("ws client: the request") {
  NEEDS_WS();
  Listening server;
  evkeyvalq headers;
  TAILQ_INIT(&headers);
  evhttp_add_header(&headers, "Origin", "http://example.com");
  evhttp_add_header(&headers, "Sec-WebSocket-Protocol", "chat, superchat");
  evws_connection* const ws = server.connect("/path?a=b", &headers);
  evhttp_clear_headers(&headers);
  const std::string request = server.read_request();
  CHECK(request.substr(0, request.find("\r\n")) == "GET /path?a=b HTTP/1.1");
  CHECK("ws://" + field(request, "Host") == server.url);
  CHECK(field(request, "Upgrade") == "websocket");
  CHECK(field(request, "Connection") == "Upgrade");
  CHECK(field(request, "Sec-WebSocket-Version") == "13");
  CHECK(field(request, "Sec-WebSocket-Key").size() == 24);
  CHECK(field(request, "Origin") == "http://example.com");
  CHECK(server.opened == 0);
  // The message that follows the reply at once is not lost.
  server.peer->send(reply_to(request, "Sec-WebSocket-Protocol: superchat\r\n") +
                    to_client(0x81, "hello"));
  CHECK(run_until(server.base.get(), [&] { return !server.seen.messages.empty(); }));
  CHECK(server.opened == 1);
  CHECK(server.protocol == "superchat");
  CHECK(server.seen.messages == "text hello;");
  evws_connection_free(ws);
  CHECK(server.seen.closed == 1);
}

TEST_CASE("ws client: an empty path is the root") {
  NEEDS_WS();
  Listening server;
  evws_connection_free(server.connect(""));
  server.seen = {};
  server.connect("?q");
  CHECK(server.read_request().substr(0, 16) == "GET /?q HTTP/1.1");
  server.peer->hang_up();
  CHECK(server.wait_for_close());
}

TEST_CASE("ws client: URLs that are refused") {
  NEEDS_WS();
  const Base base = make_base();
  for (const char* url : {"", "/", "http://h/", "wss://h/", "ws:", "ws:///p", "ws://u@h/",
                          "ws://h/#f", "ws://h/ p", "ws://h:70000/", "ws://[::1/"}) {
    CAPTURE(url);
    CHECK(relevent_ws_connect(base.get(), nullptr, nullptr, url, nullptr, Recorder::on_message,
                              nullptr) == nullptr);
  }
}

TEST_CASE("ws client: replies that are refused") {
  NEEDS_WS();
  const auto replaced = [](std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
  };
  for (int row = 0; row < 9; ++row) {
    CAPTURE(row);
    Listening server;
    server.connect("/");
    const std::string request = server.read_request();
    const std::string good = reply_to(request);
    const std::string replies[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "not HTTP\r\n\r\n",
        replaced(good, "101", "400"),
        replaced(good, "WebSocket", "h2c"),
        replaced(good, "upgrade\r\n", "close\r\n"),
        replaced(good, "Accept: ", "Accept: x"),
        replaced(good, "Sec-", "Sec-WebSocket-Extensions: x\r\nSec-"),
        replaced(good, "Sec-", "Sec-WebSocket-Protocol: x\r\nSec-"),
        "HTTP/1.1 101 Sure\r\nfill: " + std::string(100000, 'x'),
    };
    server.peer->send(replies[row]);
    CHECK(server.wait_for_close());
    CHECK(server.opened == 0);
    CHECK(server.seen.close_code == RELEVENT_WS_ABNORMAL);
  }
}

TEST_CASE("ws client: a reply that comes byte by byte") {
  NEEDS_WS();
  Listening server;
  evws_connection* const ws = server.connect("/");
  for (const char byte : reply_to(server.read_request())) {
    server.peer->send(std::string(1, byte));
    event_base_loop(server.base.get(), EVLOOP_NONBLOCK);
  }
  CHECK(run_until(server.base.get(), [&] { return server.opened > 0; }));
  evws_connection_free(ws);
}

TEST_CASE("ws client: nobody listens") {
  NEEDS_WS();
  Listening server;
  evconnlistener_disable(server.listener);
  SocketPair unused;
  const Base base = make_base();
  Recorder seen;
  // The port of a socket that is bound but does not listen.
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  socklen_t length = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  const std::string url = "ws://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  evws_connection* const ws = relevent_ws_connect(base.get(), nullptr, nullptr, url.c_str(),
                                                  nullptr, Recorder::on_message, &seen);
  if (ws != nullptr) {
    evws_connection_set_closecb(ws, Recorder::on_close, &seen);
    CHECK(run_until(base.get(), [&] { return seen.closed > 0; }));
    CHECK(seen.close_code == RELEVENT_WS_ABNORMAL);
  }
  evutil_closesocket(fd);
}

TEST_CASE("ws client: what it sends is masked") {
  NEEDS_WS();
  Open open;
  evws_send_text(open.ws, "hello");
  evws_send_binary(open.ws, "\0\1", 2);
  relevent_ws_ping(open.ws, "p", 1);
  CHECK(open.peer->read_frame() == "81m hello");
  CHECK(open.peer->read_frame() == std::string("82m \0\1", 6));
  CHECK(open.peer->read_frame() == "89m p");
  open.peer->send(to_client(0x89, "q"));
  CHECK(open.peer->read_frame() == "8am q");
  evws_close(open.ws, WS_CR_NORMAL);
  CHECK(open.peer->read_frame() == "88m " + close_payload(1000));
  open.peer->send(to_client(0x88, close_payload(1000)));
  CHECK(open.wait_for_close());
  CHECK(open.seen.close_code == 1000);
  CHECK(open.peer->wait_for_close());
}

TEST_CASE("ws client: a server that masks breaks the protocol") {
  NEEDS_WS();
  Open open;
  open.peer->send(to_server(0x81, "masked"));
  CHECK(open.peer->read_frame() == "88m " + close_payload(WS_CR_PROTO_ERR));
  open.peer->hang_up();
  CHECK(open.wait_for_close());
}

TEST_CASE("ws client: nothing is sent before the session is open") {
  NEEDS_WS();
  Listening server;
  evws_connection* const ws = server.connect("/");
  evws_send_text(ws, "too early");
  CHECK(relevent_ws_ping(ws, nullptr, 0) == -1);
  CHECK(relevent_ws_send_part(ws, WS_TEXT_FRAME, "x", 1, 1) == -1);
  server.when_open = [](evws_connection* open) { evws_send_text(open, "in time"); };
  const std::string request = server.read_request();
  server.peer->send(reply_to(request));
  CHECK(server.peer->read_frame() == "81m in time");
  evws_connection_free(ws);
}

TEST_CASE("ws client: closing before the session is open") {
  NEEDS_WS();
  Listening server;
  evws_connection* const ws = server.connect("/");
  evws_close(ws, WS_CR_NORMAL);
  CHECK(server.seen.closed == 0);
  CHECK(server.wait_for_close());
  CHECK(server.opened == 0);
}

TEST_CASE("ws client: a session may be freed in the callback that opens it") {
  NEEDS_WS();
  Listening server;
  server.when_open = [](evws_connection* ws) { evws_connection_free(ws); };
  server.connect("/");
  const std::string request = server.read_request();
  server.peer->send(reply_to(request) + to_client(0x81, "unheard"));
  CHECK(server.peer->wait_for_close());
  CHECK(server.seen.closed == 1);
  CHECK(server.seen.messages.empty());
}

TEST_CASE("ws client: a bufferevent of the program") {
  NEEDS_WS();
  Listening server;
  bufferevent* const bev = bufferevent_socket_new(server.base.get(), -1, BEV_OPT_CLOSE_ON_FREE);
  CHECK(relevent_ws_connect(server.base.get(), nullptr, bev, "http://h/", nullptr,
                            Recorder::on_message, nullptr) == nullptr);
  evws_connection* const ws =
      relevent_ws_connect(server.base.get(), nullptr, bev, server.url.c_str(), nullptr,
                          Recorder::on_message, &server.seen);
  REQUIRE(ws != nullptr);
  CHECK(evws_connection_get_bufferevent(ws) == bev);
  server.read_request();
  evws_connection_free(ws);
  CHECK(server.peer->wait_for_close());
}

TEST_CASE("ws client: without memory a session is not made or ends") {
  NEEDS_WS();
  const event_cases::TrackedMemory memory;
  {
    Listening server;
    evws_connection* ws = nullptr;
    for (long n = 0; ws == nullptr; ++n) {
      memory.fail_after(n);
      ws = relevent_ws_connect(server.base.get(), nullptr, nullptr, server.url.c_str(), nullptr,
                               Recorder::on_message, &server.seen);
      memory.never_fail();
      if (ws != nullptr) {
        evws_connection_set_closecb(ws, Recorder::on_close, &server.seen);
        event_base_loop(server.base.get(), EVLOOP_NONBLOCK);
      }
      if (server.seen.closed > 0) {
        ws = nullptr;  // connecting failed later
        server.seen = {};
      }
    }
    const std::string request = server.read_request();
    server.peer->send(reply_to(request));
    run_until(server.base.get(), [&] {
      evws_send_text(ws, "");
      return evbuffer_get_length(bufferevent_get_output(evws_connection_get_bufferevent(ws))) > 0;
    });
    memory.fail_after(0, true);
    const std::string large(1000000, 'x');
    evws_send_text(ws, large.c_str());
    evws_send_text(ws, "dropped");
    CHECK(server.seen.closed == 0);
    memory.never_fail();
    CHECK(server.wait_for_close());
  }
  CHECK(memory.strangers() == 0);
  CHECK(memory.live() == 0);
}
