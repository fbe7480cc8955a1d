// The header section of a message that comes in.
#include "http/receiver.h"

#include <algorithm>

#include "http/chunk_size.h"
#include "http/field_line.h"
#include "http/headers.h"
#include "http/method.h"
#include "http/text.h"
#include "surface/memory.h"

namespace relevent::http {

namespace {

// What a peer may make us store in any case. Compat: as much as it likes.
constexpr std::size_t kMostHead = std::size_t{1} << 20;
constexpr std::uint32_t kMostFields = 1000;

bool replace_string(char*& owned, std::string_view text) {
  char* const copy = duplicate_bytes(text.data(), text.size());
  if (copy == nullptr) {
    return false;
  }
  relevent_release(owned);
  owned = copy;
  return true;
}

}  // namespace

void Receiver::reset() {
  state_ = State::kStartLine;
  discards_ = false;
  body_bad_ = false;
  fields_ = 0;
  status_ = 0;
  searched_ = 0;
  facts_ = {};
}

Receiver::Step Receiver::fail(int status) {
  body_bad_ = state_ > State::kHeadDone;
  state_ = State::kBad;
  status_ = status;
  return Step::kBad;
}

Receiver::Step Receiver::advance(evbuffer& input, evhttp_request& message) {
  return state_ <= State::kFields ? read_head(input, message) : read_body(input, message);
}

Receiver::Step Receiver::read_head(evbuffer& input, evhttp_request& message) {
  const std::size_t most = most_head();
  LineReader lines(input, searched_);
  for (;;) {
    switch (lines.next()) {
      case LineReader::Result::kIncomplete:
        return message.headers_size + lines.rest() > most ? fail(status_of_long_head())
                                                          : Step::kMore;
      case LineReader::Result::kNoMemory:
        return fail(HTTP_SERVUNAVAIL);
      case LineReader::Result::kLine:
        break;
    }
    message.headers_size += lines.line().size();
    if (message.headers_size > most) {
      return fail(status_of_long_head());
    }
    if (const Step step = take_line(lines, message); step != Step::kMore) {
      return step;
    }
  }
}

std::size_t Receiver::most_head() const {
  return mode_ == Mode::kCompat ? terms_.head : std::min(terms_.head, kMostHead);
}

int Receiver::status_of_long_head() const {
  constexpr int kUriTooLong = 414;
  constexpr int kFieldsTooLarge = 431;
  if (mode_ == Mode::kCompat) {
    return HTTP_BADREQUEST;
  }
  return state_ == State::kStartLine ? kUriTooLong : kFieldsTooLarge;
}

Receiver::Step Receiver::take_line(const LineReader& lines, evhttp_request& message) {
  if (mode_ == Mode::kStrict && lines.is_bare()) {
    return fail(HTTP_BADREQUEST);
  }
  if (state_ == State::kStartLine) {
    return take_start_line(lines.line(), message);
  }
  return lines.line().empty() ? finish_head(message) : take_field_line(lines.line(), message);
}

Receiver::Step Receiver::take_start_line(std::string_view line, evhttp_request& message) {
  Version version;
  if (message.kind == EVHTTP_REQUEST) {
    RequestLine request;
    if (!parse_request_line(line, mode_, request)) {
      return fail(HTTP_BADREQUEST);
    }
    if (!replace_string(message.uri, request.target)) {
      return fail(HTTP_SERVUNAVAIL);
    }
    version = request.version;
    message.type = find_method(request.method, terms_.ext_method);
  } else {
    StatusLine status;
    if (!parse_status_line(line, mode_, status)) {
      return fail(HTTP_BADREQUEST);
    }
    if (!replace_string(message.response_code_line, status.reason)) {
      return fail(HTTP_SERVUNAVAIL);
    }
    version = status.version;
    message.response_code = status.code;
  }
  message.major = version.major;
  message.minor = version.minor;
  state_ = State::kFields;
  return Step::kMore;
}

Receiver::Step Receiver::take_field_line(std::string_view line, evhttp_request& message) {
  const bool first = fields_ == 0;
  if (++fields_ > kMostFields && mode_ != Mode::kCompat) {
    return fail(status_of_long_head());
  }
  if (is_blank(line.front())) {
    if (first || !is_continuation(line, mode_)) {
      return fail(HTTP_BADREQUEST);
    }
    return extend_last_field(*message.input_headers, trim(line)) ? Step::kMore
                                                                 : fail(HTTP_SERVUNAVAIL);
  }
  FieldLine field;
  if (!parse_field_line(line, mode_, field)) {
    return fail(HTTP_BADREQUEST);
  }
  return add_field(*message.input_headers, field.name, field.value) ? Step::kMore
                                                                    : fail(HTTP_SERVUNAVAIL);
}

Receiver::Step Receiver::finish_head(evhttp_request& message) {
  const evkeyvalq& fields = *message.input_headers;
  const Version version = {static_cast<signed char>(message.major),
                           static_cast<signed char>(message.minor)};
  const bool good = message.kind == EVHTTP_REQUEST ? survey_request(fields, version, mode_, facts_)
                                                   : survey_reply(fields, mode_, facts_);
  if (!good) {
    return fail(HTTP_BADREQUEST);
  }
  state_ = State::kHeadDone;
  return Step::kHead;
}

}  // namespace relevent::http
