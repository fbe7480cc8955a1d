#include <catch2/catch.hpp>
#include <climits>
#include <clocale>
#include <cstring>
#include <string>

#include "util/ascii.h"
#include "util/date.h"
#include "util/monotonic.h"
#include "util/text.h"

using namespace relevent;
using namespace relevent::util;

TEST_CASE("util: character classes are those of ASCII in the C locale") {
  std::setlocale(LC_ALL, "C");
  for (int i = CHAR_MIN; i <= CHAR_MAX; ++i) {
    const auto c = static_cast<char>(i);
    const bool ascii = i >= 0 && i < 128;
    CAPTURE(i);
    CHECK(is_digit(c) == (ascii && std::isdigit(i) != 0));
    CHECK(is_alpha(c) == (ascii && std::isalpha(i) != 0));
    CHECK(is_alnum(c) == (ascii && std::isalnum(i) != 0));
    CHECK(is_space(c) == (ascii && std::isspace(i) != 0));
    CHECK(is_print(c) == (ascii && std::isprint(i) != 0));
    CHECK(is_hex_digit(c) == (ascii && std::isxdigit(i) != 0));
    CHECK(to_lower(c) == (ascii ? static_cast<char>(std::tolower(i)) : c));
    CHECK(to_upper(c) == (ascii ? static_cast<char>(std::toupper(i)) : c));
  }
  CHECK(hex_value('0') == 0);
  CHECK(hex_value('a') == 10);
  CHECK(hex_value('F') == 15);
  CHECK(hex_value('g') == -1);
}

TEST_CASE("util: a limited comparison reads no further than its limit") {
  const char a[3] = {'a', 'b', 'c'};
  const char b[3] = {'A', 'B', 'C'};
  CHECK(compare_ignore_case(a, b, 3) == 0);
  CHECK(compare_ignore_case(a, b, 0) == 0);
}

TEST_CASE("util: a format that cannot be carried out gives an empty text") {
  char out[8] = "before";
  std::setlocale(LC_ALL, "C");  // which has no such character
  CHECK(format_text(out, sizeof out, "ab%ls", L"\u1234") == -1);
  CHECK(std::string(out).empty());
}

TEST_CASE("util: a room that claims to be enormous is written no further than the text") {
  char out[4] = "ZZZ";
  CHECK(format_text(out, static_cast<std::size_t>(INT_MAX) + 1, "a") == 1);
  CHECK(std::string(out) == "a");
  CHECK(out[2] == 'Z');
}

TEST_CASE("util: dates without a name for day or month are refused") {
  char out[64] = "before";
  std::tm time{};
  time.tm_wday = 7;
  CHECK(format_rfc1123(out, sizeof out, &time) == -1);
  CHECK(std::string(out).empty());
  time.tm_wday = 0;
  time.tm_mon = -1;
  CHECK(format_rfc1123(out, sizeof out, &time) == -1);
  CHECK(format_rfc1123(nullptr, 0, &time) == -1);
  time.tm_mon = 0;
  time.tm_year = INT_MAX;
  CHECK(format_rfc1123(out, sizeof out, &time) == 35);
  CHECK(std::string(out) == "Sun, 00 Jan 2147485547 00:00:00 GMT");
}

TEST_CASE("util: a timer over the wall clock holds while that goes back") {
  MonotonicTimer timer;
  CHECK(timer.from_wall_clock(1000) == 1000);
  CHECK(timer.from_wall_clock(400) == 1000);
  CHECK(timer.from_wall_clock(450) == 1050);
  CHECK(timer.from_wall_clock(2000) == 2600);
  CHECK(timer.from_wall_clock(0) == 2600);
  timer.configure(MonotonicTimer::Source::kWallClock);
  CHECK(timer.from_wall_clock(10) == 10);
}
