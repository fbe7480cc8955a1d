// What the targets for HTTP requests and responses have in common: a message is read in each mode,
// once whole and once split in two, and where the stream is split must not matter.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/receiver.h"
#include "http/request.h"

namespace http_fuzz {

using namespace relevent::http;

// What has become of the bytes, as a text to compare.
inline std::string read(evhttp_request_kind kind, Mode mode, std::string_view first,
                        std::string_view second) {
  Terms terms;
  terms.head = 4096;
  terms.body = 4096;
  Receiver receiver(mode, terms);
  Request* const message = Request::create(nullptr, nullptr);
  evbuffer* const input = evbuffer_new();
  message->kind = kind;
  std::string result;
  for (const std::string_view part : {first, second}) {
    evbuffer_add(input, part.data(), part.size());
    Receiver::Step step;
    while (result.empty() && (step = receiver.advance(*input, *message)) != Receiver::Step::kMore) {
      if (step == Receiver::Step::kHead) {
        receiver.begin_body(*message, true);
      } else if (step == Receiver::Step::kEnd) {
        result = "end";
      } else if (step == Receiver::Step::kBad) {
        result = "bad";
      }
    }
  }
  if (result == "end") {
    result += std::to_string(message->body_size) + " " + std::to_string(evbuffer_get_length(input));
    for (const evkeyval& field : each_field(*message->input_headers)) {
      result += std::string(field.key) + ":" + field.value + "\n";
    }
  }
  message->free();
  evbuffer_free(input);
  return result;
}

inline int check(evhttp_request_kind kind, const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const auto mode = static_cast<Mode>(data[0] % 3);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t split = data[1] % (bytes.size() + 1);
  const std::string whole = read(kind, mode, bytes, {});
  const std::string parts = read(kind, mode, bytes.substr(0, split), bytes.substr(split));
  // A limit may be noticed earlier in one case than in the other, but is in both.
  if (whole != parts) {
    std::abort();
  }
  return 0;
}

}  // namespace http_fuzz
