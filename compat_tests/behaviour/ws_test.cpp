// event2/ws.h: the server's side of WebSocket
#include <event2/keyvalq_struct.h>

#include <memory>
#include <string>
#include <vector>

#include "support.h"
#include "tracked_memory.h"
#include "ws_tools.h"

using namespace ws_cases;

namespace {

const char* const kHandshake =
    "GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const char* const kReply =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

// An evhttp server that makes a session of each request.
struct Server {
  Server() : base(make_base()), http(evhttp_new(base.get())) {
    evhttp_bound_socket* const bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
    REQUIRE(bound != nullptr);
    sockaddr_in address = {};
    socklen_t length = sizeof address;
    getsockname(evhttp_bound_socket_get_fd(bound), reinterpret_cast<sockaddr*>(&address), &length);
    port = ntohs(address.sin_port);
    evhttp_set_gencb(http, on_request, this);
  }
  ~Server() { stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void stop() {
    if (http != nullptr) {
      evhttp_free(http);
      http = nullptr;
    }
  }

  static void on_request(evhttp_request* request, void* server) {
    auto& self = *static_cast<Server*>(server);
    ++self.requests;
    if (self.before) {
      self.before(request);
    }
    self.session = evws_new_session(request, Recorder::on_message, &self.seen, 0);
    event_cases::TrackedMemory::never_fail();
    if (self.session != nullptr) {
      evws_connection_set_closecb(self.session, Recorder::on_close, &self.seen);
      if (self.after) {
        self.after(self.session);
      }
    }
  }

  bool wait_for_close() {
    return run_until(base.get(), [&] { return seen.closed > 0; });
  }
  bool wait_for_messages(const std::string& messages) {
    run_until(base.get(), [&] { return seen.messages.size() >= messages.size(); });
    return seen.messages == messages;
  }

  Base base;
  evhttp* http;
  std::uint16_t port = 0;
  int requests = 0;
  evws_connection* session = nullptr;
  Recorder seen;
  std::function<void(evhttp_request*)> before;
  std::function<void(evws_connection*)> after;
};

// A server, and a peer that has done its handshake with it.
struct Open : Server {
  Open() : peer(base.get(), port) {
    peer.send(kHandshake);
    CHECK(peer.read_head() == kReply);
    REQUIRE(session != nullptr);
  }
  Peer peer;
};

}  // namespace

TEST_CASE("ws: the handshake is answered") {
  NEEDS_WS();
  const Open open;
  CHECK(open.requests == 1);
  CHECK(open.seen.closed == 0);
}

TEST_CASE("ws: fields that the program adds go into the reply") {
  NEEDS_WS();
  Server server;
  server.before = [](evhttp_request* request) {
    evhttp_add_header(evhttp_request_get_output_headers(request), "Sec-WebSocket-Protocol", "chat");
  };
  Peer peer(server.base.get(), server.port);
  peer.send(kHandshake);
  CHECK(peer.read_head().find("\r\nSec-WebSocket-Protocol: chat\r\n") != std::string::npos);
}

TEST_CASE("ws: what is no handshake is refused") {
  NEEDS_WS();
  const std::string good = kHandshake;
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const std::string& request :
       {replaced("GET", "POST"), replaced("HTTP/1.1", "HTTP/1.0"), replaced("websocket", "h2c"),
        replaced(": Upgrade", ": close"), replaced("13", "8"), replaced("dGhl", "dGh"),
        std::string("GET / HTTP/1.1\r\nHost: h\r\n\r\n")}) {
    CAPTURE(request);
    Server server;
    Peer peer(server.base.get(), server.port);
    peer.send(request);
    const std::string head = peer.read_head();
    CHECK(head.find(" 400 ") != std::string::npos);
    CHECK(peer.wait_for_close());
    CHECK(server.session == nullptr);
    CHECK(server.seen.closed == 0);
  }
}

TEST_CASE("ws: messages of all lengths come and go") {
  NEEDS_WS();
  Open open;
  open.seen.act = [](evws_connection* ws, int type, const std::string& payload) {
    if (type == WS_TEXT_FRAME) {
      evws_send_text(ws, payload.c_str());
    } else {
      evws_send_binary(ws, payload.data(), payload.size());
    }
  };
  for (const size_t length : {0U, 1U, 125U, 126U, 65535U, 65536U, 1000000U}) {
    CAPTURE(length);
    const std::string text(length, 't');
    open.peer.send(to_server(0x81, text));
    CHECK((open.peer.read_frame() == "81 " + text));  // too long to be printed
    const std::string binary(length, '\0');
    open.peer.send(to_server(0x82, binary));
    CHECK((open.peer.read_frame() == "82 " + binary));
  }
}

TEST_CASE("ws: messages may follow the handshake at once and come byte by byte") {
  NEEDS_WS();
  Server server;
  Peer peer(server.base.get(), server.port);
  const std::string stream = to_server(0x81, "one") + to_server(0x01, "t") + to_server(0x80, "wo");
  peer.send(kHandshake + stream);
  CHECK(server.wait_for_messages("text one;text two;"));
  for (const char byte : stream) {
    peer.send(std::string(1, byte));
    event_base_loop(server.base.get(), EVLOOP_NONBLOCK);
  }
  CHECK(server.wait_for_messages("text one;text two;text one;text two;"));
}

TEST_CASE("ws: pings are answered also between fragments") {
  NEEDS_WS();
  Open open;
  open.peer.send(to_server(0x01, "Hel") + to_server(0x89, "ping") + to_server(0x8a, "pong") +
                 to_server(0x80, "lo"));
  CHECK(open.peer.read_frame() == "8a ping");
  CHECK(open.wait_for_messages("text Hello;"));
}

TEST_CASE("ws: the peer closes") {
  NEEDS_WS();
  const struct {
    std::string payload;
    int code;
  } rows[] = {{close_payload(1000), 1000},
              {close_payload(4000) + "reason", 4000},
              {"", RELEVENT_WS_NO_REASON}};
  for (const auto& row : rows) {
    Open open;
    open.peer.send(to_server(0x88, row.payload));
    CHECK(open.peer.read_frame() == "88 " + row.payload.substr(0, 2));
    CHECK(open.peer.wait_for_close());
    CHECK(open.wait_for_close());
    CHECK(open.seen.close_code == row.code);
  }
}

TEST_CASE("ws: the server closes after what it has sent") {
  NEEDS_WS();
  Open open;
  const std::string large(3000000, 'x');
  evws_send_text(open.session, large.c_str());
  evws_close(open.session, WS_CR_NORMAL);
  evws_close(open.session, WS_CR_PROTO_ERR);
  evws_send_text(open.session, "too late");
  CHECK((open.peer.read_frame() == "81 " + large));
  CHECK(open.peer.read_frame() == "88 " + close_payload(1000));
  open.peer.send(to_server(0x81, "not delivered") + to_server(0x88, close_payload(1000)));
  CHECK(open.peer.read_frame() == "closed");
  CHECK(open.wait_for_close());
  CHECK(open.seen.messages.empty());
  CHECK(open.seen.close_code == 1000);
}

TEST_CASE("ws: a reason that must not be sent is left out") {
  NEEDS_WS();
  for (const int reason : {WS_CR_NONE, 999, 1005, 1006, 5000}) {
    Open open;
    evws_close(open.session, static_cast<ev_uint16_t>(reason));
    CHECK(open.peer.read_frame() == "88 ");
  }
}

TEST_CASE("ws: who breaks the protocol is told so") {
  NEEDS_WS();
  const struct {
    std::string frames;
    int code;
  } rows[] = {
      {to_client(0x81, "not masked"), WS_CR_PROTO_ERR},
      {to_server(0x80, "nothing to continue"), WS_CR_PROTO_ERR},
      {to_server(0xc1, "reserved bit"), WS_CR_PROTO_ERR},
      {to_server(0x81, "\xff no UTF-8"), 1007},
      {std::string("\x82\xff\0\0\0\0\x7f\xff\xff\xff", 10) + "mask", WS_CR_DATA_TOO_BIG},
  };
  for (const auto& row : rows) {
    Open open;
    open.peer.send(row.frames + std::string(100000, 'x'));
    CHECK(open.peer.read_frame() == "88 " + close_payload(row.code));
    CHECK(open.peer.read_frame() == "closed");
    open.peer.hang_up();
    CHECK(open.wait_for_close());
    CHECK(open.seen.messages.empty());
    CHECK(open.seen.close_code == RELEVENT_WS_ABNORMAL);
  }
}

TEST_CASE("ws: a limit for messages") {
  NEEDS_WS();
  Open open;
  relevent_ws_set_max_message_size(open.session, 10);
  open.peer.send(to_server(0x81, "0123456789") + to_server(0x01, "01234567") +
                 to_server(0x80, "890"));
  CHECK(open.peer.read_frame() == "88 " + close_payload(WS_CR_DATA_TOO_BIG));
  CHECK(open.seen.messages == "text 0123456789;");
}

TEST_CASE("ws: the peer is gone without a word") {
  NEEDS_WS();
  Open open;
  open.peer.send(to_server(0x81, "last words"));
  CHECK(open.wait_for_messages("text last words;"));
  open.peer.hang_up();
  CHECK(open.wait_for_close());
  CHECK(open.seen.close_code == RELEVENT_WS_ABNORMAL);
}

TEST_CASE("ws: nothing can be sent in the close callback") {
  NEEDS_WS();
  Open open;
  int calls = 0;
  const auto on_close = [](evws_connection* ws, void* count) {
    ++*static_cast<int*>(count);
    CHECK(relevent_ws_ping(ws, "", 0) == -1);
    CHECK(relevent_ws_send_part(ws, WS_TEXT_FRAME, "x", 1, 1) == -1);
    evws_close(ws, 1000);
    evws_connection_free(ws);
  };
  evws_connection_set_closecb(open.session, on_close, &calls);
  SECTION("when the peer is gone") { open.peer.hang_up(); }
  SECTION("when the program frees the session") { evws_connection_free(open.session); }
  CHECK(run_until(open.base.get(), [&] { return calls > 0; }));
  CHECK(calls == 1);
}

TEST_CASE("ws: a session may be freed in the callback of a message") {
  NEEDS_WS();
  Open open;
  open.seen.act = [&](evws_connection* ws, int, const std::string&) {
    evws_connection_free(ws);
    CHECK(open.seen.closed == 1);
  };
  open.peer.send(to_server(0x81, "one") + to_server(0x81, "two"));
  CHECK(open.peer.wait_for_close());
  CHECK(open.seen.messages == "text one;");
  CHECK(open.seen.closed == 1);
}

TEST_CASE("ws: a session may be freed as soon as it is made or at any time") {
  NEEDS_WS();
  Server server;
  server.after = [](evws_connection* ws) { evws_connection_free(ws); };
  Peer peer(server.base.get(), server.port);
  peer.send(kHandshake);
  CHECK(peer.wait_for_close());
  CHECK(server.seen.closed == 1);

  Open open;
  evws_connection_free(open.session);
  CHECK(open.seen.closed == 1);
  CHECK(open.peer.wait_for_close());
}

TEST_CASE("ws: what TLS negotiates anew does not end a session") {
  NEEDS_WS();
  Open open;
  bufferevent_trigger_event(evws_connection_get_bufferevent(open.session), BEV_EVENT_CONNECTED, 0);
  open.peer.send(to_server(0x81, "one"));
  CHECK(open.wait_for_messages("text one;"));
  CHECK(open.seen.closed == 0);
}

TEST_CASE("ws: sessions end with their server") {
  NEEDS_WS();
  Open open;
  open.stop();
  CHECK(open.seen.closed == 1);
  CHECK(open.peer.wait_for_close());
}

TEST_CASE("ws: a session without a close callback") {
  NEEDS_WS();
  Open open;
  evws_connection_set_closecb(open.session, nullptr, nullptr);
  open.peer.send(to_server(0x88, ""));
  CHECK(open.peer.read_frame() == "88 ");
  CHECK(open.peer.wait_for_close());
  CHECK(open.seen.closed == 0);
}

TEST_CASE("ws: messages in parts and pings from the server") {
  NEEDS_WS();
  Open open;
  CHECK(relevent_ws_send_part(open.session, WS_TEXT_FRAME, "a", 1, 0) == 0);
  CHECK(relevent_ws_ping(open.session, "ping", 4) == 0);
  evws_send_text(open.session, "between parts");
  CHECK(relevent_ws_send_part(open.session, WS_TEXT_FRAME, nullptr, 0, 0) == 0);
  CHECK(relevent_ws_send_part(open.session, WS_TEXT_FRAME, "b", 1, 1) == 0);
  evws_send_text(open.session, "whole");
  for (const char* expected : {"01 a", "89 ping", "00 ", "80 b", "81 whole"}) {
    CHECK(open.peer.read_frame() == expected);
  }
  const std::string large(126, 'p');
  CHECK(relevent_ws_ping(open.session, large.data(), 126) == -1);
  CHECK(relevent_ws_send_part(open.session, 8, "x", 1, 1) == -1);
  std::string pong;
  relevent_ws_set_pongcb(
      open.session,
      [](evws_connection*, const unsigned char* data, size_t length, void* text) {
        static_cast<std::string*>(text)->assign(reinterpret_cast<const char*>(data), length);
      },
      &pong);
  open.peer.send(to_server(0x8a, "ping"));
  CHECK(run_until(open.base.get(), [&] { return pong == "ping"; }));
  evws_close(open.session, WS_CR_NONE);
  CHECK(relevent_ws_ping(open.session, nullptr, 0) == -1);
  CHECK(relevent_ws_send_part(open.session, WS_TEXT_FRAME, "x", 1, 1) == -1);
}

TEST_CASE("ws: a peer that pings and does not read does not fill the memory") {
  NEEDS_WS();
  Open open;
  open.peer.stop_reading();
  std::string pings;
  for (int i = 0; i < 100; ++i) {
    pings += to_server(0x89, std::string(125, 'p'));
  }
  evbuffer* const output = bufferevent_get_output(evws_connection_get_bufferevent(open.session));
  size_t most = 0;
  for (int i = 0; i < 1000; ++i) {
    open.peer.send(pings);
    event_base_loop(open.base.get(), EVLOOP_NONBLOCK);
    most = std::max(most, evbuffer_get_length(output));
  }
  CHECK(most < 100000);
}

TEST_CASE("ws: without memory the request is refused") {
  NEEDS_WS();
  const event_cases::TrackedMemory memory;
  bool made = false;
  for (long n = 0; !made; ++n) {
    CAPTURE(n);
    Server server;
    server.before = [&](evhttp_request*) { memory.fail_after(n); };
    Peer peer(server.base.get(), server.port);
    peer.send(kHandshake);
    const std::string head = peer.read_head();
    made = server.session != nullptr;
    CHECK(made == (memory.failures() == 0));
    if (made) {
      CHECK(head == kReply);
    } else {
      CHECK(head.find("101") == std::string::npos);
      CHECK(peer.wait_for_close());
    }
  }
  CHECK(memory.live() == 0);
  CHECK(memory.strangers() == 0);
}
