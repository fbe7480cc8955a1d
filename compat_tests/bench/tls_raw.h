// OpenSSL by hand: contexts, and what the other ends of TLS connections do.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

#include "objects.h"
#include "process.h"

namespace bench {

using SslContext = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, FreeWith<SSL_free>>;

// TLS 1.3, with a certificate that is made here and now.
SslContext tls_server_context();
// Trusts everybody.
SslContext tls_client_context();

// A session over the socket; complete for a client, whose socket must be blocking.
Ssl tls_connect(const SslContext& context, int fd, SSL_SESSION* resumed = nullptr);
Ssl tls_accept(const SslContext& context, int fd);

// Sends whatever comes back, on many connections. The handshake of a server is done on the way.
class RawTlsEcho {
 public:
  explicit RawTlsEcho(std::vector<Ssl> sessions);

  void send_first(const std::string& message);
  // Until so many bytes have come.
  void run(std::int64_t bytes);

 private:
  const RawEpoll epoll_;
  const std::vector<Ssl> sessions_;
};

}  // namespace bench
