// What the TLS cases share: certificates made on the spot, and two TLS bufferevents that talk over
// a socket, over two socket bufferevents or over a pair.
#pragma once

#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <ostream>
#include <vector>

#include "tls_library.h"

namespace event_cases {

using Ssl = std::unique_ptr<SSL, FreeWith<SSL_free>>;
using SslContext = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;
struct MbedTlsSettings;

// A key and a certificate of its own, good from now for an hour, for the settings of both roles.
class TlsSettings {
 public:
  // 0: any version.
  explicit TlsSettings(int version = 0);

  Ssl client() const { return Ssl(SSL_new(client_.get())); }
  Ssl server() const { return Ssl(SSL_new(server_.get())); }
  SSL_CTX* client_context() const { return client_.get(); }
  SSL_CTX* server_context() const { return server_.get(); }
  // DER.
  const std::string& key() const { return key_; }
  const std::string& certificate() const { return certificate_; }
  // Those of Mbed TLS, made when they are first asked for.
  MbedTlsSettings& mbedtls() const;

 private:
  SslContext client_;
  SslContext server_;
  std::string key_;
  std::string certificate_;
  mutable std::shared_ptr<MbedTlsSettings> mbedtls_;
};

// What carries the encrypted bytes.
enum class Carrier { kSocket, kFilterOverSocket, kFilterOverPair };

// Who talks to whom over what.
struct Way {
  bool has_tls13() const { return client->has_tls13() && server->has_tls13(); }
  bool is_openssl() const { return client == &openssl() && server == &openssl(); }
  bool over_socket() const { return carrier == Carrier::kSocket; }

  const TlsLibrary* client;
  const TlsLibrary* server;
  Carrier carrier;
  int version = 0;  // of the protocol; any
};
std::ostream& operator<<(std::ostream& out, const Way& way);

// OpenSSL and Mbed TLS over each carrier, then each against the other.
std::vector<Way> all_ways();
// The same in each version of the protocol that both libraries have.
std::vector<Way> all_versions();
// Without those over a pair, which cannot be closed from below.
std::vector<Way> ways_over_sockets();
// A client and a server of each library.
std::vector<const TlsLibrary*> libraries();

// Ends a case that another library cannot play.
#define NEEDS(condition, reason)       \
  do {                                 \
    if (!(condition)) {                \
      WARN("not so here: " << reason); \
      return;                          \
    }                                  \
  } while (false)

// A client and a server, "c" and "s" in the journal, in the middle of nothing yet: settle() or
// shake_hands() does the handshake. All is freed with it.
struct TlsScene {
  struct Options {
    Way way{&openssl(), &openssl(), Carrier::kSocket};
    int options = BEV_OPT_CLOSE_ON_FREE;
    short enabled = EV_READ | EV_WRITE;
  };
  explicit TlsScene(const Options& wanted);
  explicit TlsScene(const Way& wanted) : TlsScene(Options{.way = wanted}) {}
  TlsScene() : TlsScene(Options{}) {}
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
  void shut_down_client() const { way.client->shut_down(client.get()); }
  void shut_down_server() const { way.server->shut_down(server.get()); }
  std::string client_errors() const { return way.client->take_errors(client.get()); }
  std::string server_errors() const { return way.server->take_errors(server.get()); }
  // Null if they are not OpenSSL's.
  SSL* client_ssl() const { return bufferevent_openssl_get_ssl(client.get()); }
  SSL* server_ssl() const { return bufferevent_openssl_get_ssl(server.get()); }

  const Way way;
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

// A client and a server as TLS objects, which a case keeps, and a socket for each.
struct TlsObjects {
  explicit TlsObjects(const TlsLibrary& its_library)
      : library(its_library), client(library, settings, false), server(library, settings, true) {}

  // The server's part, over its descriptor, while a bufferevent is the client.
  void answer_handshake() const {
    for (int i = 0; i < 4; ++i) {
      settle(base);
      server.shake_hands();
    }
  }

  const TlsLibrary& library;
  const TlsSettings settings;
  const Base base = make_base();
  SocketPair sockets;
  const TlsObject client;
  const TlsObject server;
};

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
