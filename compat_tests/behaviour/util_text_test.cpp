// evutil's text: comparing, formatting, numbers, dates.
#include <cerrno>
#include <climits>
#include <clocale>
#include <cstdarg>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <string>

#include "support.h"

namespace {

// A locale with rules of its own for letters, if there is one.
void use_some_locale() {
  for (const char* const name : {"tr_TR.UTF-8", "tr_TR.ISO-8859-9", "de_DE.UTF-8", "fr_FR.UTF-8",
                                 "en_US.UTF-8", "C.UTF-8"}) {
    if (std::setlocale(LC_ALL, name) != nullptr) {
      return;
    }
  }
}

int format_v(char* out, std::size_t size, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  const int length = evutil_vsnprintf(out, size, format, arguments);
  va_end(arguments);
  return length;
}

std::tm sample() {
  std::tm time{};
  time.tm_year = 94;
  time.tm_mon = 10;
  time.tm_mday = 6;
  time.tm_hour = 8;
  time.tm_min = 49;
  time.tm_sec = 37;
  return time;
}

std::string date(const std::tm& time) {
  char out[64];
  const int length = evutil_date_rfc1123(out, sizeof out, &time);
  REQUIRE(length == static_cast<int>(std::strlen(out)));
  return out;
}

}  // namespace

TEST_CASE("evutil_ascii_strcasecmp: ASCII letters in whatever locale") {
  use_some_locale();
  CHECK(evutil_ascii_strcasecmp("", "") == 0);
  CHECK(evutil_ascii_strcasecmp("content-LENGTH", "Content-Length") == 0);
  CHECK(evutil_ascii_strcasecmp("FILE", "file") == 0);
  CHECK(evutil_ascii_strcasecmp("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 0);
  CHECK(evutil_ascii_strcasecmp("abc", "ABD") == -1);
  CHECK(evutil_ascii_strcasecmp("ABD", "abc") == 1);
  CHECK(evutil_ascii_strcasecmp("abc", "ab") == 1);
  CHECK(evutil_ascii_strcasecmp("ab", "abc") == -1);
  CHECK(evutil_ascii_strcasecmp("", "a") == -1);
}

TEST_CASE("evutil_ascii_strcasecmp: what is no ASCII letter has no case") {
  use_some_locale();
  CHECK(evutil_ascii_strcasecmp("@", "`") == -1);
  CHECK(evutil_ascii_strcasecmp("[", "{") == -1);
  CHECK(evutil_ascii_strcasecmp("Z", "[") == 1);
  CHECK(evutil_ascii_strcasecmp("A", "_") == 1);
  CHECK(evutil_ascii_strcasecmp("\xe9", "\xc9") == 1);
  CHECK(evutil_ascii_strcasecmp("\xc3\xa9", "\xc3\x89") == 1);
  CHECK(evutil_ascii_strcasecmp("\xff", "a") == -1);
  CHECK(evutil_ascii_strcasecmp("\x80", "\x7f") == -1);
}

TEST_CASE("evutil_ascii_strncasecmp: no further than the limit or the end") {
  CHECK(evutil_ascii_strncasecmp("abcX", "ABCY", 3) == 0);
  CHECK(evutil_ascii_strncasecmp("abcX", "ABCY", 4) == -1);
  CHECK(evutil_ascii_strncasecmp("abd", "ABC", 4) == 1);
  CHECK(evutil_ascii_strncasecmp("x", "y", 0) == 0);
  CHECK(evutil_ascii_strncasecmp("ab", "AB", SIZE_MAX) == 0);
  CHECK(evutil_ascii_strncasecmp("ab", "abc", 2) == 0);
  CHECK(evutil_ascii_strncasecmp("ab", "abc", 3) == -1);
  CHECK(evutil_ascii_strncasecmp("", "a", 1) == -1);
  const char same[2] = {'a', 'b'};
  CHECK(evutil_ascii_strncasecmp(same, "AB", 2) == 0);
}

TEST_CASE("evutil_snprintf: always terminated, and returns the whole length") {
  char out[16];
  for (std::size_t size = 1; size < sizeof out; ++size) {
    std::memset(out, 'Z', sizeof out);
    CHECK(evutil_snprintf(out, size, "%s-%d", "hello", 42) == 8);
    CHECK(std::string(out) == std::string("hello-42").substr(0, size - 1));
    CHECK(out[size] == 'Z');
    std::memset(out, 'Z', sizeof out);
    CHECK(format_v(out, size, "%s-%d", "hello", 42) == 8);
    CHECK(std::string(out) == std::string("hello-42").substr(0, size - 1));
  }
}

TEST_CASE("evutil_snprintf: no room gives 0 and touches nothing") {
  char out[1] = {'Z'};
  CHECK(evutil_snprintf(out, 0, "hello") == 0);
  CHECK(format_v(out, 0, "hello") == 0);
  CHECK(out[0] == 'Z');
  CHECK(evutil_snprintf(nullptr, 0, "hello") == 0);
}

TEST_CASE("evutil_snprintf: failure is negative, and the buffer a string") {
  char out[16];
  std::memset(out, 'Z', sizeof out);
  std::setlocale(LC_ALL, "C");  // which has no such character
  CHECK(evutil_snprintf(out, sizeof out, "ab%ls", L"\u1234") < 0);
  CHECK(std::memchr(out, '\0', sizeof out) != nullptr);
}

TEST_CASE("evutil_snprintf: an absurd size is taken for what it says") {
  INTENDED_DIFFERENCE("the reference writes an end mark into the last byte of the claimed size");
  char out[8];
  CHECK(evutil_snprintf(out, static_cast<std::size_t>(INT_MAX) + 1, "hi") == 2);
  CHECK(std::string(out) == "hi");
  CHECK(format_v(out, SIZE_MAX / 2, "ho") == 2);
  CHECK(std::string(out) == "ho");
}

TEST_CASE("evutil_strtoll: values, ends and limits") {
  struct {
    const char* text;
    int base;
    ev_int64_t value;
    int end;
    int error;
  } const cases[] = {
      {"123", 10, 123, 3, 0},
      {"-123", 10, -123, 4, 0},
      {"+5", 10, 5, 2, 0},
      {" \t123x", 10, 123, 5, 0},
      {"9223372036854775807", 10, INT64_MAX, 19, 0},
      {"9223372036854775808", 10, INT64_MAX, 19, ERANGE},
      {"-9223372036854775808", 10, INT64_MIN, 20, 0},
      {"-9223372036854775809", 10, INT64_MIN, 20, ERANGE},
      {"18446744073709551615", 10, INT64_MAX, 20, ERANGE},
      {"0x1f", 16, 31, 4, 0},
      {"1f", 16, 31, 2, 0},
      {"0x1f", 0, 31, 4, 0},
      {"077", 0, 63, 3, 0},
      {"77", 8, 63, 2, 0},
      {"0x", 16, 0, 1, 0},
      {"zz", 36, 1295, 2, 0},
      {"", 10, 0, 0, 0},
      {"x", 10, 0, 0, 0},
      {"--5", 10, 0, 0, 0},
      {"   ", 10, 0, 0, 0},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text, c.base);
    char* end = nullptr;
    errno = 0;
    CHECK(evutil_strtoll(c.text, &end, c.base) == c.value);
    CHECK(errno == c.error);
    CHECK(end - c.text == c.end);
  }
  CHECK(evutil_strtoll("12", nullptr, 10) == 12);
}

TEST_CASE("evutil_strtoll: a base that does not exist") {
  for (const int base : {1, 37, -1}) {
    errno = 0;
    CHECK(evutil_strtoll("1", nullptr, base) == 0);
    CHECK(errno == EINVAL);
  }
}

TEST_CASE("evutil_date_rfc1123: the date of the RFC, whatever the locale") {
  use_some_locale();
  CHECK(date(sample()) == "Sun, 06 Nov 1994 08:49:37 GMT");
  const char* const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const char* const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm time = sample();
  for (int i = 0; i < 12; ++i) {
    time.tm_mon = i;
    time.tm_wday = i % 7;
    CHECK(date(time) == std::string(days[i % 7]) + ", 06 " + months[i] + " 1994 08:49:37 GMT");
  }
}

TEST_CASE("evutil_date_rfc1123: years and numbers that are out of the ordinary") {
  std::tm time = sample();
  time.tm_year = 10000 - 1900;
  CHECK(date(time) == "Sun, 06 Nov 10000 08:49:37 GMT");
  time.tm_year = -1900;
  CHECK(date(time) == "Sun, 06 Nov    0 08:49:37 GMT");
  time.tm_year = 100;
  time.tm_mday = 100;
  time.tm_hour = -5;
  time.tm_sec = 61;
  CHECK(date(time) == "Sun, 100 Nov 2000 -5:49:61 GMT");
}

TEST_CASE("evutil_date_rfc1123: cut off at the end of the room") {
  const std::tm time = sample();
  const std::string whole = "Sun, 06 Nov 1994 08:49:37 GMT";
  char out[40];
  for (std::size_t size = 1; size < 35; ++size) {
    std::memset(out, 'Z', sizeof out);
    CHECK(evutil_date_rfc1123(out, size, &time) == 29);
    CHECK(std::string(out) == whole.substr(0, size - 1));
    CHECK(out[size] == 'Z');
  }
  out[0] = 'Z';
  CHECK(evutil_date_rfc1123(out, 0, &time) == 0);
  CHECK(out[0] == 'Z');
}

TEST_CASE("evutil_date_rfc1123: without a time it is now, in UTC") {
  ::setenv("TZ", "America/New_York", 1);
  ::tzset();
  char out[64];
  // The second may change between the two clocks; then the third reading decides.
  std::string expected;
  std::string seen;
  for (int attempt = 0; attempt < 10; ++attempt) {
    const std::time_t before = std::time(nullptr);
    REQUIRE(evutil_date_rfc1123(out, sizeof out, nullptr) == 29);
    seen = out;
    std::tm utc{};
    ::gmtime_r(&before, &utc);
    expected = date(utc);
    if (seen == expected) {
      break;
    }
  }
  CHECK(seen == expected);
}

TEST_CASE("evutil_date_rfc1123: a day or month without a name is refused") {
  INTENDED_DIFFERENCE("the reference reads behind its tables of names");
  char out[64] = "before";
  std::tm time = sample();
  time.tm_wday = 7;
  CHECK(evutil_date_rfc1123(out, sizeof out, &time) == -1);
  CHECK(std::string(out).empty());
  time = sample();
  time.tm_mon = 12;
  CHECK(evutil_date_rfc1123(out, sizeof out, &time) == -1);
  time.tm_mon = -1;
  CHECK(evutil_date_rfc1123(out, sizeof out, &time) == -1);
}
