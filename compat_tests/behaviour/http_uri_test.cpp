// evhttp_uri_*
#include <event2/http.h>

#include <climits>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "support.h"
#include "tracked_memory.h"

namespace {

using Uri = std::unique_ptr<evhttp_uri, FreeWith<evhttp_uri_free>>;

Uri parse(const std::string& text, unsigned flags = 0) {
  return Uri(evhttp_uri_parse_with_flags(text.c_str(), flags));
}

void append(std::string& all, const char* name, const char* value) {
  if (value != nullptr) {
    all += std::string(all.empty() ? "" : " ") + name + "[" + value + "]";
  }
}

// The parts that are there, or "malformed".
std::string parts(const Uri& uri) {
  if (!uri) {
    return "malformed";
  }
  std::string all;
  append(all, "scheme", evhttp_uri_get_scheme(uri.get()));
  append(all, "userinfo", evhttp_uri_get_userinfo(uri.get()));
  append(all, "host", evhttp_uri_get_host(uri.get()));
  if (evhttp_uri_get_port(uri.get()) != -1) {
    append(all, "port", std::to_string(evhttp_uri_get_port(uri.get())).c_str());
  }
  append(all, "path", evhttp_uri_get_path(uri.get()));
  append(all, "query", evhttp_uri_get_query(uri.get()));
  append(all, "fragment", evhttp_uri_get_fragment(uri.get()));
  return all;
}

// The text, or "cannot be joined".
std::string join(const Uri& uri) {
  char text[1024];
  const char* joined = evhttp_uri_join(uri.get(), text, sizeof text);
  CHECK((joined == nullptr || joined == text));
  return joined == nullptr ? "cannot be joined" : joined;
}

struct Row {
  std::string text;
  std::string expected;
  std::string joined = "";  // if it is not the text
};

void check_rows(const std::vector<Row>& rows, unsigned flags = 0) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Uri uri = parse(row.text, flags);
    CHECK(parts(uri) == row.expected);
    if (uri) {
      CHECK(join(uri) == (row.joined.empty() ? row.text : row.joined));
    }
  }
}

// What a setter refuses behind `beginning`, of all bytes but NUL.
std::string refused(int (*set)(evhttp_uri*, const char*), const std::string& beginning,
                    unsigned flags = 0) {
  const Uri uri(evhttp_uri_new());
  evhttp_uri_set_flags(uri.get(), flags);
  std::string all;
  for (int c = 1; c < 256; ++c) {
    const std::string value = beginning + static_cast<char>(c);
    if (set(uri.get(), value.c_str()) != 0) {
      all += static_cast<char>(c);
    }
  }
  return all;
}

// All bytes but NUL and `allowed`.
std::string all_but(const std::string& allowed) {
  std::string all;
  for (int c = 1; c < 256; ++c) {
    if (allowed.find(static_cast<char>(c)) == std::string::npos) {
      all += static_cast<char>(c);
    }
  }
  return all;
}

const std::string kAlnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const std::string kRegName = kAlnum + "-._~!$&'()*+,;=";

}  // namespace

TEST_CASE("http uri: parts of absolute URIs") {
  check_rows({
      {"http://u:p@h:80/p?q#f",
       "scheme[http] userinfo[u:p] host[h] port[80] path[/p] query[q] fragment[f]"},
      {"HTTP://Host/Path?Query#Frag",
       "scheme[HTTP] host[Host] path[/Path] query[Query] fragment[Frag]"},
      {"http:", "scheme[http] path[]"},
      {"http:/", "scheme[http] path[/]"},
      {"http://", "scheme[http] host[] path[]"},
      {"http:///p", "scheme[http] host[] path[/p]"},
      {"http:////", "scheme[http] host[] path[//]"},
      {"http://h?", "scheme[http] host[h] path[] query[]"},
      {"http://h#", "scheme[http] host[h] path[] fragment[]"},
      {"http://h?#", "scheme[http] host[h] path[] query[] fragment[]"},
      {"http://h:80?q#f", "scheme[http] host[h] port[80] path[] query[q] fragment[f]"},
      {"http:?q", "scheme[http] path[] query[q]"},
      {"http:a//b", "scheme[http] path[a//b]"},
      {"mailto:a@b", "scheme[mailto] path[a@b]"},
      {"urn:x:y?z#w", "scheme[urn] path[x:y] query[z] fragment[w]"},
      {"localhost:80/a", "scheme[localhost] path[80/a]"},
      {"h+-.1:x", "scheme[h+-.1] path[x]"},
  });
}

TEST_CASE("http uri: parts of relative references") {
  check_rows({
      {"", "path[]"},
      {"/", "path[/]"},
      {"*", "path[*]"},
      {"a/b", "path[a/b]"},
      {"./a:b", "path[./a:b]"},
      {"/a//b/../c", "path[/a//b/../c]"},
      {"//h:80/p", "host[h] port[80] path[/p]"},
      {"//", "host[] path[]"},
      {"///", "host[] path[/]"},
      {"//a//b", "host[a] path[//b]"},
      {"?", "path[] query[]"},
      {"#", "path[] fragment[]"},
      {"?q?r/s#f/g?h", "path[] query[q?r/s] fragment[f/g?h]"},
      {"a?b:c", "path[a] query[b:c]"},
      {"/@:b", "path[/@:b]"},
      {"%41", "path[%41]"},
      {"/%00", "path[/%00]"},
  });
}

TEST_CASE("http uri: a colon in the first segment has to end a scheme") {
  for (const char* text : {":", ":x", "1h:x", "+h:x", "-a:b", "h_h:x", "h%41:x", "a;b:c", "[::1]",
                           ":80", " http://h", "\xc3\xa4:x"}) {
    CAPTURE(text);
    CHECK(parts(parse(text)) == "malformed");
    CHECK(parts(parse(text, EVHTTP_URI_NONCONFORMANT)) == "malformed");
  }
}

TEST_CASE("http uri: user names and hosts") {
  check_rows({
      {"//@", "userinfo[] host[] path[]"},
      {"//@h", "userinfo[] host[h] path[]"},
      {"//u@", "userinfo[u] host[] path[]"},
      {"//u@:80", "userinfo[u] host[] port[80] path[]"},
      {"//u:p:q@h", "userinfo[u:p:q] host[h] path[]"},
      {"//u%40v@h", "userinfo[u%40v] host[h] path[]"},
      {"//a%20b/@c", "host[a%20b] path[/@c]"},
      {"//h?@b", "host[h] path[] query[@b]"},
      {"//a_b~!$&'()*+,;=.-", "host[a_b~!$&'()*+,;=.-] path[]"},
      {"//h%00", "host[h%00] path[]"},
      {"//u@v@h", "malformed"},
      {"//a:b@c:1@d", "malformed"},
      {"//u%4@h", "malformed"},
      {"//u|@h", "malformed"},
      {"//a b", "malformed"},
      {"//a%zz", "malformed"},
      {"//a%2", "malformed"},
      {"//\xc3\xa4", "malformed"},
      {"//a\\b", "malformed"},
      {"//a\r\n", "malformed"},
  });
}

TEST_CASE("http uri: ports") {
  check_rows({
      {"//h:0", "host[h] port[0] path[]"},
      {"//h:65535", "host[h] port[65535] path[]"},
      {"//h:00080", "host[h] port[80] path[]", "//h:80"},
      {"//h:", "host[h] path[]", "//h"},
      {"//h:/p", "host[h] path[/p]", "//h/p"},
      {"//:80", "host[] port[80] path[]"},
      {"//:", "host[] path[]", "//"},
      {"//h:65536", "malformed"},
      {"//h:4294967376", "malformed"},
      {"//h:18446744073709551696", "malformed"},
      {"//h:+80", "malformed"},
      {"//h:-1", "malformed"},
      {"//h: 80", "malformed"},
      {"//h:80a", "malformed"},
      {"//h:80:90", "malformed"},
      {"//h:0x50", "malformed"},
      {"//h:" + std::string(100, '0') + "7", "host[h] port[7] path[]", "//h:7"},
      {"//h:" + std::string(100, '9'), "malformed"},
  });
}

TEST_CASE("http uri: addresses in brackets") {
  check_rows({
      {"//[::1]", "host[[::1]] path[]"},
      {"//u@[::1]:80/", "userinfo[u] host[[::1]] port[80] path[/]"},
      {"//[::1]:", "host[[::1]] path[]", "//[::1]"},
      {"//[1:2:3:4:5:6:7:8]", "host[[1:2:3:4:5:6:7:8]] path[]"},
      {"//[1000:2000:3000:4000:5000:6000:123.123.123.123]",
       "host[[1000:2000:3000:4000:5000:6000:123.123.123.123]] path[]"},
      {"//[v1.a]", "host[[v1.a]] path[]"},
      {"//[v12ef.a:b~!]", "host[[v12ef.a:b~!]] path[]"},
      {"//[v1.]", "host[[v1.]] path[]"},
      {"//[V1.a]", "malformed"},
      {"//[v.a]", "malformed"},
      {"//[vg.a]", "malformed"},
      {"//[v1a]", "malformed"},
      {"//[v1.%41]", "malformed"},
      {"//[v1.@]", "malformed"},
      {"//[]", "malformed"},
      {"//[", "malformed"},
      {"//]", "malformed"},
      {"//[::1", "malformed"},
      {"//::1]", "malformed"},
      {"//::1", "malformed"},
      {"//[::1]a", "malformed"},
      {"//a[::1]", "malformed"},
      {"//[::1]:b", "malformed"},
      {"//[[::1]]", "malformed"},
      {"//[1.2.3.4]", "malformed"},
      {"//[::1.2.3.256]", "malformed"},
      {"//[1:2:3:4:5:6:7:8:9]", "malformed"},
      {"//[::00001]", "malformed"},
      {"//[::g]", "malformed"},
      {"//[::1%25lo]", "malformed"},
      {"//[::1%lo]", "malformed"},
      {"//[" + std::string(100, '0') + "::1]", "malformed"},
  });
}

TEST_CASE("http uri: path and query and fragment may only have certain characters") {
  for (const char* text : {"/a b",  "/a%",        "/a%2",
                           "/a%zz", "/a|b",       "/a\"b",
                           "/<",    "/>",         "/\\",
                           "/^",    "/`",         "/{",
                           "/}",    "/[",         "/]",
                           "/\x80", "/\xc3\xa4",  "/\x01",
                           "/\x7f", "/\t",        "/\r\n",
                           "%4",    "?a b",       "?[]=b",
                           "?%",    "?\x80",      "#a b",
                           "#%4",   "#[",         "#\x80",
                           "#f#",   "http://h/ ", "http://h/\r\nX: y"}) {
    CAPTURE(text);
    CHECK(parts(parse(text)) == "malformed");
    const Uri uri = parse(text, EVHTTP_URI_NONCONFORMANT);
    REQUIRE(uri);
    CHECK(join(uri) == text);
  }
  check_rows({{"/a#f#g", "path[/a] fragment[f#g]"}, {"/%?%#%", "path[/%] query[%] fragment[%]"}},
             EVHTTP_URI_NONCONFORMANT);
}

TEST_CASE("http uri: the tolerant mode does not extend to scheme and authority") {
  for (const char* text : {"http://a b/", "//u|@h", "//h:99999", "//[::g]", "1:x", "//a%"}) {
    CAPTURE(text);
    CHECK(parts(parse(text, EVHTTP_URI_NONCONFORMANT)) == "malformed");
  }
}

TEST_CASE("http uri: unknown flags do no harm") {
  CHECK(parts(parse("/p", 0xfff0)) == "path[/p]");
  CHECK(parts(parse("/a b", 0xfff0)) == "malformed");
}

TEST_CASE("http uri: evhttp_uri_parse is the strict mode") {
  const Uri uri(evhttp_uri_parse("http://h/p"));
  CHECK(parts(uri) == "scheme[http] host[h] path[/p]");
  CHECK(evhttp_uri_parse("/a b") == nullptr);
}

TEST_CASE("http uri: setters take the characters that their part may have") {
  CHECK(refused(evhttp_uri_set_scheme, "") == all_but(kAlnum.substr(0, 52)));
  CHECK(refused(evhttp_uri_set_scheme, "a") == all_but(kAlnum + "+-."));
  CHECK(refused(evhttp_uri_set_userinfo, "a") == all_but(kRegName + ":"));
  CHECK(refused(evhttp_uri_set_host, "a") == all_but(kRegName));
  CHECK(refused(evhttp_uri_set_path, "") == all_but(kRegName + ":@/"));
  CHECK(refused(evhttp_uri_set_query, "a") == all_but(kRegName + ":@/?"));
  CHECK(refused(evhttp_uri_set_fragment, "a") == all_but(kRegName + ":@/?"));

  const unsigned tolerant = EVHTTP_URI_NONCONFORMANT;
  CHECK(refused(evhttp_uri_set_userinfo, "a", tolerant) == all_but(kRegName + ":"));
  CHECK(refused(evhttp_uri_set_host, "a", tolerant) == all_but(kRegName));
  CHECK(refused(evhttp_uri_set_path, "/", tolerant) == "#?");
  CHECK(refused(evhttp_uri_set_query, "a", tolerant) == "#");
  CHECK(refused(evhttp_uri_set_fragment, "a", tolerant).empty());
}

TEST_CASE("http uri: setters refuse what is malformed and leave the URI as it was") {
  const Uri uri = parse("http://u@h:80/p?q#f");
  const std::string before = parts(uri);
  for (const char* value : {"", "1", "a:", "http://", "a%41"}) {
    CHECK(evhttp_uri_set_scheme(uri.get(), value) == -1);
  }
  for (const char* value : {"a@b", "a%", "a%4", "a/b"}) {
    CHECK(evhttp_uri_set_userinfo(uri.get(), value) == -1);
  }
  for (const char* value : {"h:80", "::1", "[::1]:80", "[]", "[", "]", "u@h", "a%4", "[::1%lo]"}) {
    CHECK(evhttp_uri_set_host(uri.get(), value) == -1);
  }
  for (const char* value : {"/a?b", "/a#b", "/a%4", "a b"}) {
    CHECK(evhttp_uri_set_path(uri.get(), value) == -1);
  }
  for (const char* value : {"a#b", "a%4", "a b"}) {
    CHECK(evhttp_uri_set_query(uri.get(), value) == -1);
    CHECK(evhttp_uri_set_fragment(uri.get(), value) == -1);
  }
  CHECK(evhttp_uri_set_port(uri.get(), -2) == -1);
  CHECK(evhttp_uri_set_port(uri.get(), INT_MIN) == -1);
  CHECK(parts(uri) == before);
}

TEST_CASE("http uri: what setters accept") {
  const Uri uri(evhttp_uri_new());
  CHECK(evhttp_uri_set_scheme(uri.get(), "A1+-.") == 0);
  CHECK(evhttp_uri_set_userinfo(uri.get(), "a:b%41") == 0);
  CHECK(evhttp_uri_set_host(uri.get(), "[::1]") == 0);
  CHECK(evhttp_uri_set_port(uri.get(), 0) == 0);
  CHECK(evhttp_uri_set_path(uri.get(), "//a:b%41") == 0);
  CHECK(evhttp_uri_set_query(uri.get(), ":?/@") == 0);
  CHECK(evhttp_uri_set_fragment(uri.get(), "") == 0);
  CHECK(join(uri) == "A1+-.://a:b%41@[::1]:0//a:b%41?:?/@#");

  CHECK(evhttp_uri_set_userinfo(uri.get(), "") == 0);
  CHECK(evhttp_uri_set_host(uri.get(), "") == 0);
  // More than a port can be is not refused.
  CHECK(evhttp_uri_set_port(uri.get(), INT_MAX) == 0);
  CHECK(evhttp_uri_set_path(uri.get(), "") == 0);
  CHECK(join(uri) == "A1+-.://@:2147483647?:?/@#");

  CHECK(evhttp_uri_set_port(uri.get(), -1) == 0);
  CHECK(evhttp_uri_set_scheme(uri.get(), nullptr) == 0);
  CHECK(evhttp_uri_set_userinfo(uri.get(), nullptr) == 0);
  CHECK(evhttp_uri_set_host(uri.get(), nullptr) == 0);
  CHECK(evhttp_uri_set_path(uri.get(), nullptr) == 0);
  CHECK(evhttp_uri_set_query(uri.get(), nullptr) == 0);
  CHECK(evhttp_uri_set_fragment(uri.get(), nullptr) == 0);
  CHECK(parts(uri).empty());
}

TEST_CASE("http uri: a setter copies its value") {
  const Uri uri = parse("http://h/path");
  char host[] = "host";
  CHECK(evhttp_uri_set_host(uri.get(), host) == 0);
  std::memset(host, 'x', 4);
  CHECK(parts(uri) == "scheme[http] host[host] path[/path]");
  const std::string long_text(100000, 'a');
  CHECK(evhttp_uri_set_host(uri.get(), long_text.c_str()) == 0);
  CHECK(evhttp_uri_get_host(uri.get()) == long_text);
}

TEST_CASE("http uri: a setter takes a part of the URI itself") {
  INTENDED_DIFFERENCE("the reference frees the old value of a URI's part before it copies the new");
  const Uri uri = parse("http://h/path?query");
  CHECK(evhttp_uri_set_path(uri.get(), evhttp_uri_get_path(uri.get()) + 1) == 0);
  CHECK(evhttp_uri_set_query(uri.get(), evhttp_uri_get_query(uri.get())) == 0);
  CHECK(evhttp_uri_set_path(uri.get(), evhttp_uri_get_path(uri.get()) + 1) == 0);
  CHECK(parts(uri) == "scheme[http] host[h] path[ath] query[query]");
}

TEST_CASE("http uri: flags go for what is set after them") {
  const Uri uri = parse("/a b", EVHTTP_URI_NONCONFORMANT);
  CHECK(evhttp_uri_set_path(uri.get(), "/c d") == 0);
  evhttp_uri_set_flags(uri.get(), 0);
  CHECK(evhttp_uri_set_path(uri.get(), "/e f") == -1);
  CHECK(parts(uri) == "path[/c d]");
}

TEST_CASE("http uri: a new one has no parts") {
  const Uri uri(evhttp_uri_new());
  CHECK(parts(uri).empty());
  CHECK(evhttp_uri_get_port(uri.get()) == -1);
  CHECK(join(uri).empty());
}

TEST_CASE("http uri: join needs room for the text and the NUL") {
  const Uri uri = parse("http://u@h:80/p?q#f");
  for (size_t size = 0; size < 24; ++size) {
    CAPTURE(size);
    char text[24];
    std::memset(text, 'x', sizeof text);
    const char* joined = evhttp_uri_join(uri.get(), text, size);
    if (size < 20) {
      CHECK(joined == nullptr);
      CHECK(text[0] == 'x');
    } else {
      CHECK(joined == text);
      CHECK(std::string(text) == "http://u@h:80/p?q#f");
    }
  }
}

TEST_CASE("http uri: join leaves out what needs a host") {
  const Uri uri(evhttp_uri_new());
  evhttp_uri_set_userinfo(uri.get(), "u");
  evhttp_uri_set_port(uri.get(), 80);
  CHECK(join(uri).empty());
  evhttp_uri_set_path(uri.get(), "//a");
  CHECK(join(uri) == "//a");
  evhttp_uri_set_host(uri.get(), "");
  CHECK(join(uri) == "//u@:80//a");
}

TEST_CASE("http uri: join refuses a relative path beside a host") {
  const Uri uri = parse("mailto:x");
  CHECK(evhttp_uri_set_host(uri.get(), "h") == 0);
  CHECK(join(uri) == "cannot be joined");
  evhttp_uri_set_path(uri.get(), nullptr);
  CHECK(join(uri) == "mailto://h");
  // What it does not check: that the path looks like a scheme or an authority.
  const Uri relative(evhttp_uri_new());
  evhttp_uri_set_path(relative.get(), "a:b");
  CHECK(join(relative) == "a:b");
}

TEST_CASE("http uri: brackets can be left out of hosts") {
  INTENDED_DIFFERENCE("EVHTTP_URI_HOST_STRIP_BRACKETS came with libevent 2.2");
  const unsigned strip = EVHTTP_URI_HOST_STRIP_BRACKETS;
  check_rows({{"//[::1]:80/p", "host[::1] port[80] path[/p]"},
              {"//u@[v1.x]", "userinfo[u] host[v1.x] path[]"},
              {"//v1.x", "host[v1.x] path[]"},
              {"//[::1", "malformed"},
              {"//::1", "malformed"}},
             strip);
  const Uri uri = parse("//[::1]", strip);
  CHECK(evhttp_uri_set_host(uri.get(), "::2") == -1);
  CHECK(evhttp_uri_set_host(uri.get(), "[::2]") == 0);
  CHECK(evhttp_uri_get_host(uri.get()) == std::string("::2"));
  CHECK(join(uri) == "//[::2]");
  CHECK(evhttp_uri_set_host(uri.get(), "h") == 0);
  CHECK(join(uri) == "//h");
  CHECK(evhttp_uri_set_host(uri.get(), "[::3]") == 0);
  evhttp_uri_set_flags(uri.get(), 0);
  CHECK(join(uri) == "//[::3]");
  CHECK(evhttp_uri_set_host(uri.get(), nullptr) == 0);
  CHECK(join(uri).empty());
  CHECK(evhttp_uri_set_host(uri.get(), "[::4]") == 0);
  CHECK(evhttp_uri_get_host(uri.get()) == std::string("[::4]"));
  CHECK(join(uri) == "//[::4]");
}

TEST_CASE("http uri: sockets of the UNIX domain") {
  INTENDED_DIFFERENCE("EVHTTP_URI_UNIX_SOCKET came with libevent 2.2");
  const unsigned sockets = EVHTTP_URI_UNIX_SOCKET;
  const struct {
    const char* text;
    const char* socket;  // null: the text is malformed
    const char* parts;
  } rows[] = {
      {"http://unix:/run/app.sock:/p?q", "/run/app.sock", "scheme[http] host[] path[/p] query[q]"},
      {"http://unix:/run/app.sock:", "/run/app.sock", "scheme[http] host[] path[]"},
      {"http://unix:app.sock:/", "app.sock", "scheme[http] host[] path[/]"},
      {"//u@unix:/a:#f", "/a", "userinfo[u] host[] path[] fragment[f]"},
      {"//unix:/a:/b:/c", "/a", "host[] path[/b:/c]"},
      {"http://unix:/run/app.sock", nullptr, ""},
      {"http://unix:", nullptr, ""},
      {"http://unix::/p", nullptr, ""},
      {"http://unix:/a?b:/p", nullptr, ""},
      {"http://unix:/a b:/p", nullptr, ""},
      {"http://unix:/a:80", nullptr, ""},
      {"http://unix:/a:p", nullptr, ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const Uri uri = parse(row.text, sockets);
    REQUIRE(static_cast<bool>(uri) == (row.socket != nullptr));
    if (uri) {
      CHECK(evhttp_uri_get_unixsocket(uri.get()) == std::string(row.socket));
      CHECK(parts(uri) == row.parts);
      CHECK(join(uri) == row.text);
    }
  }
  // Other hosts, and all without the flag, are read as ever.
  CHECK(parts(parse("http://unix/p", sockets)) == "scheme[http] host[unix] path[/p]");
  CHECK(parts(parse("unix:/a:/p", sockets)) == "scheme[unix] path[/a:/p]");
  CHECK(parts(parse("//unix:/a:/p")) == "host[unix] path[/a:/p]");
  CHECK(evhttp_uri_get_unixsocket(parse("//h", sockets).get()) == nullptr);
  CHECK(parts(parse("//unix:/a b:/p", sockets | EVHTTP_URI_NONCONFORMANT)) == "host[] path[/p]");

  const Uri uri(evhttp_uri_new());
  CHECK(evhttp_uri_get_unixsocket(uri.get()) == nullptr);
  CHECK(evhttp_uri_set_unixsocket(uri.get(), "/run/a") == 0);
  CHECK(evhttp_uri_set_path(uri.get(), "/p") == 0);
  CHECK(join(uri) == "//unix:/run/a:/p");
  for (const char* value : {"", "a:b", "a?", "a#", "a b"}) {
    CHECK(evhttp_uri_set_unixsocket(uri.get(), value) == -1);
  }
  CHECK(evhttp_uri_get_unixsocket(uri.get()) == std::string("/run/a"));
  CHECK(evhttp_uri_set_path(uri.get(), "p") == 0);
  CHECK(join(uri) == "cannot be joined");
  CHECK(evhttp_uri_set_unixsocket(uri.get(), nullptr) == 0);
  CHECK(join(uri) == "p");
}

TEST_CASE("http uri: parsing without memory") {
  const event_cases::TrackedMemory memory;
  bool parsed = false;
  for (long n = 0; !parsed; ++n) {
    memory.fail_after(n);
    const Uri uri = parse("http://u@h:80/p?q#f");
    memory.never_fail();
    parsed = static_cast<bool>(uri);
    CHECK(parsed == (memory.failures() == 0));
  }
  memory.fail_after(0, true);
  CHECK(evhttp_uri_new() == nullptr);
  memory.never_fail();
  CHECK(memory.live() == 0);
  CHECK(memory.strangers() == 0);
}

TEST_CASE("http uri: without memory a setter changes nothing") {
  INTENDED_DIFFERENCE("the reference frees the old value of a URI's part before it copies the new");
  const event_cases::TrackedMemory memory;
  {
    const Uri uri = parse("http://u@h:80/p?q#f");
    const std::string before = parts(uri);
    memory.fail_after(0, true);
    CHECK(evhttp_uri_set_scheme(uri.get(), "s") == -1);
    CHECK(evhttp_uri_set_userinfo(uri.get(), "s") == -1);
    CHECK(evhttp_uri_set_host(uri.get(), "s") == -1);
    CHECK(evhttp_uri_set_path(uri.get(), "/s") == -1);
    CHECK(evhttp_uri_set_query(uri.get(), "s") == -1);
    CHECK(evhttp_uri_set_fragment(uri.get(), "s") == -1);
    // Removing needs none.
    CHECK(parts(uri) == before);
    CHECK(evhttp_uri_set_query(uri.get(), nullptr) == 0);
    memory.never_fail();
  }
  CHECK(memory.live() == 0);
  CHECK(memory.strangers() == 0);
}
