// What a server answers to requests that are not quite right. On the reference, and on relevent in
// its compat mode, the same; its safe and strict modes refuse what is dangerous.
#include <dlfcn.h>
#include <event2/relevent.h>

#include "http_tools.h"

using namespace http_test;

namespace {

// By name: the reference does not have it.
void set_mode(relevent_http_mode mode) {
  using Function = int (*)(relevent_http_mode);
  const auto function = reinterpret_cast<Function>(::dlsym(RTLD_DEFAULT, "relevent_http_set_mode"));
  if (function != nullptr) {
    REQUIRE(function(mode) == 0);
  }
}

// The body and its length, so that two readings of a message can be told apart.
void answer(evhttp_request* request) {
  reply(request, 200, "OK", "[" + text_of(evhttp_request_get_input_buffer(request)) + "]");
}

struct Row {
  string bytes;
  const char* compat;  // what the reference does
  const char* safe;
  const char* strict;
};

string post(const string& lines, const string& body) {
  return "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + lines + "\r\n" + body;
}
string chunked(const string& body) { return post("Transfer-Encoding: chunked\r\n", body); }
string get(const string& lines) {
  return "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + lines + "\r\n";
}

const Row kRows[] = {
    {get(""), "[]", "[]", "[]"},
    {post("Content-Length: 3\r\n", "abc"), "[abc]", "[abc]", "[abc]"},
    {post("Content-Length: +3\r\n", "abc"), "[abc]", "400", "400"},
    {post("Content-Length: 3x\r\n", "abc"), "400", "400", "400"},
    {post("Content-Length: -3\r\n", "abc"), "400", "400", "400"},
    {post("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"), "[abc]", "400", "400"},
    {post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "400", "400", "400"},
    {post("Transfer-Encoding: gzip, chunked\r\n", "1\r\na\r\n0\r\n\r\n"), "[a]", "400", "400"},
    {post("Transfer-Encoding: chunked, gzip\r\n", "1\r\na\r\n0\r\n\r\n"), "400", "400", "400"},
    {post("Transfer-Encoding: chunked, chunked\r\n", "1\r\na\r\n0\r\n\r\n"), "400", "400", "400"},
    {post("Transfer-Encoding: chunked;q=1\r\n", "1\r\na\r\n0\r\n\r\n"), "[a]", "400", "400"},
    {post("Transfer-Encoding: xchunked\r\n", ""), "[]", "400", "400"},
    {post("Content-Length: 3\r\nContent-Length: x\r\n", "abc"), "[abc]", "400", "400"},
    {post("Transfer-Encoding : chunked\r\n", "1\r\na\r\n0\r\n\r\n"), "[]", "400", "400"},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", "[a]", "400",
     "400"},
    {chunked("3\r\nabc\r\n0\r\n\r\n"), "[abc]", "[abc]", "[abc]"},
    {chunked("+1\r\na\r\n0\r\n\r\n"), "[a]", "400", "400"},
    {chunked("0x1\r\na\r\n0\r\n\r\n"), "[a]", "400", "400"},
    {chunked(" 1\r\na\r\n0\r\n\r\n"), "[a]", "400", "400"},
    {chunked("1 \r\na\r\n0\r\n\r\n"), "[a]", "400", "400"},
    {chunked("-1\r\na\r\n0\r\n\r\n"), "413", "400", "400"},
    {chunked("1x\r\na\r\n0\r\n\r\n"), "413", "400", "400"},
    {chunked("1\t\r\na\r\n0\r\n\r\n"), "413", "400", "400"},
    {chunked("0\r\nX\r\n\r\n"), "413", "400", "400"},
    {chunked("1\r\na\n0\r\n\r\n"), "[a]", "400", "400"},
    {chunked("1\na\n0\n\n"), "[a]", "400", "400"},
    {get("X: a\x01\r\n"), "[]", "400", "400"},
    {get(string("X: a\0b\r\n", 8)), "[]", "400", "400"},
    {get("X\r\n"), "400", "400", "400"},
    {get(": a\r\n"), "[]", "400", "400"},
    {get("X Y: a\r\n"), "[]", "400", "400"},
    {get("X: a\rb\r\n"), "400", "400", "400"},
    {get("X: a\r\n b\r\n"), "[]", "[]", "400"},
    {get("Host: g\r\n"), "[]", "400", "400"},
    {get("X: a\n"), "[]", "[]", "400"},
    {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "[]", "[]", "400"},
    {"GET /\x01 HTTP/1.1\r\nConnection: close\r\n\r\n", "[]", "400", "400"},
    {"GET /a b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "[]", "[]", "400"},
    {"GET / HTTP/+1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "[]", "400", "400"},
    {"GET / HTTP/2.0\r\n\r\n", "400", "400", "400"},
    {"GET / http/1.1\r\n\r\n", "400", "400", "400"},
    {"GET /\r\n\r\n", "400", "400", "400"},
    {"GET http://h:99999/ HTTP/1.1\r\nHost: h\r\n\r\n", "400", "400", "400"},
    {"GET  HTTP/1.1\r\nHost: h\r\n\r\n", "400", "400", "400"},
    {"G(T / HTTP/1.1\r\nHost: h\r\n\r\n", "501", "400", "400"},
    {"FOO / HTTP/1.1\r\nHost: h\r\n\r\n", "501", "501", "501"},
    {"FOO / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n", "501", "501", "501"},
    {post("Content-Length: 1\r\nExpect: x\r\n", ""), "417", "417", "417"},
    {post("Content-Length: 0\r\nExpect: x\r\n", ""), "[]", "[]", "[]"},
};

void check(relevent_http_mode mode, const char* Row::*column) {
  set_mode(mode);
  Web web(answer);
  for (const Row& row : kRows) {
    INFO(row.bytes);
    const string text = web.ask(row.bytes);
    const string status = status_of(text).substr(0, 3);
    CHECK((status == "200" ? body_of(text) : status) == row.*column);
  }
}

}  // namespace

TEST_CASE("relevent_http_set_mode: compat takes what the reference takes") {
  check(RELEVENT_HTTP_COMPAT, &Row::compat);
}

TEST_CASE("relevent_http_set_mode: safe refuses what can be understood in two ways") {
  INTENDED_DIFFERENCE("request smuggling");
  check(RELEVENT_HTTP_SAFE, &Row::safe);
}

TEST_CASE("relevent_http_set_mode: strict goes by RFC 9112") {
  INTENDED_DIFFERENCE("request smuggling");
  check(RELEVENT_HTTP_STRICT, &Row::strict);
}

TEST_CASE("relevent_http_set_mode: the environment decides before the first call") {
  INTENDED_DIFFERENCE("the reference has no modes");
  ::setenv("RELEVENT_HTTP", "strict", 1);
  Web web(answer);
  CHECK(status_of(web.ask("GET / HTTP/1.1\r\n\r\n")) == "400 Bad Request");
  set_mode(RELEVENT_HTTP_SAFE);
  CHECK(status_of(web.ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")) == "200 OK");
}

TEST_CASE("http.h: a body of HEAD and TRACE is not the next request") {
  INTENDED_DIFFERENCE("request smuggling");
  Web web(answer);
  evhttp_set_allowed_methods(web.http(), EVHTTP_REQ_HEAD | EVHTTP_REQ_TRACE | EVHTTP_REQ_GET);
  const string inner = "GET /inner HTTP/1.1\r\n\r\n";
  for (const string method : {"HEAD", "TRACE"}) {
    const string text =
        web.ask(method + " / HTTP/1.1\r\nContent-Length: " + std::to_string(inner.size()) +
                "\r\n\r\n" + inner + "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    std::size_t replies = 0;
    for (std::size_t at = 0; (at = text.find("HTTP/1.1 200", at)) != string::npos; ++at) {
      ++replies;
    }
    CHECK(replies == 2);
  }
}

TEST_CASE("http.h: endless header sections and lines are cut off") {
  INTENDED_DIFFERENCE("the reference stores all of it");
  Web web(answer);
  Peer peer(web.base(), web.port());
  peer.send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 2000 && !peer.closed(); ++i) {
    peer.send("X-Field: abcdefghijklmnopqrstuvwxyz\r\n");
  }
  CHECK(status_of(peer.receive("\r\n")).substr(0, 3) == "431");
}
