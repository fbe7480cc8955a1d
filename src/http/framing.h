// How long a message's body is (RFC 9112, section 6).
#pragma once

#include <event2/keyvalq_struct.h>

#include <cstdint>

#include "http/mode.h"
#include "http/start_line.h"

namespace relevent::http {

struct Framing {
  enum class Kind : std::uint8_t { kNone, kLength, kChunked, kUntilClose };
  Kind kind = Kind::kNone;
  std::int64_t length = 0;  // of kLength
};

// What the fields say about the message that they stand in front of.
struct FieldFacts {
  Framing framing;
  bool close = false;       // Connection: close
  bool keep_alive = false;  // Connection: keep-alive
  enum class Expect : std::uint8_t { kNothing, kContinue, kOther };
  Expect expect = Expect::kNothing;
};

// Of a request. False: malformed, or not to be trusted.
[[nodiscard]] bool survey_request(const evkeyvalq& fields, Version version, Mode mode,
                                  FieldFacts& facts);

// Of a reply that may have a body; the request's method and the status say whether it does.
[[nodiscard]] bool survey_reply(const evkeyvalq& fields, Mode mode, FieldFacts& facts);

}  // namespace relevent::http
