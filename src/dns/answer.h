// What a nameserver answers to a query.
#pragma once

#include "dns/query.h"
#include "surface/memory.h"

namespace relevent::dns {

// How a message relates to a query.
enum class Match {
  kNone,       // no answer to this question, or none at all
  kOtherCase,  // an answer, but to the name in other letters
  kExact,
};
[[nodiscard]] Match match_answer(Bytes message, const Query& query);

// The records of an answer that a query is about.
struct Answer {
  int result = 0;  // a DNS_ERR_* value
  int ttl = 0;     // seconds; also for how long an error may be kept
  int count = 0;
  bool truncated = false;
  // The addresses side by side; or the first name (PTR), with a NUL.
  GrowArray<std::uint8_t> data;
  // The canonical name, or null.
  OwnedString cname;

  void clear();
};

// Reads a message that matches the query. One that is truncated is read as far as it goes.
// Fails: what is malformed, or too much for memory, has the result DNS_ERR_UNKNOWN.
void read_answer(Bytes message, const Query& query, Answer& answer);

// The English text for a DNS_ERR_* value. C API: evdns_err_to_string.
const char* result_text(int result);

}  // namespace relevent::dns
