// evhttp_parse_query, evhttp_parse_query_str, evhttp_parse_query_str_flags
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <sys/queue.h>

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "support.h"
#include "tracked_memory.h"

namespace {

using Parse = std::function<int(const char*, evkeyvalq*)>;

// The arguments as [name=value] each, or "malformed".
std::string arguments(const Parse& parse, const std::string& text) {
  evkeyvalq list;
  std::memset(&list, 0x5a, sizeof list);  // a list needs no preparation
  const int result = parse(text.c_str(), &list);
  std::string all;
  const evkeyval* pair = nullptr;
  TAILQ_FOREACH(pair, &list, next) {
    all += std::string("[") + pair->key + "=" + pair->value + "]";
  }
  if (result != 0) {
    CHECK(result == -1);
    CHECK(all.empty());
    all = "malformed";
  }
  evhttp_clear_headers(&list);
  return all;
}

struct Row {
  std::string text;
  std::string expected;
};

void check_rows(const Parse& parse, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(arguments(parse, row.text) == row.expected);
  }
}

}  // namespace

TEST_CASE("http query: arguments of a query string") {
  check_rows(evhttp_parse_query_str, {
                                         {"", ""},
                                         {"a=b", "[a=b]"},
                                         {"q=test&s=some+thing", "[q=test][s=some thing]"},
                                         {"a=", "[a=]"},
                                         {"a=&b=", "[a=][b=]"},
                                         {"a==b", "[a==b]"},
                                         {"a=b=c", "[a=b=c]"},
                                         {"a=b&", "[a=b]"},
                                         {"a=1&A=2&a=3", "[a=1][A=2][a=3]"},
                                         {"a=b;c=d", "[a=b;c=d]"},
                                         {"?a=b?#c", "[?a=b?#c]"},
                                         {"a[]=1", "[a[]=1]"},
                                     });
}

TEST_CASE("http query: values are decoded and names are not") {
  check_rows(evhttp_parse_query_str, {
                                         {"a%41=b%41", "[a%41=bA]"},
                                         {"a+b=c+d%2b", "[a+b=c d+]"},
                                         {"a%3db=%26%3d", "[a%3db=&=]"},
                                         {"a=%&b=%4&c=%zz", "[a=%][b=%4][c=%zz]"},
                                         {"a=x%00y", "[a=x]"},
                                         {"%00=%0d%0a", "[%00=\r\n]"},
                                         {"a\nb=\r\n\xff\x01", "[a\nb=\r\n\xff\x01]"},
                                     });
}

TEST_CASE("http query: malformed query strings") {
  for (const char* text : {"a", "a&b=c", "a=b&c", "a=b&c&d=e", "=", "=b", "a=b&=", "a=b&=c", "&",
                           "&a=b", "a=b&&c=d", "a=b&&", "&&"}) {
    CAPTURE(text);
    CHECK(arguments(evhttp_parse_query_str, text) == "malformed");
  }
}

TEST_CASE("http query: the query of a URI") {
  check_rows(evhttp_parse_query, {
                                     {"", ""},
                                     {"/", ""},
                                     {"a=b", ""},
                                     {"?", ""},
                                     {"/?", ""},
                                     {"/p#?a=b", ""},
                                     {"?a=b", "[a=b]"},
                                     {"/p?a=b#c", "[a=b]"},
                                     {"/?a=b?c=d&", "[a=b?c=d]"},
                                     {"http://h/p?q=test&s=some+thing", "[q=test][s=some thing]"},
                                     {"//h?x=1", "[x=1]"},
                                     {"http://[::1]:8/?a=b", "[a=b]"},
                                     {"?a", "malformed"},
                                     {"?=", "malformed"},
                                     {"/p?a=b&c", "malformed"},
                                     {"/ ?a=b", "malformed"},
                                     {"/%?a=b", "malformed"},
                                     {"/?a b=c", "malformed"},
                                     {"/?a=%zz", "malformed"},
                                     {"/?a=|", "malformed"},
                                     {"/?a[]=b", "malformed"},
                                     {"/?a=\xc3\xa4", "malformed"},
                                     {"http://h:99999/?a=b", "malformed"},
                                     {"1:b?a=b", "malformed"},
                                 });
}

TEST_CASE("http query: many and long arguments") {
  std::string text;
  std::string expected;
  for (int i = 0; i < 2000; ++i) {
    text += (i == 0 ? "n" : "&n") + std::to_string(i) + "=" + std::to_string(i);
    expected += "[n" + std::to_string(i) + "=" + std::to_string(i) + "]";
  }
  CHECK(arguments(evhttp_parse_query_str, text) == expected);
  const std::string long_value(200000, 'v');
  CHECK(arguments(evhttp_parse_query_str, "a=" + long_value) == "[a=" + long_value + "]");
}

TEST_CASE("http query: flags") {
  INTENDED_DIFFERENCE("evhttp_parse_query_str_flags came with libevent 2.2");
  const auto with = [](unsigned flags) {
    return [flags](const char* text, evkeyvalq* list) {
      return evhttp_parse_query_str_flags(text, list, flags);
    };
  };
  check_rows(with(0), {{"a=1&a=2", "[a=1][a=2]"}, {"a", "malformed"}, {"=b", "malformed"}});
  check_rows(with(EVHTTP_URI_QUERY_NONCONFORMANT), {
                                                       {"", ""},
                                                       {"a", "[a=]"},
                                                       {"a&b=c&d", "[a=][b=c][d=]"},
                                                       {"=b", ""},
                                                       {"&&a=1&&=&b=2&", "[a=1][b=2]"},
                                                       {"a=%zz&a=+", "[a=%zz][a= ]"},
                                                   });
  check_rows(with(EVHTTP_URI_QUERY_LAST_VAL), {
                                                  {"a=1&b=2&a=3", "[b=2][a=3]"},
                                                  {"a=1&A=2&a=3", "[a=3]"},
                                                  {"a=1&a=2&a=3&b=", "[a=3][b=]"},
                                                  {"a=1&a", "malformed"},
                                              });
  check_rows(with(EVHTTP_URI_QUERY_NONCONFORMANT | EVHTTP_URI_QUERY_LAST_VAL),
             {{"a=1&&b&a", "[b=][a=]"}});
}

TEST_CASE("http query: without memory the list is empty") {
  const event_cases::TrackedMemory memory;
  for (const Parse& parse : {Parse(evhttp_parse_query_str), Parse(evhttp_parse_query)}) {
    for (long n = 0;; ++n) {
      evkeyvalq list;
      memory.fail_after(n);
      const int result = parse("?a=1&b=2&c=3", &list);
      memory.never_fail();
      CHECK(result == (memory.failures() == 0 ? 0 : -1));
      CHECK(TAILQ_EMPTY(&list) == (result != 0));
      evhttp_clear_headers(&list);
      CHECK(memory.live() == 0);
      if (result == 0) {
        break;
      }
    }
  }
}
