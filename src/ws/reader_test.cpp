#include "ws/reader.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace relevent::ws;

namespace {

// One frame as a client sends it, or a server.
std::string frame(int first_byte, const std::string& payload, bool masked = true) {
  FrameHeader header;
  header.masked = masked;
  header.length = payload.size();
  header.key = {{0x11, 0x82, 0x03, 0xf4}};
  std::uint8_t bytes[FrameHeader::kMaxSize];
  const size_t size = write_header(header, bytes);
  bytes[0] = static_cast<std::uint8_t>(first_byte);
  std::vector<std::uint8_t> body(payload.begin(), payload.end());
  if (masked) {
    apply_mask(body, header.key, 0);
  }
  return std::string(bytes, bytes + size) + std::string(body.begin(), body.end());
}

std::string close_payload(int code, const std::string& reason = "") {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code)} + reason;
}

// What the reader reports of the stream when it comes in pieces of this size, as text.
std::string events(const std::string& stream, size_t piece, Role role = Role::kServer,
                   size_t max_message = 1000) {
  Reader reader(role);
  reader.set_max_message(max_message);
  std::string all;
  for (size_t i = 0; i < stream.size(); i += piece) {
    const std::string part = stream.substr(i, piece);
    // In memory of exactly its size, so that a sanitizer sees a step too far.
    const std::vector<std::uint8_t> bytes(part.begin(), part.end());
    std::span<const std::uint8_t> input = bytes;
    for (;;) {
      const Reader::Event event = reader.next(input);
      const std::string payload(reader.payload().begin(), reader.payload().end());
      if (event == Reader::Event::kNeedMore) {
        CHECK(input.empty());
        break;
      }
      if (event == Reader::Event::kError) {
        return all + "error " + std::to_string(reader.close_code());
      }
      switch (event) {
        case Reader::Event::kMessage:
          all += reader.type() == Opcode::kText ? "text " : "binary ";
          break;
        case Reader::Event::kPing:
          all += "ping ";
          break;
        case Reader::Event::kPong:
          all += "pong ";
          break;
        default:
          all += "close " + std::to_string(reader.close_code()) + " ";
      }
      all += payload + ";";
    }
  }
  return all;
}

// The same for every size of pieces, which has to make no difference.
std::string events(const std::string& stream) {
  const std::string whole = events(stream, stream.size());
  for (size_t piece = 1; piece < 20; ++piece) {
    CHECK(events(stream, piece) == whole);
  }
  return whole;
}

}  // namespace

TEST_CASE("ws reader: messages of one frame") {
  CHECK(events(frame(0x81, "Hello") + frame(0x82, "\x01\xff")) == "text Hello;binary \x01\xff;");
  CHECK(events(frame(0x81, "") + frame(0x82, "")) == "text ;binary ;");
  const std::string longer(300, 'x');
  CHECK(events(frame(0x81, longer)) == "text " + longer + ";");
  const std::string long_message(70000, 'y');
  CHECK(events(frame(0x82, long_message), 1000, Role::kServer, 70000) ==
        "binary " + long_message + ";");
}

TEST_CASE("ws reader: the examples of the RFC") {
  CHECK(events("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58") == "text Hello;");
  CHECK(events("\x81\x05\x48\x65\x6c\x6c\x6f", 2, Role::kClient) == "text Hello;");
}

TEST_CASE("ws reader: fragments with control frames between them") {
  CHECK(events(frame(0x01, "Hel") + frame(0x89, "p") + frame(0x00, "") + frame(0x8a, "q") +
               frame(0x80, "lo") + frame(0x82, "next")) == "ping p;pong q;text Hello;binary next;");
}

TEST_CASE("ws reader: close frames") {
  CHECK(events(frame(0x88, "")) == "close 0 ;");
  CHECK(events(frame(0x88, close_payload(1000))) == "close 1000 ;");
  CHECK(events(frame(0x01, "a") + frame(0x88, close_payload(4999, "bye \xc3\xa4"))) ==
        "close 4999 bye \xc3\xa4;");
  CHECK(events(frame(0x88, "x")) == "error 1002");
  CHECK(events(frame(0x88, close_payload(999))) == "error 1002");
  CHECK(events(frame(0x88, close_payload(1006))) == "error 1002");
  CHECK(events(frame(0x88, close_payload(1000, "\xc3"))) == "error 1007");
}

TEST_CASE("ws reader: what breaks the protocol") {
  CHECK(events(frame(0x81, "unmasked", false)) == "error 1002");
  CHECK(events(frame(0x81, "masked", true), 3, Role::kClient) == "error 1002");
  CHECK(events(frame(0x80, "nothing to continue")) == "error 1002");
  CHECK(events(frame(0x01, "a") + frame(0x81, "b")) == "error 1002");
  CHECK(events(frame(0xc1, "reserved bit")) == "error 1002");
  CHECK(events(frame(0x83, "opcode")) == "error 1002");
  CHECK(events(frame(0x09, "ping in parts")) == "error 1002");
  CHECK(events(frame(0x89, std::string(126, 'p'))) == "error 1002");
  CHECK(events(frame(0x89, "fine") + frame(0x8b, "bad") + frame(0x81, "unseen")) ==
        "ping fine;error 1002");
}

TEST_CASE("ws reader: text has to be UTF-8 and binary not") {
  CHECK(events(frame(0x81, "\xce\xba")) == "text \xce\xba;");
  CHECK(events(frame(0x01, "\xce") + frame(0x89, "") + frame(0x80, "\xba")) ==
        "ping ;text \xce\xba;");
  CHECK(events(frame(0x81, "\xce")) == "error 1007");
  CHECK(events(frame(0x81, "\xff")) == "error 1007");
  CHECK(events(frame(0x01, "\xce") + frame(0x80, "x")) == "error 1007");
  CHECK(events(frame(0x82, "\xce") + frame(0x81, "ok")) == "binary \xce;text ok;");
  // What is not text is told at once, without waiting for the rest.
  const std::string begun = frame(0x81, "\xff" + std::string(100, 'x')).substr(0, 7);
  CHECK(events(begun) == "error 1007");
}

TEST_CASE("ws reader: messages have a limit also in fragments") {
  CHECK(events(frame(0x82, std::string(1000, 'x'))).size() == 1008);
  CHECK(events(frame(0x82, std::string(1001, 'x'))) == "error 1009");
  CHECK(events(frame(0x02, std::string(600, 'x')) + frame(0x80, std::string(401, 'x'))) ==
        "error 1009");
  // The length alone is enough.
  CHECK(events("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff"
               "mask") == "error 1009");
  CHECK(events(frame(0x82, "a"), 1, Role::kServer, 0) == "error 1009");
  CHECK(events(frame(0x82, ""), 1, Role::kServer, 0) == "binary ;");
}
