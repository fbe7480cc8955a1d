#include "dns/name.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace relevent::dns {
namespace {

Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// The name at this offset and what follows it; "bad" if there is none.
std::string read_at(const std::string& message, std::size_t offset, std::size_t after = 0) {
  Reader reader(bytes_of(message));
  reader.seek(offset);
  NameText name;
  if (!read_name(reader, name)) {
    return "bad";
  }
  CHECK(name.length == std::strlen(name.text));
  CHECK(reader.ok());
  if (after != 0) {
    CHECK(reader.offset() == after);
  }
  return name.text;
}

std::string written(const char* text, NameTable* table = nullptr) {
  std::uint8_t room[300];
  Writer writer(room);
  return write_name(writer, text, table)
             ? std::string(reinterpret_cast<const char*>(room), writer.size())
             : "bad";
}

std::string label(std::size_t length, char c = 'a') {
  return static_cast<char>(length) + std::string(length, c);
}

TEST_CASE("dns: names are read with their pointers") {
  const std::string message("\1a\2bc\0\1d\xc0\2\xc0\6", 12);
  CHECK(read_at(message, 0, 6) == "a.bc");
  CHECK(read_at(message, 5, 6).empty());
  CHECK(read_at(message, 6, 10) == "d.bc");
  CHECK(read_at(message, 10, 12) == "d.bc");
}

TEST_CASE("dns: pointers may only lead backwards") {
  CHECK(read_at(std::string("\xc0\0", 2), 0) == "bad");        // at itself
  CHECK(read_at(std::string("\xc0\2\0", 3), 0) == "bad");      // forward
  CHECK(read_at(std::string("\1a\xc0\0", 4), 0) == "bad");     // a loop through a label
  CHECK(read_at(std::string("\xc0\2\xc0\0", 4), 2) == "bad");  // a loop of two
  CHECK(read_at(std::string("\1a\xc0\xff", 4), 0) == "bad");   // past the end
  CHECK(read_at(std::string("\1a\xc0", 3), 0) == "bad");       // half a pointer
}

TEST_CASE("dns: names that do not end are refused") {
  CHECK(read_at("", 0) == "bad");
  CHECK(read_at("\1", 0) == "bad");
  CHECK(read_at("\1a", 0) == "bad");
  CHECK(read_at("\77abc", 0) == "bad");
  CHECK(read_at(std::string("\100a\0", 3), 0) == "bad");  // a kind of label that does not exist
  CHECK(read_at(std::string("\2a\0\0", 4), 0) == "bad");  // a NUL in a label
}

TEST_CASE("dns: a message of 65536 bytes may end in a name") {
  const std::string filler(65536 - 5, 'x');
  CHECK(read_at(filler + std::string("\3end\0", 5), filler.size(), 65536) == "end");
  CHECK(read_at(filler + "\3end\3", filler.size()) == "bad");
  CHECK(read_at(filler + "\3end\xc0", filler.size()) == "bad");
}

TEST_CASE("dns: names have 255 bytes at most") {
  const std::string most = label(63) + label(63) + label(63) + label(61) + '\0';
  REQUIRE(most.size() == kMaxNameOnWire);
  const std::string text = read_at(most, 0);
  CHECK(text.size() == 253);
  CHECK(written(text.c_str()) == most);
  CHECK(written((text + ".").c_str()) == most);
  CHECK(written((text + "b").c_str()) == "bad");
  CHECK(read_at(label(63) + label(63) + label(63) + label(62) + '\0', 0) == "bad");
  CHECK(written(std::string(63, 'x').c_str()) == label(63, 'x') + '\0');
  CHECK(written(std::string(64, 'x').c_str()) == "bad");
}

TEST_CASE("dns: names are written without empty labels") {
  CHECK(written("") == std::string(1, '\0'));
  CHECK(written(".") == std::string(1, '\0'));
  CHECK(written("a.b.") == std::string("\1a\1b\0", 5));
  for (const char* text : {"a..b", ".a", "..", "a.."}) {
    CHECK(written(text) == "bad");
  }
}

TEST_CASE("dns: the end of a name that was written before becomes a pointer") {
  std::uint8_t room[64];
  Writer writer(room);
  NameTable table;
  REQUIRE(write_name(writer, "x", &table));  // at 0, where no pointer can lead
  for (const char* text : {"www.example", "ftp.example", "www.example", "example", "EXAMPLE"}) {
    REQUIRE(write_name(writer, text, &table));
  }
  CHECK(std::string(reinterpret_cast<char*>(room), writer.size()) ==
        std::string("\1x\0\3www\7example\0\3ftp\xc0\7\xc0\3\xc0\7\7EXAMPLE\0", 35));
  table.forget_from(7);
  CHECK(table.find("example") == 0);
}

TEST_CASE("dns: what does not fit is not written") {
  std::uint8_t room[4];
  Writer writer(room);
  CHECK_FALSE(write_name(writer, "abc"));
  writer.rewind(0);
  CHECK(write_name(writer, "ab"));
  CHECK(writer.size() == 4);
}

}  // namespace
}  // namespace relevent::dns
