// Decodes what was encoded into chunks of all sizes, with extensions, and split anywhere; and then
// the same with one byte changed, of which only memory safety is asked.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/receiver.h"
#include "http/request.h"

namespace {

using namespace relevent::http;

// The body that is decoded; "bad" or "more" if there is none.
std::string decode(std::string_view bytes, std::size_t step) {
  Receiver receiver(Mode::kSafe, Terms());
  Request* const message = Request::create(nullptr, nullptr);
  evbuffer* const input = evbuffer_new();
  message->kind = EVHTTP_REQUEST;
  std::string result = "more";
  for (std::size_t at = 0; at < bytes.size() && result == "more"; at += step) {
    const std::string_view part = bytes.substr(at, step);
    evbuffer_add(input, part.data(), part.size());
    for (auto now = receiver.advance(*input, *message);
         now != Receiver::Step::kMore && result == "more";
         now = receiver.advance(*input, *message)) {
      if (now == Receiver::Step::kHead) {
        receiver.begin_body(*message, true);
      } else if (now == Receiver::Step::kBad) {
        result = "bad";
      } else if (now == Receiver::Step::kEnd) {
        const std::size_t length = evbuffer_get_length(message->input_buffer);
        result.assign(length, '\0');
        evbuffer_remove(message->input_buffer, result.data(), length);
        break;
      }
    }
  }
  message->free();
  evbuffer_free(input);
  return result;
}

std::string hex(std::size_t number) {
  char text[20];
  snprintf(text, sizeof text, "%zx", number);
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4 || size > 4096) {
    return 0;
  }
  const std::size_t chunk = data[0] + 1u;
  const std::size_t step = data[1] + 1u;
  const std::string_view body(reinterpret_cast<const char*>(data) + 4, size - 4);
  const std::string head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string message = head;
  for (std::size_t at = 0; at < body.size(); at += chunk) {
    const std::string_view part = body.substr(at, chunk);
    message += hex(part.size()) + ";n=v\r\n" + std::string(part) + "\r\n";
  }
  message += "0\r\n\r\n";
  if (decode(message, step) != body) {
    std::abort();
  }
  const std::size_t position =
      head.size() + (data[2] * 256u + data[3]) % (message.size() - head.size());
  message[position] = static_cast<char>(data[3]);
  decode(message, step);
  return 0;
}
