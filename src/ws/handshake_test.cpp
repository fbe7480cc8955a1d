#include "ws/handshake.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "http/headers.h"
#include "ws/base64.h"

using namespace relevent;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// The usual fields, but for one that is replaced, or left out if its value is "-".
Pairs replaced(Pairs pairs, const std::string& name, const std::string& value) {
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (pairs[i].first == name) {
      if (value == "-") {
        pairs.erase(pairs.begin() + static_cast<long>(i));
      } else {
        pairs[i].second = value;
      }
      break;
    }
  }
  return pairs;
}

Pairs with(Pairs pairs, const std::string& name, const std::string& value) {
  pairs.emplace_back(name, value);
  return pairs;
}

void fill(http::Fields& fields, const Pairs& pairs) {
  for (const auto& [name, value] : pairs) {
    REQUIRE(http::add_field(fields.list(), name, value));
  }
}

const Pairs kRequest = {{"host", "h"},
                        {"upgrade", "WebSocket"},
                        {"connection", "keep-alive, Upgrade"},
                        {"sec-websocket-version", "13"},
                        {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}};
const Pairs kReply = {{"Upgrade", "websocket"},
                      {"Connection", "Upgrade"},
                      {"Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}};

bool accepts_request(const Pairs& pairs) {
  http::Fields fields;
  fill(fields, pairs);
  return ws::is_upgrade_request(fields.list());
}

bool accepts_reply(const Pairs& pairs, const Pairs& request = {}) {
  http::Fields fields;
  http::Fields asked;
  fill(fields, pairs);
  fill(asked, request);
  return ws::is_upgrade_reply(fields.list(), "dGhlIHNhbXBsZSBub25jZQ==", asked.list());
}

}  // namespace

TEST_CASE("ws handshake: the RFC's example") {
  const ws::Accept accept = ws::accept_of("dGhlIHNhbXBsZSBub25jZQ==");
  CHECK(std::string(accept.data(), accept.size()) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("ws handshake: keys are random") {
  const ws::Key first = ws::make_key();
  const ws::Key second = ws::make_key();
  CHECK(ws::is_base64_of({first.data(), first.size()}, 16));
  CHECK(first != second);
}

TEST_CASE("ws handshake: requests") {
  CHECK(accepts_request(kRequest));
  CHECK(accepts_request(replaced(kRequest, "upgrade", "h2c , websocket")));
  CHECK(
      accepts_request(with(replaced(kRequest, "connection", "close"), "Connection", "\tupgrade")));
  for (const auto& [name, value] : kRequest) {
    CAPTURE(name);
    CHECK(accepts_request(replaced(kRequest, name, "-")) == (name == "host"));
  }
  CHECK_FALSE(accepts_request(replaced(kRequest, "upgrade", "websockets")));
  CHECK_FALSE(accepts_request(replaced(kRequest, "connection", "upgraded, up grade")));
  CHECK_FALSE(accepts_request(replaced(kRequest, "sec-websocket-version", "8")));
  CHECK_FALSE(accepts_request(replaced(kRequest, "sec-websocket-version", "13, 8")));
  CHECK_FALSE(accepts_request(replaced(kRequest, "sec-websocket-key", "")));
  CHECK_FALSE(accepts_request(replaced(kRequest, "sec-websocket-key", "c2hvcnQ=")));
  CHECK_FALSE(accepts_request(with(kRequest, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")));
  CHECK_FALSE(accepts_request(with(kRequest, "Sec-WebSocket-Version", "13")));
}

TEST_CASE("ws handshake: replies") {
  CHECK(accepts_reply(kReply));
  for (const auto& [name, value] : kReply) {
    CAPTURE(name);
    CHECK_FALSE(accepts_reply(replaced(kReply, name, "-")));
    CHECK_FALSE(accepts_reply(replaced(kReply, name, value + "x")));
  }
  CHECK_FALSE(accepts_reply(with(kReply, "Sec-WebSocket-Extensions", "permessage-deflate")));
  CHECK_FALSE(accepts_reply(with(kReply, "Sec-WebSocket-Protocol", "chat")));
  const Pairs offer = {{"Sec-WebSocket-Protocol", "superchat, chat"}};
  CHECK(accepts_reply(kReply, offer));
  CHECK(accepts_reply(with(kReply, "Sec-WebSocket-Protocol", "chat"), offer));
  CHECK_FALSE(accepts_reply(with(kReply, "Sec-WebSocket-Protocol", "other"), offer));
}
