// What a nameserver sends: any bytes must be read without harm, and what is found must agree with
// itself.
#include <event2/dns.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "dns/answer.h"

using namespace relevent::dns;

namespace {

void check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void check_answer(const Answer& answer, std::uint16_t type) {
  check(answer.ttl >= 0 && answer.count >= 0);
  const auto count = static_cast<std::size_t>(answer.count);
  if (type == kTypePtr) {
    check(count <= 1 && (count == 0 || answer.data[answer.data.size() - 1] == 0));
  } else {
    check(answer.data.size() == count * (type == kTypeA ? 4 : 16));
  }
}

}  // namespace

// The first byte chooses the type that is asked for; the rest follows the question of the answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 + kHeaderSize) {
    return 0;
  }
  constexpr std::uint16_t kTypes[] = {kTypeA, kTypeAaaa, kTypePtr};
  const std::uint16_t type = kTypes[data[0] % 3];
  Query query;
  check(query.build("www.example.com", type, 512));
  std::vector<std::uint8_t> message(data + 1, data + 1 + kHeaderSize);
  const Bytes question = query.question();
  message.insert(message.end(), question.begin(), question.end());
  message.insert(message.end(), data + 1 + kHeaderSize, data + size);

  Answer answer;
  if (match_answer(message, query) == Match::kExact) {
    read_answer(message, query, answer);
    check_answer(answer, type);
  }
  // The same bytes without the question: nearly never an answer.
  const Bytes raw = {data + 1, size - 1};
  if (match_answer(raw, query) != Match::kNone) {
    read_answer(raw, query, answer);
    check_answer(answer, type);
  }
  return 0;
}
