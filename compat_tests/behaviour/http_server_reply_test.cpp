// What a server sends for what the program says.
#include "http_tools.h"

using namespace http_test;

namespace {

constexpr const char* kType = "Content-Type: text/html; charset=ISO-8859-1\r\n";

// Replies as the path says.
void answer(evhttp_request* request) {
  const string path = evhttp_request_get_uri(request);
  evkeyvalq* const fields = evhttp_request_get_output_headers(request);
  if (path.rfind("/code/", 0) == 0) {
    reply(request, std::stoi(path.substr(6)), nullptr, "body");
  } else if (path.rfind("/error/", 0) == 0) {
    evhttp_add_header(fields, "X-Lost", "1");
    evhttp_send_error(request, std::stoi(path.substr(7)), nullptr);
  } else if (path == "/reason") {
    evhttp_send_error(request, 500, "<why>");
  } else if (path == "/chunks") {
    evhttp_send_reply_start(request, 200, "OK");
    chunk(request, "abc");
    chunk(request, "");
    chunk(request, "0123456789abcdef");
    evhttp_send_reply_end(request);
  } else if (path == "/length") {
    evhttp_add_header(fields, "Content-Length", "4");
    evhttp_send_reply_start(request, 200, "OK");
    chunk(request, "abcd");
    evhttp_send_reply_end(request);
  } else if (path == "/own") {
    evhttp_add_header(fields, "X-A", "1");
    evhttp_add_header(fields, "content-type", "a/b");
    evhttp_add_header(fields, "DATE", "today");
    reply(request, 200, "Fine", "x");
  } else if (path == "/close") {
    evhttp_add_header(fields, "Connection", "close");
    evhttp_send_reply(request, 200, "OK", nullptr);
  } else {
    reply(request, 200, "OK", "hello");
  }
}

struct Row {
  const char* request;
  string head;
  string body;
};

}  // namespace

TEST_CASE("http.h: the header section and body of a reply") {
  Web web(answer);
  const string ok = "HTTP/1.1 200 OK\r\n";
  const Row rows[] = {
      {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
       ok + "Date: D\r\nContent-Length: 5\r\n" + kType + "Connection: close\r\n\r\n", "hello"},
      {"GET / HTTP/1.0\r\n\r\n", string("HTTP/1.0 200 OK\r\n") + kType + "\r\n", "hello"},
      {"GET /close HTTP/1.1\r\n\r\n",
       ok + "Connection: close\r\nDate: D\r\nContent-Length: 0\r\n" + kType + "\r\n", ""},
      {"GET /own HTTP/1.1\r\nConnection: close\r\n\r\n",
       "HTTP/1.1 200 Fine\r\nX-A: 1\r\ncontent-type: a/b\r\nDATE: today\r\n"
       "Content-Length: 1\r\nConnection: close\r\n\r\n",
       "x"},
      {"GET /chunks HTTP/1.1\r\nConnection: close\r\n\r\n",
       ok + "Transfer-Encoding: chunked\r\nDate: D\r\n" + kType + "Connection: close\r\n\r\n",
       "3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"},
      {"GET /chunks HTTP/1.0\r\n\r\n", string("HTTP/1.0 200 OK\r\n") + kType + "\r\n",
       "abc0123456789abcdef"},
      {"GET /length HTTP/1.1\r\nConnection: close\r\n\r\n",
       ok + "Content-Length: 4\r\nDate: D\r\n" + kType + "Connection: close\r\n\r\n", "abcd"},
      {"GET /error/404 HTTP/1.1\r\n\r\n",
       "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nConnection: close\r\nDate: D\r\n"
       "Content-Length: 90\r\n\r\n",
       "<HTML><HEAD>\n<TITLE>404 Not Found</TITLE>\n</HEAD><BODY>\n<H1>Not Found</H1>\n"
       "</BODY></HTML>\n"},
      {"GET /error/404 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
       "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nConnection: close\r\nDate: D\r\n"
       "Content-Length: 90\r\n\r\n",
       "<HTML><HEAD>\n<TITLE>404 Not Found</TITLE>\n</HEAD><BODY>\n<H1>Not Found</H1>\n"
       "</BODY></HTML>\n"},
      {"GET /reason HTTP/1.1\r\n\r\n",
       "HTTP/1.1 500 <why>\r\nContent-Type: text/html\r\nConnection: close\r\nDate: D\r\n"
       "Content-Length: 82\r\n\r\n",
       "<HTML><HEAD>\n<TITLE>500 <why></TITLE>\n</HEAD><BODY>\n<H1><why></H1>\n"
       "</BODY></HTML>\n"},
  };
  for (const Row& row : rows) {
    INFO(row.request);
    const string answer_text = web.ask(row.request);
    CHECK(head_of(answer_text) == row.head);
    CHECK(body_of(answer_text) == row.body);
  }
}

TEST_CASE("http.h: a reply begins with what is in the request's output buffer") {
  Web web([](evhttp_request* request) {
    const string path = evhttp_request_get_uri(request);
    evbuffer* const output = evhttp_request_get_output_buffer(request);
    evbuffer_add(output, "first ", 6);
    if (path == "/alone") {
      evhttp_send_reply(request, 200, "OK", nullptr);
    } else if (path == "/itself") {
      evhttp_send_reply(request, 200, "OK", output);
    } else if (path == "/pieces") {
      evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Length", "10");
      evhttp_send_reply_start(request, 200, "OK");
      chunk(request, "then");
      evhttp_send_reply_end(request);
    } else {
      reply(request, 200, "OK", "then");
    }
  });
  const std::pair<const char*, const char*> rows[] = {
      {"/alone", "first "}, {"/itself", "first "}, {"/pieces", "first then"}, {"/", "first then"}};
  for (const auto& [path, body] : rows) {
    INFO(path);
    const string answer_text =
        web.ask(string("GET ") + path + " HTTP/1.1\r\nConnection: close\r\n\r\n");
    CHECK(body_of(answer_text) == body);
    const string length = "Content-Length: " + std::to_string(string(body).size()) + "\r\n";
    CHECK(head_of(answer_text).find(length) != string::npos);
  }
}

TEST_CASE("http.h: the usual reason phrases") {
  Web web(answer);
  const std::pair<int, const char*> phrases[] = {{200, "OK"},
                                                 {201, "Created"},
                                                 {250, "Success"},
                                                 {302, "Found"},
                                                 {306, "Temporary Redirect"},
                                                 {307, "Redirection"},
                                                 {408, "Request Time-out"},
                                                 {417, "Expectation Failed"},
                                                 {418, "Client Error"},
                                                 {505, "HTTP Version not supported"},
                                                 {599, "Server Error"},
                                                 {700, "Unknown Status Class"}};
  for (const auto& [code, phrase] : phrases) {
    const string number = std::to_string(code);
    CHECK(status_of(web.ask("GET /code/" + number + " HTTP/1.0\r\n\r\n")) == number + " " + phrase);
  }
}

TEST_CASE("http.h: replies without a body have none") {
  INTENDED_DIFFERENCE("the reference sends the body, which is taken for the next reply");
  Web web(answer);
  const string end = " HTTP/1.1\r\nConnection: close\r\n\r\n";
  CHECK(web.ask("GET /code/204" + end).find("body") == string::npos);
  CHECK(web.ask("GET /code/304" + end).find("body") == string::npos);
  CHECK(body_of(web.ask("HEAD /" + end)).empty());
  CHECK(body_of(web.ask("HEAD /chunks" + end)).empty());
  CHECK(body_of(web.ask("HEAD /error/404" + end)).empty());
}

TEST_CASE("http.h: a streamed reply to HTTP/1.0 ends with the connection") {
  INTENDED_DIFFERENCE("the reference announces a length of 0");
  Web web(answer);
  const string text = web.ask("GET /chunks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(text.find("Content-Length") == string::npos);
  CHECK(body_of(text) == "abc0123456789abcdef");
}

TEST_CASE("http.h: HTTP/1.0 connections stay if asked to") {
  Web web(answer);
  Peer peer(web.base(), web.port());
  peer.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(head_of(peer.receive("hello")) ==
        string("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n") + kType +
            "\r\n");
  CHECK_FALSE(peer.closed());
  peer.forget();
  peer.send("GET /own HTTP/1.0\r\n\r\n");
  CHECK(status_of(peer.receive_all()) == "200 Fine");
}

TEST_CASE("evhttp_set_default_content_type: another one or none") {
  Web web(answer);
  evhttp_set_default_content_type(web.http(), "text/plain");
  CHECK(web.ask("GET / HTTP/1.0\r\n\r\n").find("Content-Type: text/plain\r\n") != string::npos);
  evhttp_set_default_content_type(web.http(), nullptr);
  CHECK(web.ask("GET / HTTP/1.0\r\n\r\n").find("Content-Type") == string::npos);
}

TEST_CASE("evhttp_send_reply: moves the body out of the buffer") {
  std::size_t left = 1;
  Web web([&](evhttp_request* request) {
    evbuffer* const body = evbuffer_new();
    evbuffer_add(body, "abc", 3);
    evhttp_send_reply(request, 200, "OK", body);
    left = evbuffer_get_length(body);
    evbuffer_free(body);
  });
  CHECK(body_of(web.ask("GET / HTTP/1.0\r\n\r\n")) == "abc");
  CHECK(left == 0);
}

TEST_CASE("evhttp_send_reply: a large body reaches a slow client") {
  string big(3 << 20, 'x');
  for (std::size_t i = 0; i < big.size(); i += 1000) {
    big[i] = static_cast<char>('a' + i / 1000 % 26);
  }
  Web web([&](evhttp_request* request) { reply(request, 200, "OK", big); });
  CHECK(body_of(web.ask("GET / HTTP/1.0\r\n\r\n")) == big);
}

TEST_CASE("evhttp_send_reply_chunk_with_cb: the next piece when the last has left") {
  struct State {
    int pieces = 0;
    evhttp_request* request = nullptr;
    static void next(evhttp_connection* connection, void* self) {
      State& state = *static_cast<State*>(self);
      CHECK(connection == evhttp_request_get_connection(state.request));
      if (++state.pieces > 3) {
        evhttp_send_reply_end(state.request);
        return;
      }
      evbuffer* const piece = evbuffer_new();
      evbuffer_add_printf(piece, "piece %d.", state.pieces);
      evhttp_send_reply_chunk_with_cb(state.request, piece, next, self);
      evbuffer_free(piece);
    }
  } state;
  Web web([&](evhttp_request* request) {
    state.request = request;
    evhttp_send_reply_start(request, 200, "OK");
    State::next(evhttp_request_get_connection(request), &state);
  });
  CHECK(body_of(web.ask("GET / HTTP/1.0\r\n\r\n")) == "piece 1.piece 2.piece 3.");
  CHECK(state.pieces == 4);
}

TEST_CASE("evhttp_request_set_on_complete_cb: called when the reply has left") {
  struct Calls {
    static void done(evhttp_request* request, void* calls) {
      CHECK(evhttp_request_get_response_code(request) == 200);
      ++*static_cast<int*>(calls);
    }
  };
  int calls = 0;
  Web web([&](evhttp_request* request) {
    evhttp_request_set_on_complete_cb(request, Calls::done, &calls);
    const int before = calls;
    reply(request, 200, "OK", "x");
    CHECK(calls == before);
  });
  web.ask("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  CHECK(calls == 2);
}
