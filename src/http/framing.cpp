#include "http/framing.h"

#include <charconv>
#include <limits>

#include "http/headers.h"
#include "http/text.h"

namespace relevent::http {

namespace {

// What one pass over the fields finds.
struct Survey {
  int hosts = 0;
  int lengths = 0;
  std::int64_t length = 0;
  bool bad_length = false;
  int encodings = 0;
  bool chunked = false;
  bool inner_chunked = false;  // and something is wrapped around that
  bool other_encoding = false;
};

bool parse_length(std::string_view text, Mode mode, std::int64_t& length) {
  if (mode == Mode::kCompat && !text.empty() && text.front() == '+') {
    text.remove_prefix(1);
  }
  if (text.empty() || !is_digit(text.front())) {
    return false;
  }
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, length);
  if (error == std::errc::result_out_of_range && mode == Mode::kCompat) {
    length = std::numeric_limits<std::int64_t>::max();
    return true;
  }
  return error == std::errc() && rest == end;
}

// Compat: the first one counts (http_strict_test.cpp).
void note_length(std::string_view value, Mode mode, Survey& survey) {
  if (++survey.lengths > 1 && mode == Mode::kCompat) {
    return;
  }
  std::int64_t length = 0;
  if (!parse_length(value, mode, length) || (survey.lengths > 1 && length != survey.length)) {
    survey.bad_length = true;
  } else {
    survey.length = length;
  }
}

// Compat: an encoding may have parameters, which a blank sets off, too (http_strict_test.cpp).
std::string_view encoding_name(std::string_view element, Mode mode) {
  return mode == Mode::kCompat ? head(element, length_until_any(element, "; \t")) : element;
}

// Calls visit(element) for each element of a list, separated by commas; at least once.
template <class Visitor>
void each_element(std::string_view list, Visitor visit) {
  for (bool more = true; more;) {
    const std::size_t end = length_until(list, ',');
    more = end < list.size();
    visit(trim(head(list, end)));
    list = tail(list, end + 1);
  }
}

void note_encoding(std::string_view value, Mode mode, Survey& survey) {
  ++survey.encodings;
  each_element(value, [&](std::string_view element) {
    survey.inner_chunked = survey.chunked;  // something follows
    if (equal_ignore_case(encoding_name(element, mode), "chunked")) {
      survey.chunked = true;
    } else {
      survey.other_encoding = true;
    }
  });
}

// Whether a list has this word.
bool has_word(std::string_view list, std::string_view word) {
  bool found = false;
  each_element(
      list, [&](std::string_view element) { found = found || equal_ignore_case(element, word); });
  return found;
}

// Most names differ in their first letter from all of those that matter here.
void note(const evkeyval& field, Mode mode, Survey& survey, FieldFacts& facts) {
  const auto is = [&field](std::string_view name) { return equal_ignore_case(field.key, name); };
  switch (to_lower(field.key[0])) {
    case 'c':
      if (is("content-length")) {
        note_length(field.value, mode, survey);
      } else if (is("connection")) {
        facts.close = facts.close || has_word(field.value, "close");
        facts.keep_alive = facts.keep_alive || has_word(field.value, "keep-alive");
      }
      break;
    case 'e':
      if (is("expect") && facts.expect == FieldFacts::Expect::kNothing) {
        facts.expect = equal_ignore_case(field.value, "100-continue")
                           ? FieldFacts::Expect::kContinue
                           : FieldFacts::Expect::kOther;
      }
      break;
    case 'h':
      survey.hosts += is("host") ? 1 : 0;
      break;
    case 't':
      if (is("transfer-encoding")) {
        note_encoding(field.value, mode, survey);
      }
      break;
    default:
      break;
  }
}

Survey survey_fields(const evkeyvalq& fields, Mode mode, FieldFacts& facts) {
  Survey survey;
  for (const evkeyval& field : each_field(fields)) {
    note(field, mode, survey, facts);
  }
  return survey;
}

}  // namespace

bool survey_request(const evkeyvalq& fields, Version version, Mode mode, FieldFacts& facts) {
  const Survey survey = survey_fields(fields, mode, facts);
  if (survey.bad_length || (survey.encodings > 0 && survey.lengths > 0) || survey.inner_chunked) {
    return false;
  }
  // Compat: encodings without chunks do not make a body, whatever they are.
  if (mode != Mode::kCompat && (survey.hosts > 1 || survey.other_encoding ||
                                (survey.encodings > 0 && !version.at_least(1, 1)))) {
    return false;
  }
  if (mode == Mode::kStrict && survey.hosts == 0 && version.at_least(1, 1)) {
    return false;
  }
  if (survey.chunked) {
    facts.framing.kind = Framing::Kind::kChunked;
  } else if (survey.lengths > 0) {
    facts.framing = {Framing::Kind::kLength, survey.length};
  }
  return true;
}

bool survey_reply(const evkeyvalq& fields, Mode mode, FieldFacts& facts) {
  const Survey survey = survey_fields(fields, mode, facts);
  if ((survey.encodings > 0 && survey.lengths > 0) ||
      (survey.inner_chunked && mode != Mode::kCompat)) {
    return false;  // whoever is behind us may understand it otherwise
  }
  if (survey.chunked && !survey.other_encoding) {
    facts.framing.kind = Framing::Kind::kChunked;
  } else if (survey.encodings > 0) {
    facts.framing.kind = Framing::Kind::kUntilClose;
  } else if (survey.bad_length) {
    return false;
  } else if (survey.lengths > 0) {
    facts.framing = {Framing::Kind::kLength, survey.length};
  } else {
    facts.framing.kind = Framing::Kind::kUntilClose;
  }
  return true;
}

}  // namespace relevent::http
