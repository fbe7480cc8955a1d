#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>

#include "http/headers.h"
#include "http/writer.h"
#include "ws/handshake.h"
#include "ws/session.h"

namespace relevent::ws {

namespace {

bool asks_for_websocket(const evhttp_request& request) {
  const bool is_http_1_1 = request.major == 1 && request.minor >= 1;
  return request.type == EVHTTP_REQ_GET && is_http_1_1 &&
         is_upgrade_request(*request.input_headers);
}

// Fails: false, and nothing is written.
bool write_reply(const evhttp_request& request, evbuffer& output) {
  constexpr std::string_view kHead =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n";
  constexpr std::string_view kAccept = "Sec-WebSocket-Accept";
  const Accept accept = accept_of(http::find_value(*request.input_headers, "Sec-WebSocket-Key"));
  const std::string_view accept_value(accept.data(), accept.size());
  std::size_t room = kHead.size() + http::Writer::field_size(kAccept, accept_value) + 2;
  for (const evkeyval& field : http::each_field(*request.output_headers)) {
    room += http::Writer::field_size(field.key, field.value);
  }
  http::Writer writer;
  if (!writer.begin(output, room)) {
    return false;
  }
  writer.put(kHead);
  writer.put_field(kAccept, accept_value);
  for (const evkeyval& field : http::each_field(*request.output_headers)) {
    writer.put_field(field.key, field.value);
  }
  writer.put("\r\n");
  writer.end();
  return true;
}

}  // namespace

evws_connection* Session::accept(evhttp_request& request, ws_on_msg_cb on_message, void* argument) {
  evhttp_connection* const connection = evhttp_request_get_connection(&request);
  if (connection == nullptr || !asks_for_websocket(request)) {
    evhttp_send_error(&request, HTTP_BADREQUEST, nullptr);
    return nullptr;
  }
  bufferevent* const bufev = evhttp_connection_get_bufferevent(connection);
  Owned<evws_connection> session(create<evws_connection>(Role::kServer, on_message, argument));
  if (!session || !write_reply(request, *bufferevent_get_output(bufev))) {
    evhttp_send_error(&request, HTTP_INTERNAL, nullptr);
    return nullptr;
  }
  // From here on the request just stays with its connection.
  session->attach(*bufev);
  session->connection_ = connection;
  evhttp_connection_set_closecb(connection, on_connection_closed, session.get());
  bufferevent_enable(bufev, EV_READ | EV_WRITE);
  // What the client has sent already is read from the loop, too.
  if (evbuffer_get_length(bufferevent_get_input(bufev)) > 0) {
    event_active(&session->timer_, EV_READ, 0);
  }
  return session.release();
}

}  // namespace relevent::ws
