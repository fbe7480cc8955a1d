// The handshake that makes a WebSocket connection of an HTTP one: RFC 6455, section 4.
#pragma once

#include <event2/keyvalq_struct.h>

#include <array>
#include <string_view>

namespace relevent::ws {

using Key = std::array<char, 24>;
using Accept = std::array<char, 28>;

// A new random key for a client's request.
Key make_key();

// What a server answers to a key, which has the length of one.
Accept accept_of(std::string_view key);

// Whether the fields of a GET request ask for WebSocket, in the version that there is.
bool is_upgrade_request(const evkeyvalq& fields);

// Whether the fields of a reply with status 101 accept a request that had this key and these
// fields.
bool is_upgrade_reply(const evkeyvalq& reply, std::string_view key, const evkeyvalq& request);

}  // namespace relevent::ws
