#include "ws/client_handshake.h"

#include <event2/http.h>

#include <cstring>

#include "http/field_line.h"
#include "http/lines.h"
#include "http/start_line.h"
#include "http/text.h"

namespace relevent::ws {

namespace {

constexpr int kPort = 80;
constexpr int kSecurePort = 443;

}  // namespace

Owned<ClientHandshake> ClientHandshake::create(const char* url, const evkeyvalq* fields) {
  Owned<ClientHandshake> handshake(relevent::create<ClientHandshake>());
  if (!handshake || !handshake->url_.parse(url, http::UriRules(EVHTTP_URI_HOST_STRIP_BRACKETS))) {
    return nullptr;
  }
  const http::Uri& parts = handshake->url_;
  // Without a scheme, a host or with what a request has no place for it is none of ours.
  if (parts.scheme() == nullptr || parts.host() == nullptr || parts.host()[0] == '\0' ||
      parts.userinfo() != nullptr || parts.fragment() != nullptr) {
    return nullptr;
  }
  handshake->secure_ = http::equal_ignore_case(parts.scheme(), "wss");
  if (!handshake->secure_ && !http::equal_ignore_case(parts.scheme(), "ws")) {
    return nullptr;
  }
  if (fields != nullptr) {
    for (const evkeyval& field : http::each_field(*fields)) {
      if (!http::add_field(handshake->fields_.list(), field.key, field.value)) {
        return nullptr;
      }
    }
  }
  return handshake;
}

int ClientHandshake::port() const {
  const int standard = secure_ ? kSecurePort : kPort;
  return url_.port() == http::UriParts::kNoPort ? standard : url_.port();
}

bool ClientHandshake::write_request(evbuffer& output) const {
  const char* const path = url_.path()[0] == '\0' ? "/" : url_.path();
  const bool has_query = url_.query() != nullptr;
  const bool is_address = std::strchr(host(), ':') != nullptr;
  bool written = evbuffer_add_printf(&output, "GET %s%s%s HTTP/1.1\r\nHost: %s%s%s", path,
                                     has_query ? "?" : "", has_query ? url_.query() : "",
                                     is_address ? "[" : "", host(), is_address ? "]" : "") >= 0;
  if (url_.port() != http::UriParts::kNoPort) {
    written = written && evbuffer_add_printf(&output, ":%d", url_.port()) >= 0;
  }
  written =
      written && evbuffer_add_printf(&output,
                                     "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %.*s\r\n",
                                     static_cast<int>(key_.size()), key_.data()) >= 0;
  for (const evkeyval& field : http::each_field(fields_.list())) {
    written = written && evbuffer_add_printf(&output, "%s: %s\r\n", field.key, field.value) >= 0;
  }
  return written && evbuffer_add(&output, "\r\n", 2) == 0;
}

ClientHandshake::Result ClientHandshake::read_reply(evbuffer& input) {
  http::LineReader lines(input, searched_);
  for (;;) {
    switch (lines.next()) {
      case http::LineReader::Result::kNoMemory:
        return Result::kRefused;
      case http::LineReader::Result::kIncomplete:
        return head_size_ + lines.rest() > kMaxHead ? Result::kRefused : Result::kMore;
      case http::LineReader::Result::kLine:
        break;
    }
    head_size_ += lines.line().size() + 2;
    const Result result = head_size_ > kMaxHead ? Result::kRefused : take_line(lines.line());
    if (result != Result::kMore) {
      return result;
    }
  }
}

// kMore: it was a line like others.
ClientHandshake::Result ClientHandshake::take_line(std::string_view line) {
  if (!status_read_) {
    status_read_ = true;
    http::StatusLine status;
    const bool switches =
        http::parse_status_line(line, http::Mode::kSafe, status) && status.code == 101;
    return switches ? Result::kMore : Result::kRefused;
  }
  if (line.empty()) {
    return is_upgrade_reply(reply_.list(), {key_.data(), key_.size()}, fields_.list())
               ? Result::kAccepted
               : Result::kRefused;
  }
  http::FieldLine field;
  return http::parse_field_line(line, http::Mode::kSafe, field) &&
                 http::add_field(reply_.list(), field.name, field.value)
             ? Result::kMore
             : Result::kRefused;
}

}  // namespace relevent::ws
