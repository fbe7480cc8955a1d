// event2/ws.h and event2/relevent_ws.h
#include <event2/bufferevent.h>
#include <event2/relevent_ws.h>
#include <event2/ws.h>

#include <cstring>

#include "base/attributes.h"
#include "ws/session.h"

namespace ws = relevent::ws;

namespace {

std::span<const std::uint8_t> bytes(const void* data, size_t length) {
  return {static_cast<const std::uint8_t*>(data), length};
}

}  // namespace

extern "C" {

// The options were settled when the bufferevent was made.
RELEVENT_API evws_connection* evws_new_session(evhttp_request* req, ws_on_msg_cb cb, void* arg,
                                               int) {
  return ws::Session::accept(*req, cb, arg);
}

RELEVENT_API void evws_send_text(evws_connection* evws, const char* packet_str) {
  evws->send(ws::Opcode::kText, bytes(packet_str, std::strlen(packet_str)));
}

RELEVENT_API void evws_send_binary(evws_connection* evws, const char* packet_data,
                                   size_t packet_len) {
  evws->send(ws::Opcode::kBinary, bytes(packet_data, packet_len));
}

RELEVENT_API void evws_close(evws_connection* evws, ev_uint16_t reason) { evws->close(reason); }

RELEVENT_API void evws_connection_set_closecb(evws_connection* evws, ws_on_close_cb cb, void* arg) {
  evws->set_close_callback(cb, arg);
}

RELEVENT_API void evws_connection_free(evws_connection* evws) { evws->end(); }

RELEVENT_API bufferevent* evws_connection_get_bufferevent(evws_connection* evws) {
  return evws->bufev();
}

// The client and what goes beyond libevent 2.2

RELEVENT_API evws_connection* relevent_ws_connect(event_base* base, evdns_base* dnsbase,
                                                  bufferevent* bev, const char* url,
                                                  const evkeyvalq* headers, ws_on_msg_cb cb,
                                                  void* arg) {
  relevent::Owned<ws::ClientHandshake> handshake = ws::ClientHandshake::create(url, headers);
  if (!handshake || (handshake->is_secure() && bev == nullptr)) {
    return nullptr;
  }
  bufferevent* const made =
      bev == nullptr ? bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE) : nullptr;
  if (bev == nullptr && made == nullptr) {
    return nullptr;
  }
  evws_connection* const session =
      ws::Session::connect(bev == nullptr ? *made : *bev, dnsbase, std::move(handshake), cb, arg);
  if (session == nullptr && made != nullptr) {
    bufferevent_free(made);
  }
  return session;
}

RELEVENT_API void relevent_ws_set_opencb(evws_connection* evws, relevent_ws_open_cb cb, void* arg) {
  evws->set_open_callback(cb, arg);
}

RELEVENT_API int relevent_ws_send_part(evws_connection* evws, int type, const void* data,
                                       size_t len, int final) {
  const bool sent = (type == WS_TEXT_FRAME || type == WS_BINARY_FRAME) &&
                    evws->send_part(static_cast<ws::Opcode>(type), bytes(data, len), final != 0);
  return sent ? 0 : -1;
}

RELEVENT_API int relevent_ws_ping(evws_connection* evws, const void* data, size_t len) {
  return evws->ping(bytes(data, len)) ? 0 : -1;
}

RELEVENT_API void relevent_ws_set_pongcb(evws_connection* evws, relevent_ws_pong_cb cb, void* arg) {
  evws->set_pong_callback(cb, arg);
}

RELEVENT_API void relevent_ws_set_max_message_size(evws_connection* evws, size_t bytes) {
  evws->set_max_message(bytes);
}

RELEVENT_API ev_uint16_t relevent_ws_get_close_code(const evws_connection* evws) {
  return evws->close_code();
}

}  // extern "C"
