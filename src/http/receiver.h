#pragma once

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>

#include <cstdint>
#include <limits>

#include "http/framing.h"
#include "http/lines.h"
#include "http/mode.h"

namespace relevent::http {

// What a peer may send. Without limits by default, but for what keeps memory bounded in any case.
struct Terms {
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  std::size_t head = kNone;
  std::size_t body = kNone;
  bool lingers = false;                       // a body that is too long is read to its end first
  evhttp_ext_method_cb ext_method = nullptr;  // knows more methods, or null
};

// Reads a message piece by piece, as it comes, into an evhttp_request.
//
// Whoever uses it calls advance() until that wants more input, and acts on each step: user code
// may run between them. After kHead of a request, or of a reply, the user says by begin_body()
// whether there is a body.
//
// Fails: kBad, with a status code that says what is wrong; 503 if memory ran out.
class Receiver {
 public:
  enum class Step {
    kMore,   // nothing but waiting for input is left
    kHead,   // the header section is there
    kChunk,  // a whole chunk is there, or whatever came of another body
    kEnd,    // the message is complete
    kBad     // it cannot be understood, see status(); nothing more can be read
  };

  Receiver(Mode mode, const Terms& terms) : mode_(mode), terms_(terms) {}

  // For the next message.
  void reset();
  Step advance(evbuffer& input, evhttp_request& message);
  // As the fields say, or without one.
  void begin_body(evhttp_request& message, bool has_body);
  // No more input will come. True: that is how this message ends.
  bool end_of_input() const { return state_ == State::kUntilClose; }

  // Whether a part of a message was read.
  bool has_begun() const { return state_ != State::kStartLine; }
  const FieldFacts& facts() const { return facts_; }
  Terms& terms() { return terms_; }
  Mode mode() const { return mode_; }
  int status() const { return status_; }
  // Whether kBad was about the body.
  bool is_body_bad() const { return body_bad_; }

 private:
  enum class State : std::uint8_t {
    kStartLine,
    kFields,
    kHeadDone,
    kLength,
    kUntilClose,
    kChunkSize,
    kChunkData,
    kChunkEnd,
    kTrailer,
    kDone,
    kBad
  };

  Step fail(int status);
  Step read_head(evbuffer& input, evhttp_request& message);
  Step take_line(const LineReader& lines, evhttp_request& message);
  Step take_start_line(std::string_view line, evhttp_request& message);
  Step take_field_line(std::string_view line, evhttp_request& message);
  Step finish_head(evhttp_request& message);
  int status_of_long_head() const;
  std::size_t most_head() const;

  // receiver_body.cpp
  Step read_body(evbuffer& input, evhttp_request& message);
  Step read_length(evbuffer& input, evhttp_request& message);
  Step read_until_close(evbuffer& input, evhttp_request& message);
  Step read_chunk_data(evbuffer& input, evhttp_request& message);
  Step read_chunk_lines(evbuffer& input, evhttp_request& message);
  int status_of_bad_chunk() const;
  bool take_chunk_line(const LineReader& lines, evhttp_request& message);
  bool take_chunk_size(std::string_view line, evhttp_request& message);
  bool take_trailer(std::string_view line, evhttp_request& message);
  bool is_too_much(const evhttp_request& message, std::uint64_t more) const;
  bool lingers(evhttp_request& message);
  bool move(evbuffer& input, evhttp_request& message, std::size_t length) const;
  bool move_known(evbuffer& input, evhttp_request& message);
  Step end();

  Mode mode_;
  State state_ = State::kStartLine;
  bool discards_ = false;  // the body is counted, not stored
  bool body_bad_ = false;
  std::uint32_t fields_ = 0;
  int status_ = 0;
  std::size_t searched_ = 0;
  Terms terms_;
  FieldFacts facts_;
};

}  // namespace relevent::http
