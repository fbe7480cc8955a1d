// The body of a message that comes in.
#include <algorithm>

#include "http/chunk_size.h"
#include "http/field_line.h"
#include "http/receiver.h"

namespace relevent::http {

namespace {

// For size and extensions; nobody uses the latter.
constexpr std::size_t kMostChunkLine = 4096;

}  // namespace

void Receiver::begin_body(evhttp_request& message, bool has_body) {
  const Framing framing = has_body ? facts_.framing : Framing();
  message.ntoread = -1;
  message.chunked = 0;
  switch (framing.kind) {
    case Framing::Kind::kNone:
      state_ = State::kDone;
      break;
    case Framing::Kind::kLength:
      state_ = State::kLength;
      message.ntoread = framing.length;
      break;
    case Framing::Kind::kChunked:
      state_ = State::kChunkSize;
      message.chunked = 1;
      break;
    case Framing::Kind::kUntilClose:
      state_ = State::kUntilClose;
      break;
  }
}

bool Receiver::is_too_much(const evhttp_request& message, std::uint64_t more) const {
  return !discards_ && (more > terms_.body || message.body_size > terms_.body - more);
}

// The peer is told at once, or when it has sent everything.
bool Receiver::lingers(evhttp_request& message) {
  if (terms_.lingers) {
    discards_ = true;
    status_ = HTTP_ENTITYTOOLARGE;
    evbuffer_drain(message.input_buffer, evbuffer_get_length(message.input_buffer));
  }
  return terms_.lingers;
}

Receiver::Step Receiver::end() {
  state_ = State::kDone;
  return status_ != 0 ? fail(status_) : Step::kEnd;
}

bool Receiver::move(evbuffer& input, evhttp_request& message, std::size_t length) const {
  if (length == 0) {
    return true;
  }
  message.body_size += length;
  const int moved = discards_ ? evbuffer_drain(&input, length)
                              : evbuffer_remove_buffer(&input, message.input_buffer, length);
  return moved >= 0;
}

// Moves what is there of a body or chunk whose length is known.
bool Receiver::move_known(evbuffer& input, evhttp_request& message) {
  const auto wanted = static_cast<std::uint64_t>(message.ntoread);
  const auto length = std::min<std::uint64_t>(evbuffer_get_length(&input), wanted);
  message.ntoread -= static_cast<std::int64_t>(length);
  return move(input, message, length);
}

Receiver::Step Receiver::read_body(evbuffer& input, evhttp_request& message) {
  switch (state_) {
    case State::kLength:
      return read_length(input, message);
    case State::kUntilClose:
      return read_until_close(input, message);
    case State::kChunkData:
      return read_chunk_data(input, message);
    case State::kChunkSize:
    case State::kChunkEnd:
    case State::kTrailer:
      return read_chunk_lines(input, message);
    case State::kHeadDone:  // begin_body() was not called
    case State::kDone:
      return end();
    default:
      return Step::kBad;
  }
}

Receiver::Step Receiver::read_length(evbuffer& input, evhttp_request& message) {
  if (message.ntoread == 0) {
    return end();
  }
  if (is_too_much(message, static_cast<std::uint64_t>(message.ntoread)) && !lingers(message)) {
    return fail(HTTP_ENTITYTOOLARGE);
  }
  const std::size_t before = message.body_size;
  if (!move_known(input, message)) {
    return fail(HTTP_SERVUNAVAIL);
  }
  return message.body_size != before ? Step::kChunk : Step::kMore;
}

Receiver::Step Receiver::read_until_close(evbuffer& input, evhttp_request& message) {
  const std::size_t length = evbuffer_get_length(&input);
  if (is_too_much(message, length) && !lingers(message)) {
    return fail(HTTP_ENTITYTOOLARGE);
  }
  if (!move(input, message, length)) {
    return fail(HTTP_SERVUNAVAIL);
  }
  return length != 0 ? Step::kChunk : Step::kMore;
}

Receiver::Step Receiver::read_chunk_data(evbuffer& input, evhttp_request& message) {
  if (!move_known(input, message)) {
    return fail(HTTP_SERVUNAVAIL);
  }
  if (message.ntoread > 0) {
    return Step::kMore;
  }
  state_ = State::kChunkEnd;
  return Step::kChunk;
}

Receiver::Step Receiver::read_chunk_lines(evbuffer& input, evhttp_request& message) {
  {
    LineReader lines(input, searched_);
    while (state_ != State::kChunkData) {
      switch (lines.next()) {
        case LineReader::Result::kNoMemory:
          return fail(HTTP_SERVUNAVAIL);
        case LineReader::Result::kIncomplete:
          return lines.rest() > kMostChunkLine ? fail(status_of_bad_chunk()) : Step::kMore;
        case LineReader::Result::kLine:
          break;
      }
      if (!take_chunk_line(lines, message)) {
        return fail(status_ != 0 ? status_ : status_of_bad_chunk());
      }
      if (state_ == State::kDone) {
        return end();
      }
    }
  }
  return read_chunk_data(input, message);
}

// Compat: to the reference, all that is wrong with chunks is too long (http_strict_test.cpp).
int Receiver::status_of_bad_chunk() const {
  return mode_ == Mode::kCompat ? HTTP_ENTITYTOOLARGE : HTTP_BADREQUEST;
}

// False: it is malformed.
bool Receiver::take_chunk_line(const LineReader& lines, evhttp_request& message) {
  const std::string_view line = lines.line();
  if (line.size() > kMostChunkLine || (lines.is_bare() && mode_ != Mode::kCompat)) {
    return false;
  }
  if (state_ == State::kTrailer) {
    return take_trailer(line, message);
  }
  if (state_ == State::kChunkEnd) {
    state_ = State::kChunkSize;
    if (mode_ != Mode::kCompat) {
      return line.empty();
    }
  }
  // Compat: the line's end behind a chunk is not missed, and may come more than once
  // (http_strict_test.cpp).
  return (line.empty() && mode_ == Mode::kCompat) || take_chunk_size(line, message);
}

bool Receiver::take_chunk_size(std::string_view line, evhttp_request& message) {
  std::int64_t size = 0;
  if (!parse_chunk_size(line, mode_, size)) {
    return false;
  }
  if (is_too_much(message, static_cast<std::uint64_t>(size)) && !lingers(message)) {
    status_ = HTTP_ENTITYTOOLARGE;
    return false;
  }
  message.ntoread = size;
  state_ = size == 0 ? State::kTrailer : State::kChunkData;
  fields_ = 0;
  return true;
}

// Trailers are checked and forgotten: what they say may contradict the header section.
bool Receiver::take_trailer(std::string_view line, evhttp_request& message) {
  message.headers_size += line.size();
  if (line.empty()) {
    state_ = State::kDone;
    return true;
  }
  const bool first = fields_++ == 0;
  FieldLine field;
  return message.headers_size <= most_head() &&
         (is_continuation(line, mode_) ? !first : parse_field_line(line, mode_, field));
}

}  // namespace relevent::http
