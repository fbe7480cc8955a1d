// The side of evhttp and WebSocket in conversations with other programs (http_peers.py):
//
//   http_peer serve         /echo gives the body back, in chunks if the query says so; anything else
//                           gets a greeting. Where there is WebSocket, /ws gives messages back.
//   http_peer fetch URL N   asks N times over one connection, and prints status and body's length
//   http_peer ws URL        sends what it gets until the peer closes, and prints the close code
//
// WebSocket is looked up by name, so that the program runs on the reference too.
#include <dlfcn.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/relevent_ws.h>
#include <event2/ws.h>
#include <netinet/in.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr int kSeconds = 20;

template <class Function>
Function* find(Function*, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_DEFAULT, name));
}
#define FIND(function) find(static_cast<decltype(&function)>(nullptr), #function)

void send_back(evws_connection* ws, int type, const unsigned char* data, std::size_t size, void*) {
  if (type == WS_TEXT_FRAME) {
    FIND(evws_send_text)(ws, std::string(data, data + size).c_str());
  } else {
    FIND(evws_send_binary)(ws, reinterpret_cast<const char*>(data), size);
  }
}

void on_echo(evhttp_request* request, void*) {
  evbuffer* const body = evhttp_request_get_input_buffer(request);
  if (evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request)) == nullptr) {
    evhttp_send_reply(request, HTTP_OK, nullptr, body);
    return;
  }
  evhttp_send_reply_start(request, HTTP_OK, nullptr);
  evbuffer* const piece = evbuffer_new();
  while (evbuffer_remove_buffer(body, piece, 1000) > 0) {
    evhttp_send_reply_chunk(request, piece);
  }
  evbuffer_free(piece);
  evhttp_send_reply_end(request);
}

void on_other(evhttp_request* request, void*) {
  evbuffer* const body = evbuffer_new();
  evbuffer_add_printf(body, "hello\n");
  evhttp_send_reply(request, HTTP_OK, nullptr, body);
  evbuffer_free(body);
}

void on_websocket(evhttp_request* request, void*) {
  FIND(evws_new_session)(request, send_back, nullptr, 0);
}

int serve(event_base* base) {
  evhttp* const http = evhttp_new(base);
  evhttp_set_max_body_size(http, 4 << 20);
  evhttp_set_cb(http, "/echo", on_echo, nullptr);
  if (FIND(evws_new_session) != nullptr) {
    evhttp_set_cb(http, "/ws", on_websocket, nullptr);
  }
  evhttp_set_gencb(http, on_other, nullptr);
  evhttp_bound_socket* const bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(evhttp_bound_socket_get_fd(bound), reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  event* const stop = evsignal_new(
      base, SIGTERM,
      [](evutil_socket_t, short, void* loop) {
        event_base_loopbreak(static_cast<event_base*>(loop));
      },
      base);
  event_add(stop, nullptr);
  event_base_dispatch(base);
  event_free(stop);
  evhttp_free(http);
  return 0;
}

void on_fetched(evhttp_request* request, void* left) {
  if (request == nullptr) {
    std::printf("no reply\n");
  } else {
    std::printf("%d %zu\n", evhttp_request_get_response_code(request),
                evbuffer_get_length(evhttp_request_get_input_buffer(request)));
  }
  --*static_cast<int*>(left);
}

int fetch(event_base* base, const char* url, int times) {
  evhttp_uri* const uri = evhttp_uri_parse(url);
  const char* const host = evhttp_uri_get_host(uri);
  evhttp_connection* const connection = evhttp_connection_base_new(
      base, nullptr, host, static_cast<ev_uint16_t>(evhttp_uri_get_port(uri)));
  evhttp_connection_set_timeout(connection, kSeconds);
  int left = times;
  for (int i = 0; i < times; ++i) {
    evhttp_request* const request = evhttp_request_new(on_fetched, &left);
    evhttp_add_header(evhttp_request_get_output_headers(request), "Host", host);
    evhttp_make_request(connection, request, EVHTTP_REQ_GET, evhttp_uri_get_path(uri));
  }
  while (left > 0) {
    event_base_loop(base, EVLOOP_ONCE);
  }
  evhttp_connection_free(connection);
  evhttp_uri_free(uri);
  return 0;
}

int talk(event_base* base, const char* url) {
  evws_connection* const ws =
      FIND(relevent_ws_connect)(base, nullptr, nullptr, url, nullptr, send_back, nullptr);
  if (ws == nullptr) {
    return 1;
  }
  FIND(evws_connection_set_closecb)
  (
      ws,
      [](evws_connection* closed, void*) {
        std::printf("%d\n", FIND(relevent_ws_get_close_code)(closed));
      },
      nullptr);
  event_base_dispatch(base);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string role = argc > 1 ? argv[1] : "";
  ::signal(SIGPIPE, SIG_IGN);
  event_base* const base = event_base_new();
  int status = 2;
  if (role == "serve") {
    status = serve(base);
  } else if (role == "fetch" && argc == 4) {
    status = fetch(base, argv[2], std::atoi(argv[3]));
  } else if (role == "ws" && argc == 3) {
    status = talk(base, argv[2]);
  }
  event_base_free(base);
  return status;
}
