// What the TLS cases share: certificates made on the spot, and two TLS bufferevents that talk over
// a socket, over two socket bufferevents or over a pair.
#pragma once

#include <event2/bufferevent_ssl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <string>

#include "bufferevent_tools.h"

namespace event_cases {

using Ssl = std::unique_ptr<SSL, FreeWith<SSL_free>>;
using SslContext = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;

// A key and a certificate of its own, good from now for an hour, for the settings of both roles.
class TlsSettings {
 public:
  // 0: any version.
  explicit TlsSettings(int version = 0);

  Ssl client() const { return Ssl(SSL_new(client_.get())); }
  Ssl server() const { return Ssl(SSL_new(server_.get())); }
  SSL_CTX* client_context() const { return client_.get(); }
  SSL_CTX* server_context() const { return server_.get(); }

 private:
  SslContext client_;
  SslContext server_;
};

// What carries the encrypted bytes.
enum class Carrier { kSocket, kFilterOverSocket, kFilterOverPair };
inline constexpr std::array kCarriers = {Carrier::kSocket, Carrier::kFilterOverSocket,
                                         Carrier::kFilterOverPair};
const char* carrier_name(Carrier carrier);

// A client and a server, "c" and "s" in the journal, in the middle of nothing yet: settle() or
// shake_hands() does the handshake. All is freed with it.
struct TlsScene {
  struct Options {
    Carrier carrier = Carrier::kSocket;
    int version = 0;
    int options = BEV_OPT_CLOSE_ON_FREE;
    short enabled = EV_READ | EV_WRITE;
  };
  explicit TlsScene(const Options& wanted);
  explicit TlsScene(Carrier carrier = Carrier::kSocket) : TlsScene(Options{.carrier = carrier}) {}
  ~TlsScene();
  TlsScene(const TlsScene&) = delete;
  TlsScene& operator=(const TlsScene&) = delete;

  // Until both have heard of it; then the journal is empty.
  bool shake_hands();
  void settle() { event_cases::settle(base); }
  // What was called since the last time.
  std::string calls() {
    settle();
    std::string text = journal.text();
    journal.clear();
    return text;
  }
  SSL* client_ssl() const { return bufferevent_openssl_get_ssl(client.get()); }
  SSL* server_ssl() const { return bufferevent_openssl_get_ssl(server.get()); }

  TlsSettings settings;
  Base base = make_base();
  Journal journal;
  int client_fd = -1;  // -1 over a pair
  int server_fd = -1;
  bufferevent* client_below = nullptr;
  bufferevent* server_below = nullptr;
  Bufferevent client;
  Bufferevent server;
  Journal::Subject* client_calls = nullptr;
  Journal::Subject* server_calls = nullptr;
};

// The errors that are left in a bufferevent: OpenSSL's words for them, or the number.
std::string take_errors(const Bufferevent& bev);

// A listening socket of 127.0.0.1 and its address.
struct Listener {
  Listener();
  ~Listener() { close(fd); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  const sockaddr* sa() const { return reinterpret_cast<const sockaddr*>(&address); }

  int fd;
  sockaddr_in address{};
};

}  // namespace event_cases
