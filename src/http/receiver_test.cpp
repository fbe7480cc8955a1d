// Raw bytes, and what becomes of them in each mode: "ok" and the body, a status code, or "more".
#include "http/receiver.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "http/request.h"

namespace relevent::http {
namespace {

using std::string;
using namespace std::string_literals;

struct FreeBuffer {
  void operator()(evbuffer* buffer) const { evbuffer_free(buffer); }
};
struct FreeRequest {
  void operator()(Request* request) const { request->free(); }
};

struct Outcome {
  string text;
  string fields;
  std::size_t left = 0;
};

// Feeds the bytes in two parts, and gives the kind of message the rights that `terms` say.
class Trial {
 public:
  Trial(evhttp_request_kind kind, Mode mode, const Terms& terms = {})
      : receiver_(mode, terms),
        request_(Request::create(nullptr, nullptr)),
        input_(evbuffer_new()) {
    request_->kind = kind;
  }

  void feed(std::string_view bytes) {
    evbuffer_add(input_.get(), bytes.data(), bytes.size());
    while (text_.empty()) {
      switch (receiver_.advance(*input_, *request_)) {
        case Receiver::Step::kMore:
          return;
        case Receiver::Step::kHead:
          receiver_.begin_body(*request_, true);
          break;
        case Receiver::Step::kChunk:
          break;
        case Receiver::Step::kEnd:
          text_ = "ok";
          break;
        case Receiver::Step::kBad:
          text_ = std::to_string(receiver_.status());
          break;
      }
    }
  }

  Outcome outcome() {
    Outcome result;
    result.text = text_.empty() ? "more" : text_;
    if (text_ == "ok" || receiver_.end_of_input()) {
      result.text = "ok " + body();
    }
    for (const evkeyval& field : each_field(*request_->input_headers)) {
      result.fields += string(field.key) + "=" + field.value + ";";
    }
    result.left = evbuffer_get_length(input_.get());
    return result;
  }

  string body() const {
    const std::size_t length = evbuffer_get_length(request_->input_buffer);
    string text(length, '\0');
    evbuffer_copyout(request_->input_buffer, text.data(), length);
    return text;
  }

 private:
  Receiver receiver_;
  std::unique_ptr<Request, FreeRequest> request_;
  std::unique_ptr<evbuffer, FreeBuffer> input_;
  string text_;
};

Outcome in_one_piece(evhttp_request_kind kind, Mode mode, const string& bytes) {
  Trial trial(kind, mode);
  trial.feed(bytes);
  return trial.outcome();
}

// The same wherever the stream is split, and byte by byte.
void check_splits(evhttp_request_kind kind, Mode mode, const string& bytes, const Outcome& whole) {
  for (std::size_t at = 1; at < bytes.size(); ++at) {
    Trial trial(kind, mode);
    trial.feed(std::string_view(bytes).substr(0, at));
    trial.feed(std::string_view(bytes).substr(at));
    const Outcome split = trial.outcome();
    INFO("split at " << at);
    REQUIRE(split.text == whole.text);
    REQUIRE(split.fields == whole.fields);
  }
  Trial trial(kind, mode);
  for (const char& c : bytes) {
    trial.feed({&c, 1});
  }
  REQUIRE(trial.outcome().text == whole.text);
}

struct Row {
  string bytes;
  string compat;
  string safe;
  string strict;
};

void check(evhttp_request_kind kind, const Row& row) {
  const struct {
    Mode mode;
    const string& expected;
  } columns[] = {{Mode::kCompat, row.compat}, {Mode::kSafe, row.safe}, {Mode::kStrict, row.strict}};
  for (const auto& column : columns) {
    INFO(row.bytes << " in mode " << static_cast<int>(column.mode));
    const Outcome whole = in_one_piece(kind, column.mode, row.bytes);
    CHECK(whole.text == column.expected);
    check_splits(kind, column.mode, row.bytes, whole);
  }
}

// A GET with these lines; a POST with these and this body; a chunked POST.
string get(const string& lines) { return "GET / HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n"; }
string post(const string& lines, const string& body) {
  return "POST / HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n" + body;
}
string chunked(const string& body) { return post("Transfer-Encoding: chunked\r\n", body); }

}  // namespace

TEST_CASE("http receiver: start lines of requests") {
  const string end = " HTTP/1.1\r\nHost: h\r\n\r\n";
  const Row rows[] = {
      {"GET /" + end, "ok ", "ok ", "ok "},
      {"GET / HTTP/1.0\r\n\r\n", "ok ", "ok ", "ok "},
      {"GET / HTTP/1.1\r\n\r\n", "ok ", "ok ", "400"},
      {"GET / HTTP/0.9\r\n\r\n", "ok ", "ok ", "400"},
      {"GET / HTTP/1.2\r\nHost: h\r\n\r\n", "ok ", "ok ", "ok "},
      {"GET / HTTP/2.0\r\n\r\n", "400", "400", "400"},
      {"GET / HTTP/1\r\n\r\n", "400", "400", "400"},
      {"GET / HTTP/1.10\r\n\r\n", "ok ", "400", "400"},
      {"GET / HTTP/01.1\r\n\r\n", "ok ", "400", "400"},
      {"GET / HTTP/+1.1\r\n\r\n", "ok ", "400", "400"},
      {"GET / HTTP/1.1x\r\n\r\n", "400", "400", "400"},
      {"GET / http/1.1\r\n\r\n", "400", "400", "400"},
      {"GET / HTTP/1.1\rX\r\n\r\n", "400", "400", "400"},
      {"GET /\r\n\r\n", "400", "400", "400"},
      {"GET\r\n\r\n", "400", "400", "400"},
      {"\r\nGET /" + end, "400", "400", "400"},
      {"GET\t/\tHTTP/1.1\r\n\r\n", "400", "400", "400"},
      {"GET /a b" + end, "ok ", "ok ", "400"},
      {"GET / HTTP/1.1 \r\nHost: h\r\n\r\n", "ok ", "ok ", "400"},
      {"GET /\x01" + end, "ok ", "400", "400"},
      {"GET /\0a"s + end, "400", "400", "400"},
      {"GET /\xff" + end, "ok ", "ok ", "400"},
      {"GET  HTTP/1.1\r\n\r\n", "400", "400", "400"},
      {"GET / HTTP/257.1\r\n\r\n", "400", "400", "400"},
      {"G(T /" + end, "ok ", "400", "400"},
      {"G\0T /"s + end, "400", "400", "400"},
      {"GET / HTTP/1.1\nHost: h\n\n", "ok ", "ok ", "400"},
  };
  for (const Row& row : rows) {
    check(EVHTTP_REQUEST, row);
  }
}

TEST_CASE("http receiver: header fields") {
  const Row rows[] = {
      {get("X: a\r\n"), "ok ", "ok ", "ok "},
      {get("X: \xff\r\n"), "ok ", "ok ", "ok "},
      {get("X: a\tb\r\n"), "ok ", "ok ", "ok "},
      {get("X:\r\n"), "ok ", "ok ", "ok "},
      {get("X\r\n"), "400", "400", "400"},
      {get(": a\r\n"), "ok ", "400", "400"},
      {get("X Y: a\r\n"), "ok ", "400", "400"},
      {get("X(: a\r\n"), "ok ", "400", "400"},
      {get("X\xff: a\r\n"), "ok ", "400", "400"},
      {get("X : a\r\n"), "ok ", "400", "400"},
      {get("X: a\0b\r\n"s), "ok ", "400", "400"},
      {get("X\0Y: a\r\n"s), "400", "400", "400"},
      {get("X: a\x01\r\n"), "ok ", "400", "400"},
      {get("X: a\x7f\r\n"), "ok ", "400", "400"},
      {get("X\x01: a\r\n"), "ok ", "400", "400"},
      {get("X: a\rb\r\n"), "400", "400", "400"},
      {get("X: a\r\n b\r\n"), "ok ", "ok ", "400"},
      {get("X: a\r\n \x01\r\n"), "ok ", "400", "400"},
      {"GET / HTTP/1.1\r\n X: a\r\n\r\n", "400", "400", "400"},
      {get("X: a\n"), "ok ", "ok ", "400"},
      {get("Host: other\r\n"), "ok ", "400", "400"},
  };
  for (const Row& row : rows) {
    check(EVHTTP_REQUEST, row);
  }
}

TEST_CASE("http receiver: values lose their outer blanks and folded ones are joined") {
  CHECK(in_one_piece(EVHTTP_REQUEST, Mode::kSafe, get("X:  a b\t \r\nY:\tc\r\n \t d  \r\n e\r\n"))
            .fields == "Host=h;X=a b;Y=c d e;");
  // A fold may complete what the length of the body depends upon.
  CHECK(in_one_piece(EVHTTP_REQUEST, Mode::kSafe, post("Content-Length: 1\r\n 2\r\n", "x")).text ==
        "400");
}

TEST_CASE("http receiver: lengths of bodies") {
  const string one = "1\r\na\r\n0\r\n\r\n";
  const Row rows[] = {
      {post("Content-Length: 3\r\n", "abc"), "ok abc", "ok abc", "ok abc"},
      {post("Content-Length: 0\r\n", ""), "ok ", "ok ", "ok "},
      {post("Content-Length: 3\r\n", "ab"), "more", "more", "more"},
      {post("", "abc"), "ok ", "ok ", "ok "},
      {post("Content-Length: +3\r\n", "abc"), "ok abc", "400", "400"},
      {post("Content-Length: -3\r\n", "abc"), "400", "400", "400"},
      {post("Content-Length: 3x\r\n", "abc"), "400", "400", "400"},
      {post("Content-Length: 0x3\r\n", "abc"), "400", "400", "400"},
      {post("Content-Length:\r\n", "abc"), "400", "400", "400"},
      {post("Content-Length: 3, 3\r\n", "abc"), "400", "400", "400"},
      {post("Content-Length : 3\r\n", "abc"), "ok ", "400", "400"},
      {post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), "ok abc", "ok abc", "ok abc"},
      {post("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"), "ok abc", "400", "400"},
      {post("Content-Length: 3\r\nContent-Length: x\r\n", "abc"), "ok abc", "400", "400"},
      {post("Content-Length: x\r\nContent-Length: 3\r\n", "abc"), "400", "400", "400"},
      {post("Content-Length: 9223372036854775808\r\n", "abc"), "more", "400", "400"},
      {post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", one), "400", "400", "400"},
      {post("Transfer-Encoding: CHUNKED\r\n", one), "ok a", "ok a", "ok a"},
      {post("Transfer-Encoding: gzip, chunked\r\n", one), "ok a", "400", "400"},
      {post("Transfer-Encoding: chunked, gzip\r\n", one), "400", "400", "400"},
      {post("Transfer-Encoding: chunked, chunked\r\n", one), "400", "400", "400"},
      {post("Transfer-Encoding: chunked;q=1\r\n", one), "ok a", "400", "400"},
      {post("Transfer-Encoding: identity\r\n", one), "ok ", "400", "400"},
      {post("Transfer-Encoding: xchunked\r\n", one), "ok ", "400", "400"},
      {post("Transfer-Encoding:\r\n", one), "ok ", "400", "400"},
      {post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", one), "400", "400",
       "400"},
      {post("Transfer-Encoding : chunked\r\n", one), "ok ", "400", "400"},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + one, "ok a", "400", "400"},
  };
  for (const Row& row : rows) {
    check(EVHTTP_REQUEST, row);
  }
}

TEST_CASE("http receiver: chunks") {
  const Row rows[] = {
      {chunked("3\r\nabc\r\n0\r\n\r\n"), "ok abc", "ok abc", "ok abc"},
      {chunked("3\r\nabc\r\nA\r\n0123456789\r\n00\r\n\r\n"), "ok abc0123456789", "ok abc0123456789",
       "ok abc0123456789"},
      {chunked("1;name=value\r\na\r\n0;x=\"y\"\r\n\r\n"), "ok a", "ok a", "ok a"},
      {chunked("1;\x01\r\na\r\n0\r\n\r\n"), "413", "400", "400"},
      {chunked("+1\r\na\r\n0\r\n\r\n"), "ok a", "400", "400"},
      {chunked("-1\r\na\r\n0\r\n\r\n"), "413", "400", "400"},
      {chunked("0x1\r\na\r\n0\r\n\r\n"), "ok a", "400", "400"},
      {chunked(" 1\r\na\r\n0\r\n\r\n"), "ok a", "400", "400"},
      {chunked("1 \r\na\r\n0\r\n\r\n"), "ok a", "400", "400"},
      {chunked("1\t\r\na\r\n0\r\n\r\n"), "413", "400", "400"},
      {chunked("1\0x\r\na\r\n0\r\n\r\n"s), "ok a", "400", "400"},
      {chunked("1x\r\na\r\n0\r\n\r\n"), "413", "400", "400"},
      {chunked("\r\n1\r\na\r\n0\r\n\r\n"), "ok a", "400", "400"},
      {chunked("8000000000000000\r\na"), "413", "400", "400"},
      {chunked("7fffffffffffffff\r\na"), "more", "more", "more"},
      {chunked("1\r\nab\r\n0\r\n\r\n"), "more", "400", "400"},
      {chunked("1\r\na\n0\r\n\r\n"), "ok a", "400", "400"},
      {chunked("1\na\r\n0\r\n\r\n"), "ok a", "400", "400"},
      {chunked("0\r\nTrailer: x\r\n\r\n"), "ok ", "ok ", "ok "},
      {chunked("0\r\nTrailer\r\n\r\n"), "413", "400", "400"},
      {chunked("0\r\nTrailer: x\r\n y\r\n\r\n"), "ok ", "ok ", "400"},
      {chunked("0\r\n Trailer: x\r\n\r\n"), "413", "400", "400"},
      {chunked("0\r\nContent-Length: 7\r\n\r\n"), "ok ", "ok ", "ok "},
  };
  for (const Row& row : rows) {
    check(EVHTTP_REQUEST, row);
  }
  CHECK(in_one_piece(EVHTTP_REQUEST, Mode::kSafe, chunked("0\r\nX: y\r\n\r\n")).fields ==
        "Host=h;Transfer-Encoding=chunked;");
}

TEST_CASE("http receiver: replies") {
  const Row rows[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "ok hi", "ok hi", "ok hi"},
      {"HTTP/1.1 200 OK\r\n\r\nhi", "ok hi", "ok hi", "ok hi"},
      {"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "ok ", "ok ", "ok "},
      {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "ok ", "ok ", "ok "},
      {"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n", "ok ", "400", "400"},
      {"HTTP/1.1 abc OK\r\n\r\n", "400", "400", "400"},
      {"HTTP/1.1 -20 OK\r\n\r\n", "400", "400", "400"},
      {"HTTP/1.1\r\n\r\n", "400", "400", "400"},
      {"HTTP/2.0 200 OK\r\n\r\n", "400", "400", "400"},
      {"ICY 200 OK\r\n\r\n", "400", "400", "400"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", "ok a", "ok a",
       "ok a"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
       "1\r\na\r\n0\r\n\r\n",
       "ok a", "400", "400"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc", "ok abc", "ok abc", "ok abc"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400", "400",
       "400"},
      {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "400", "400", "400"},
  };
  for (const Row& row : rows) {
    check(EVHTTP_RESPONSE, row);
  }
}

TEST_CASE("http receiver: limits") {
  const auto outcome = [](Mode mode, const Terms& terms, const string& bytes) {
    Trial trial(EVHTTP_REQUEST, mode, terms);
    trial.feed(bytes);
    return trial.outcome().text;
  };
  Terms small_head;
  small_head.head = 30;
  const string target(100, 'a');
  CHECK(outcome(Mode::kSafe, small_head, "GET /" + target) == "414");
  CHECK(outcome(Mode::kCompat, small_head, "GET /" + target) == "400");
  CHECK(outcome(Mode::kSafe, small_head, get("X: " + target)) == "431");
  CHECK(outcome(Mode::kSafe, small_head, get("")) == "ok ");

  Terms small_body;
  small_body.body = 5;
  CHECK(outcome(Mode::kSafe, small_body, post("Content-Length: 5\r\n", "abcde")) == "ok abcde");
  CHECK(outcome(Mode::kSafe, small_body, post("Content-Length: 6\r\n", "")) == "413");
  CHECK(outcome(Mode::kSafe, small_body, chunked("3\r\nabc\r\n3\r\n")) == "413");
  small_body.lingers = true;
  CHECK(outcome(Mode::kSafe, small_body, post("Content-Length: 6\r\n", "abcde")) == "more");
  CHECK(outcome(Mode::kSafe, small_body, post("Content-Length: 6\r\n", "abcdef")) == "413");
  CHECK(outcome(Mode::kSafe, small_body, chunked("3\r\nabc\r\n3\r\nabc\r\n")) == "more");
  CHECK(outcome(Mode::kSafe, small_body, chunked("3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n")) == "413");

  string many;
  for (int i = 0; i < 1001; ++i) {
    many += "X: y\r\n";
  }
  CHECK(outcome(Mode::kSafe, {}, get(many)) == "431");
  CHECK(outcome(Mode::kCompat, {}, get(many)) == "ok ");
  CHECK(outcome(Mode::kSafe, {}, "GET /" + string(2 << 20, 'a')) == "414");
  CHECK(outcome(Mode::kSafe, {}, chunked("1;" + string(5000, 'a'))) == "400");
}

TEST_CASE("http receiver: what follows a message stays in the buffer") {
  for (const string& message :
       {get(""), post("Content-Length: 2\r\n", "ab"), chunked("1\r\na\r\n0\r\n\r\n")}) {
    Trial trial(EVHTTP_REQUEST, Mode::kSafe);
    trial.feed(message + "GET /next");
    CHECK(trial.outcome().left == 9);
  }
}

}  // namespace relevent::http
