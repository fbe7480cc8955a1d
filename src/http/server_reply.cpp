// What a server sends.
#include <event2/event.h>

#include <cstring>
#include <string_view>
#include <utility>

#include "http/encoding.h"
#include "http/server.h"
#include "http/server_connection.h"
#include "http/status.h"
#include "http/text.h"
#include "http/writer.h"

namespace relevent::http {

// What is known about a reply before its header section is written.
struct ServerConnection::Head {
  bool streamed = false;        // the body comes later, its length is not known
  std::size_t body_length = 0;  // otherwise
  bool chunked = false;         // set by write_head()
};

namespace {

// What the program has put among the fields itself, and how long they are.
struct OwnFields {
  std::size_t size = 0;
  bool date = false;
  bool type = false;
  bool length = false;
  bool encoding = false;
  bool connection = false;
  bool close = false;
};

OwnFields survey_own(const evkeyvalq& fields) {
  OwnFields own;
  for (const evkeyval& field : each_field(fields)) {
    const std::string_view name = field.key;
    own.size += Writer::field_size(name, field.value);
    own.date = own.date || equal_ignore_case(name, "date");
    own.type = own.type || equal_ignore_case(name, "content-type");
    own.length = own.length || equal_ignore_case(name, "content-length");
    own.encoding = own.encoding || equal_ignore_case(name, "transfer-encoding");
    if (equal_ignore_case(name, "connection")) {
      own.connection = true;
      own.close = own.close || equal_ignore_case(trim(field.value), "close");
    }
  }
  return own;
}

void put_status_line(Writer& out, const Request& request, std::string_view phrase) {
  out.put("HTTP/");
  out.put_number(static_cast<std::uint64_t>(request.major));
  out.put('.');
  out.put_number(static_cast<std::uint64_t>(request.minor));
  out.put(' ');
  out.put_number(static_cast<std::uint64_t>(request.response_code));
  out.put(' ');
  out.put_line_part(phrase);
  out.put("\r\n");
}

// Writes the program's fields; all but Connection if the library has to say that itself.
void put_own(Writer& out, const evkeyvalq& fields, bool skip_connection) {
  for (const evkeyval& field : each_field(fields)) {
    if (!skip_connection || !equal_ignore_case(field.key, "connection")) {
      out.put_field(field.key, field.value);
    }
  }
}

// What the program has put into the request's output buffer, and then this.
//
// Fails: null, without memory.
evbuffer* whole_body(Request& request, evbuffer* body) {
  evbuffer* const first = request.output_buffer;
  if (body == nullptr || body == first) {
    return first;
  }
  if (evbuffer_get_length(first) == 0) {
    return body;
  }
  return evbuffer_add_buffer(first, body) == 0 ? first : nullptr;
}

}  // namespace

// Fails: false, without memory.
bool ServerConnection::write_head(Request& request, int code, const char* reason, Head& head) {
  constexpr std::size_t kFixedRoom = 320;
  request.response_code = code;
  const std::string_view phrase = reason != nullptr ? reason : reason_phrase(code);
  const OwnFields own = survey_own(*request.output_headers);
  const bool modern = request.major == 1 && request.minor >= 1;
  const bool framed = request.wants_body() && !request.is_tunnel();
  const bool asked_to_close = receiver_.facts().close;
  const bool asked_to_stay = modern || (receiver_.facts().keep_alive && !asked_to_close);
  head.chunked = head.streamed && framed && modern && !own.length;
  // Without chunks, only the end of the connection ends a body of unknown length.
  const bool endless = head.streamed && framed && !head.chunked && !own.length;
  // Before all of the request is there: what is still to come is not the next one.
  const bool early = state_ == State::kReading;
  closes_ = early || own.close || asked_to_close || !asked_to_stay || endless ||
            (request.flags & EVHTTP_PROXY_REQUEST) != 0;
  const char* const type = framed && !own.type ? server_->settings().content_type : nullptr;
  const std::size_t type_size = type != nullptr ? std::strlen(type) : 0;

  Writer out;
  if (!out.begin(output(), kFixedRoom + phrase.size() + own.size + type_size)) {
    return false;
  }
  put_status_line(out, request, phrase);
  const bool says_close = closes_ && (modern || asked_to_close) && (!own.close || asked_to_close);
  put_own(out, *request.output_headers, says_close);
  if (head.chunked && !own.encoding) {
    out.put("Transfer-Encoding: chunked\r\n");
  }
  if (modern) {
    if (!own.date) {
      out.put_field("Date", server_->date());
    }
  } else if (!closes_ && !own.connection) {
    out.put("Connection: keep-alive\r\n");
  }
  if (!head.streamed && framed && asked_to_stay && !own.length && !own.encoding) {
    out.put("Content-Length: ");
    out.put_number(head.body_length);
    out.put("\r\n");
  }
  if (type != nullptr) {
    out.put_field("Content-Type", {type, type_size});
  }
  if (says_close) {
    out.put("Connection: close\r\n");
  }
  out.put("\r\n");
  out.end();
  // Not from the start: a bufferevent with a write callback and nothing to write calls it. And each
  // time: the program may have set its own.
  bufferevent_setcb(bufev_, on_read, on_written, on_event, this);
  return true;
}

bool ServerConnection::write_body(Request& request, evbuffer* data) {
  return !request.wants_body() || evbuffer_add_buffer(&output(), data) == 0;
}

void ServerConnection::finish_reply(Request& request) {
  request.userdone = 1;
  if (ending_) {
    return;
  }
  state_ = State::kFinishing;
  chunk_written_ = nullptr;
  if (evbuffer_get_length(&output()) == 0) {
    // All of it has left already.
    bufferevent_trigger(bufev_, EV_WRITE, BEV_OPT_DEFER_CALLBACKS);
  }
}

void ServerConnection::send_reply(Request& request, int code, const char* reason, evbuffer* body) {
  if (ending_) {
    request.userdone = 1;
    return;
  }
  evbuffer* const whole = whole_body(request, body);
  Head head;
  head.body_length = whole != nullptr ? evbuffer_get_length(whole) : 0;
  if (whole == nullptr || !write_head(request, code, reason, head) || !write_body(request, whole)) {
    end(End::kFreed);
    return;
  }
  finish_reply(request);
}

void ServerConnection::start_reply(Request& request, int code, const char* reason) {
  if (ending_) {
    return;
  }
  Head head;
  head.streamed = true;
  if (!write_head(request, code, reason, head)) {
    end(End::kLost);
    return;
  }
  request.chunked = head.chunked;
  state_ = State::kReplying;
  send_chunk(request, request.output_buffer, nullptr, nullptr);
}

void ServerConnection::send_chunk(Request& request, evbuffer* data,
                                  void (*callback)(evhttp_connection*, void*), void* argument) {
  const std::size_t length = evbuffer_get_length(data);
  if (ending_ || length == 0) {
    return;
  }
  const bool chunked = request.chunked != 0;
  if (chunked) {
    Writer out;
    if (!out.begin(output(), Writer::kLongestNumber + 2)) {
      end(End::kLost);
      return;
    }
    out.put_number(length, 16);
    out.put("\r\n");
    out.end();
  }
  if (!write_body(request, data) || (chunked && evbuffer_add(&output(), "\r\n", 2) != 0)) {
    end(End::kLost);
    return;
  }
  chunk_written_ = callback;
  chunk_written_argument_ = argument;
  if (callback != nullptr && evbuffer_get_length(&output()) == 0) {
    bufferevent_trigger(bufev_, EV_WRITE, BEV_OPT_DEFER_CALLBACKS);  // such as to HEAD
  }
}

void ServerConnection::end_reply(Request& request) {
  if (!ending_ && request.chunked != 0 && evbuffer_add(&output(), "0\r\n\r\n", 5) != 0) {
    end(End::kFreed);
    return;
  }
  finish_reply(request);
}

// --- Errors ---

void ServerConnection::send_error(Request& request, int code, const char* reason) {
  const Watch watch(*this);
  evbuffer* const page = evbuffer_new();
  const bool filled = page != nullptr && fill_error_page(request, *page, code, reason);
  if (watch.gone()) {
    // The program's own page has freed the connection.
  } else if (!filled) {
    end(End::kFreed);
  } else {
    send_page(request, code, reason, *page);
  }
  if (page != nullptr) {
    evbuffer_free(page);
  }
}

bool ServerConnection::fill_error_page(Request& request, evbuffer& page, int code,
                                       const char* reason) {
  const Server::Settings& settings = server_->settings();
  if (settings.error_page != nullptr &&
      settings.error_page(&request, &page, code, reason, settings.error_page_argument) >= 0 &&
      evbuffer_get_length(&page) > 0) {
    return true;
  }
  evbuffer_drain(&page, evbuffer_get_length(&page));
  const char* const phrase = reason != nullptr ? reason : reason_phrase(code).data();
  return evbuffer_add_printf(&page,
                             "<HTML><HEAD>\n<TITLE>%d %s</TITLE>\n</HEAD><BODY>\n"
                             "<H1>%s</H1>\n</BODY></HTML>\n",
                             code, phrase, phrase) >= 0;
}

void ServerConnection::send_page(Request& request, int code, const char* reason, evbuffer& page) {
  evkeyvalq& fields = *request.output_headers;
  clear_fields(fields);
  // Whatever the request said, the reply is one of HTTP/1.1.
  request.major = 1;
  request.minor = 1;
  const bool come_back = code == HTTP_SERVUNAVAIL && server_->is_full();
  if (!add_field(fields, "Content-Type", "text/html") ||
      !add_field(fields, "Connection", "close") ||
      (come_back && !add_field(fields, "Retry-After", "10"))) {
    end(End::kFreed);
    return;
  }
  send_reply(request, code, reason, &page);
}

void ServerConnection::send_not_found(Request& request) {
  const OwnedString target = escape_html(request.uri);
  evbuffer* const page = evbuffer_new();
  if (page == nullptr || !target ||
      evbuffer_add_printf(
          page,
          "<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1>"
          "<p>The requested URL %s was not found on this server.</p></body></html>\n",
          target.get()) < 0) {
    end(End::kFreed);
  } else {
    send_page(request, HTTP_NOTFOUND, nullptr, *page);
  }
  if (page != nullptr) {
    evbuffer_free(page);
  }
}

}  // namespace relevent::http
