// Plays conversations with an evhttp server, and tells what came of each. Over the public API, so
// that it runs on relevent and on the reference: http_diff.py compares.
//
// Input: conversations. Each is a number of pieces, and for each piece its length and its bytes;
// numbers are 32 bits, as this machine stores them. Each is played on a connection of its own: the
// server has read a piece before the next one is sent.
// Output: for each conversation three texts, with their lengths: the requests that the server's
// callback has seen; the replies and whether the connection was "open" or "closed" behind them; and
// the same again once the client has ended its output.
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace {

using std::string;

constexpr int kMostBody = 2000;
constexpr int kMostHead = 4000;
// How often the loop turns without anything to do before it counts as quiet. What is sent over a
// UNIX socket is there at once, so that this is no question of time.
constexpr int kQuietTurns = 3;

void require(bool holds, const char* what) {
  if (!holds) {
    std::perror(what);
    std::exit(1);
  }
}

// An address that no file stands for, and nobody else has.
sockaddr_un own_address() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "relevent-http-diff-%d",
                static_cast<int>(::getpid()));
  return address;
}

// The server; it answers each request with its number in the conversation.
class Server {
 public:
  Server() : base_(event_base_new()), http_(evhttp_new(base_)) {
    const sockaddr_un address = own_address();
    evconnlistener* const listener =
        evconnlistener_new_bind(base_, nullptr, nullptr, LEV_OPT_CLOSE_ON_FREE, 16,
                                reinterpret_cast<const sockaddr*>(&address), sizeof address);
    require(listener != nullptr, "listen");
    evhttp_bind_listener(http_, listener);
    evhttp_set_max_body_size(http_, kMostBody);
    evhttp_set_max_headers_size(http_, kMostHead);
    evhttp_set_allowed_methods(http_, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |
                                          EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS |
                                          EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH);
    evhttp_set_gencb(
        http_,
        [](evhttp_request* request, void* self) { static_cast<Server*>(self)->answer(request); },
        this);
  }
  ~Server() {
    evhttp_free(http_);
    event_base_free(base_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void turn() { event_base_loop(base_, EVLOOP_NONBLOCK); }
  // The requests since the last time.
  string take_requests() {
    count_ = 0;
    return std::exchange(requests_, {});
  }
  std::size_t seen() const { return requests_.size(); }

 private:
  void answer(evhttp_request* request) {
    requests_ += std::to_string(evhttp_request_get_command(request)) + " " +
                 evhttp_request_get_uri(request) + " " + std::to_string(request->major) + "." +
                 std::to_string(request->minor) + "\n";
    for (const evkeyval* field = evhttp_request_get_input_headers(request)->tqh_first;
         field != nullptr; field = field->next.tqe_next) {
      requests_ += string(field->key) + "=" + field->value + "\n";
    }
    evbuffer* const body = evhttp_request_get_input_buffer(request);
    string text(evbuffer_get_length(body), '\0');
    evbuffer_remove(body, text.data(), text.size());
    requests_ += "[" + text + "]\n";

    evbuffer* const reply = evbuffer_new();
    ++count_;
    if (evhttp_request_get_command(request) != EVHTTP_REQ_HEAD) {
      evbuffer_add_printf(reply, "reply %d", count_);
    }
    evhttp_send_reply(request, HTTP_OK, "OK", reply);
    evbuffer_free(reply);
  }

  event_base* base_;
  evhttp* http_;
  int count_ = 0;
  string requests_;
};

// One connection of a client.
class Client {
 public:
  explicit Client(Server& server) : server_(server), fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    const sockaddr_un address = own_address();
    require(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
            "connect");
    ::fcntl(fd_, F_SETFL, O_NONBLOCK);
    settle();
  }
  ~Client() {
    ::close(fd_);
    settle();
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(const string& piece) {
    // A server that has closed does not get it.
    static_cast<void>(::send(fd_, piece.data(), piece.size(), MSG_NOSIGNAL));
    settle();
  }
  void end_output() {
    ::shutdown(fd_, SHUT_WR);
    settle();
  }
  // What has come since the last time, and what the connection is now.
  string take_replies() { return std::exchange(received_, {}) + (closed_ ? "closed" : "open"); }

 private:
  void settle() {
    for (int quiet = 0; quiet < kQuietTurns; ++quiet) {
      const std::size_t before = server_.seen() + received_.size();
      server_.turn();
      receive();
      if (server_.seen() + received_.size() != before) {
        quiet = -1;
      }
    }
  }
  void receive() {
    char bytes[4096];
    ssize_t length;
    while ((length = ::recv(fd_, bytes, sizeof bytes, 0)) > 0) {
      received_.append(bytes, static_cast<std::size_t>(length));
    }
    closed_ = closed_ || length == 0 || errno != EAGAIN;
  }

  Server& server_;
  int fd_;
  bool closed_ = false;
  string received_;
};

bool read_number(std::uint32_t& number) {
  return std::fread(&number, sizeof number, 1, stdin) == 1;
}

string read_text() {
  std::uint32_t length = 0;
  require(read_number(length), "input");
  string text(length, '\0');
  require(std::fread(text.data(), 1, length, stdin) == length, "input");
  return text;
}

void write_text(const string& text) {
  const auto length = static_cast<std::uint32_t>(text.size());
  std::fwrite(&length, sizeof length, 1, stdout);
  std::fwrite(text.data(), 1, length, stdout);
}

}  // namespace

int main() {
  Server server;
  for (std::uint32_t pieces = 0; read_number(pieces);) {
    Client client(server);
    for (; pieces > 0; --pieces) {
      client.send(read_text());
    }
    const string replies = client.take_replies();
    client.end_output();
    write_text(server.take_requests());
    write_text(replies);
    write_text(client.take_replies());
  }
  return 0;
}
