#include "ws/handshake.h"

#include <event2/util.h>

#include <algorithm>

#include "http/cut.h"
#include "http/headers.h"
#include "http/text.h"
#include "ws/base64.h"
#include "ws/sha1.h"

namespace relevent::ws {

namespace {

constexpr std::size_t kKeyBytes = 16;
constexpr std::string_view kVersion = "13";
// Appended to the key; it has no meaning.
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

// Whether one of the fields of this name has the token in its list.
bool has_token(const evkeyvalq& fields, std::string_view name, std::string_view token) {
  for (const evkeyval& field : http::each_field(fields)) {
    if (!http::equal_ignore_case(field.key, name)) {
      continue;
    }
    for (std::string_view rest = field.value; !rest.empty();) {
      const std::size_t length = http::length_until(rest, ',');
      if (http::equal_ignore_case(http::trim(http::head(rest, length)), token)) {
        return true;
      }
      rest = http::tail(rest, length + 1);
    }
  }
  return false;
}

// The value of the only field of this name; null if there is none, or several.
const char* only_value(const evkeyvalq& fields, std::string_view name) {
  const char* value = nullptr;
  for (const evkeyval& field : http::each_field(fields)) {
    if (http::equal_ignore_case(field.key, name)) {
      if (value != nullptr) {
        return nullptr;
      }
      value = field.value;
    }
  }
  return value;
}

bool has_upgrade_tokens(const evkeyvalq& fields) {
  return has_token(fields, "Upgrade", "websocket") && has_token(fields, "Connection", "Upgrade");
}

}  // namespace

Key make_key() {
  std::uint8_t bytes[kKeyBytes];
  evutil_secure_rng_get_bytes(bytes, sizeof bytes);
  Key key{};
  static_assert(std::tuple_size_v<Key> == base64_length(kKeyBytes));
  encode_base64(bytes, key.data());
  return key;
}

Accept accept_of(std::string_view key) {
  std::array<char, std::tuple_size_v<Key> + kGuid.size()> text;
  char* const end =
      std::copy(kGuid.begin(), kGuid.end(), std::copy(key.begin(), key.end(), text.data()));
  const Sha1Digest digest = sha1({text.data(), static_cast<std::size_t>(end - text.data())});
  Accept accept{};
  static_assert(std::tuple_size_v<Accept> == base64_length(std::tuple_size_v<Sha1Digest>));
  encode_base64(digest, accept.data());
  return accept;
}

bool is_upgrade_request(const evkeyvalq& fields) {
  const char* const version = only_value(fields, "Sec-WebSocket-Version");
  const char* const key = only_value(fields, "Sec-WebSocket-Key");
  return has_upgrade_tokens(fields) && version != nullptr && version == kVersion &&
         key != nullptr && is_base64_of(key, kKeyBytes);
}

bool is_upgrade_reply(const evkeyvalq& reply, std::string_view key, const evkeyvalq& request) {
  const Accept expected = accept_of(key);
  const char* const accept = only_value(reply, "Sec-WebSocket-Accept");
  if (!has_upgrade_tokens(reply) || accept == nullptr ||
      accept != std::string_view(expected.data(), expected.size())) {
    return false;
  }
  // The server may only choose from what it was offered; we know no extensions.
  if (http::find_field(reply, "Sec-WebSocket-Extensions") != nullptr) {
    return false;
  }
  if (http::find_field(reply, "Sec-WebSocket-Protocol") == nullptr) {
    return true;
  }
  const char* const protocol = only_value(reply, "Sec-WebSocket-Protocol");
  return protocol != nullptr && has_token(request, "Sec-WebSocket-Protocol", protocol);
}

}  // namespace relevent::ws
