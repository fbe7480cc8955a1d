#include "tls_raw.h"

#include <openssl/x509.h>

#include <array>
#include <utility>

namespace bench {
namespace {

using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;

Certificate sign_oneself(const Key& key) {
  constexpr long kDay = 24L * 60 * 60;
  Certificate certificate(X509_new());
  require(certificate != nullptr, "X509_new failed");
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kDay);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("bench"), -1, -1, 0);
  require(X509_set_issuer_name(certificate.get(), name) == 1 &&
              X509_set_pubkey(certificate.get(), key.get()) == 1 &&
              X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0,
          "the certificate cannot be made");
  return certificate;
}

Ssl make_session(const SslContext& context, int fd) {
  Ssl ssl(SSL_new(context.get()));
  require(ssl != nullptr && SSL_set_fd(ssl.get(), fd) == 1, "SSL_new failed");
  return ssl;
}

}  // namespace

SslContext tls_server_context() {
  SslContext context(SSL_CTX_new(TLS_server_method()));
  const Key key(EVP_EC_gen("P-256"));
  require(context != nullptr && key != nullptr &&
              SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) == 1 &&
              SSL_CTX_use_certificate(context.get(), sign_oneself(key).get()) == 1 &&
              SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1,
          "the context cannot be made");
  return context;
}

SslContext tls_client_context() {
  SslContext context(SSL_CTX_new(TLS_client_method()));
  require(context != nullptr, "SSL_CTX_new failed");
  return context;
}

Ssl tls_connect(const SslContext& context, int fd, SSL_SESSION* resumed) {
  Ssl ssl = make_session(context, fd);
  if (resumed != nullptr) {
    SSL_set_session(ssl.get(), resumed);
  }
  require(SSL_connect(ssl.get()) == 1, "the handshake failed");
  return ssl;
}

Ssl tls_accept(const SslContext& context, int fd) {
  Ssl ssl = make_session(context, fd);
  SSL_set_accept_state(ssl.get());
  return ssl;
}

RawTlsEcho::RawTlsEcho(std::vector<Ssl> sessions) : sessions_(std::move(sessions)) {
  for (std::size_t i = 0; i < sessions_.size(); ++i) {
    const int fd = SSL_get_fd(sessions_[i].get());
    make_nonblocking(fd);
    epoll_.control(EPOLL_CTL_ADD, fd, EPOLLIN, i);
  }
}

void RawTlsEcho::send_first(const std::string& message) {
  const int size = static_cast<int>(message.size());
  for (const Ssl& ssl : sessions_) {
    require(SSL_write(ssl.get(), message.data(), size) == size, "a message was lost");
  }
}

void RawTlsEcho::run(std::int64_t bytes) {
  std::vector<epoll_event> ready(1024);
  std::array<char, 4096> message;
  while (bytes > 0) {
    const int count = epoll_.wait(ready, -1);
    for (int i = 0; i < count; ++i) {
      SSL* const ssl = sessions_[ready[static_cast<std::size_t>(i)].data.u64].get();
      const int size = SSL_read(ssl, message.data(), message.size());
      if (size > 0) {
        require(SSL_write(ssl, message.data(), size) == size, "a message was lost");
        bytes -= size;
      } else {
        require(SSL_get_error(ssl, size) == SSL_ERROR_WANT_READ, "the connection ended");
      }
    }
  }
}

}  // namespace bench
