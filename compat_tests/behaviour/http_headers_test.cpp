// evhttp_add_header, evhttp_find_header, evhttp_remove_header, evhttp_clear_headers
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <sys/queue.h>

#include <cstring>
#include <string>
#include <vector>

#include "support.h"
#include "tracked_memory.h"

namespace {

struct Headers {
  Headers() { TAILQ_INIT(&list); }
  ~Headers() { evhttp_clear_headers(&list); }
  Headers(const Headers&) = delete;
  Headers& operator=(const Headers&) = delete;

  int add(const char* key, const char* value) { return evhttp_add_header(&list, key, value); }
  const char* find(const char* key) const { return evhttp_find_header(&list, key); }
  int remove(const char* key) { return evhttp_remove_header(&list, key); }

  // All pairs as text, by the macros that programs use.
  std::string text() const {
    std::string all;
    const evkeyval* pair = nullptr;
    TAILQ_FOREACH(pair, &list, next) { all += std::string(pair->key) + "=" + pair->value + ";"; }
    return all;
  }

  evkeyvalq list;
};

}  // namespace

TEST_CASE("http headers: pairs stay in the order in which they were added") {
  Headers headers;
  CHECK(headers.add("Host", "example.com") == 0);
  CHECK(headers.add("Cookie", "a") == 0);
  CHECK(headers.add("COOKIE", "b") == 0);
  CHECK(headers.add("Empty", "") == 0);
  CHECK(headers.text() == "Host=example.com;Cookie=a;COOKIE=b;Empty=;");
}

TEST_CASE("http headers: strings are copied as they are") {
  Headers headers;
  char key[] = "Key";
  char value[] = "value";
  CHECK(headers.add(key, value) == 0);
  std::memset(key, 'x', 3);
  std::memset(value, 'x', 5);
  CHECK(headers.add("", "no name") == 0);
  CHECK(headers.add("a b:", " \t blanks stay \t ") == 0);
  CHECK(headers.add("\x01\xc3\xa4", "\x7f\x01\xff") == 0);
  CHECK(headers.text() == "Key=value;=no name;a b:= \t blanks stay \t ;\x01\xc3\xa4=\x7f\x01\xff;");
  const std::string long_text(100000, 'v');
  CHECK(headers.add(long_text.c_str(), long_text.c_str()) == 0);
  CHECK(headers.find(long_text.c_str()) == long_text);
}

TEST_CASE("http headers: the first of a name is found whatever its case") {
  Headers headers;
  CHECK(headers.find("none") == nullptr);
  headers.add("Content-Type", "text/plain");
  headers.add("content-type", "text/html");
  headers.add("", "nameless");
  headers.add("\xc4", "upper");
  CHECK(headers.find("CONTENT-TYPE") == std::string("text/plain"));
  CHECK(headers.find("Content-Typ") == nullptr);
  CHECK(headers.find("Content-Type2") == nullptr);
  CHECK(headers.find("") == std::string("nameless"));
  // Bytes that are not ASCII have no case: these are A umlaut in Latin-1.
  CHECK(headers.find("\xe4") == nullptr);
  // Neither have the neighbours of the letters.
  headers.add("[@", "brackets");
  CHECK(headers.find("{`") == nullptr);
  // The pointer leads to the pair's own value.
  CHECK(headers.find("content-type") == TAILQ_FIRST(&headers.list)->value);
}

TEST_CASE("http headers: removal takes the first of a name") {
  Headers headers;
  CHECK(headers.remove("a") == -1);
  headers.add("a", "1");
  headers.add("b", "2");
  headers.add("A", "3");
  CHECK(headers.remove("A") == 0);
  CHECK(headers.text() == "b=2;A=3;");
  CHECK(headers.remove("c") == -1);
  // The last one: what is added next has to follow what is left.
  CHECK(headers.remove("a") == 0);
  CHECK(headers.remove("a") == -1);
  headers.add("c", "4");
  CHECK(headers.text() == "b=2;c=4;");
  CHECK(headers.remove("b") == 0);
  CHECK(headers.remove("c") == 0);
  CHECK(TAILQ_EMPTY(&headers.list));
  headers.add("d", "5");
  CHECK(headers.text() == "d=5;");
}

TEST_CASE("http headers: a cleared list can be used again") {
  Headers headers;
  evhttp_clear_headers(&headers.list);
  headers.add("a", "1");
  headers.add("b", "2");
  evhttp_clear_headers(&headers.list);
  CHECK(TAILQ_EMPTY(&headers.list));
  CHECK(headers.find("a") == nullptr);
  headers.add("c", "3");
  CHECK(headers.text() == "c=3;");
}

TEST_CASE("http headers: a line break is refused anywhere") {
  Headers headers;
  const std::vector<const char*> broken = {"\r",     "\n",     "a\r",     "\nb",       "a\r\nb",
                                           "a\nb",   "a\rb",   "a\r\n b", "a\n b",     "a\r\n\tb",
                                           "\r\n b", "a\r\n ", "a\r b",   "a\n\tb\nc", "a\r\n\r\n"};
  for (const char* text : broken) {
    CAPTURE(text);
    CHECK(headers.add(text, "value") == -1);
    CHECK(headers.add("Key", text) == -1);
  }
  CHECK(TAILQ_EMPTY(&headers.list));
}

TEST_CASE("http headers: a pair without memory is not added") {
  const event_cases::TrackedMemory memory;
  evkeyvalq list;
  TAILQ_INIT(&list);
  REQUIRE(evhttp_add_header(&list, "a", "1") == 0);
  for (long n = 0;; ++n) {
    memory.fail_after(n);
    const int result = evhttp_add_header(&list, "b", "2");
    memory.never_fail();
    if (result == 0) {
      CHECK(n > 0);
      break;
    }
    CHECK(result == -1);
    CHECK(TAILQ_NEXT(TAILQ_FIRST(&list), next) == nullptr);
  }
  CHECK(evhttp_find_header(&list, "b") == std::string("2"));
  evhttp_clear_headers(&list);
  CHECK(memory.live() == 0);
  CHECK(memory.strangers() == 0);
}
