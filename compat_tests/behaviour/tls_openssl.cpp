// OpenSSL, for the cases.
#include "tls_tools.h"

namespace event_cases {
namespace {

SSL* as_ssl(void* object) { return static_cast<SSL*>(object); }

class OpenSsl final : public TlsLibrary {
 public:
  const char* name() const override { return "OpenSSL"; }
  bool has_tls13() const override { return true; }
  void* make(const TlsSettings& settings, bool is_server) const override {
    SSL* const ssl = (is_server ? settings.server() : settings.client()).release();
    is_server ? SSL_set_accept_state(ssl) : SSL_set_connect_state(ssl);
    return ssl;
  }
  void free(void* object) const override { SSL_free(as_ssl(object)); }
  void set_descriptor(void* object, int fd) const override { SSL_set_fd(as_ssl(object), fd); }
  bool shake_hands(void* object) const override { return SSL_do_handshake(as_ssl(object)) == 1; }
  int read(void* object, void* block, size_t size) const override {
    return SSL_read(as_ssl(object), block, static_cast<int>(size));
  }
  int write(void* object, const char* text, size_t size) const override {
    return SSL_write(as_ssl(object), text, static_cast<int>(size));
  }
  bufferevent* over_socket(event_base* base, int fd, void* object, bufferevent_ssl_state state,
                           int options) const override {
    return bufferevent_openssl_socket_new(base, fd, as_ssl(object), state, options);
  }
  bufferevent* over_bufferevent(event_base* base, bufferevent* below, void* object,
                                bufferevent_ssl_state state, int options) const override {
    return bufferevent_openssl_filter_new(base, below, as_ssl(object), state, options);
  }
  void* object_of(bufferevent* bev) const override { return bufferevent_openssl_get_ssl(bev); }
  int renegotiate(bufferevent* bev) const override { return bufferevent_ssl_renegotiate(bev); }
  void shut_down(bufferevent* bev) const override {
    SSL_shutdown(bufferevent_openssl_get_ssl(bev));
  }
  void expect_host(bufferevent* bev, const char* host) const override {
    SSL_set1_host(bufferevent_openssl_get_ssl(bev), host);
  }
  std::string take_errors(bufferevent* bev) const override {
    std::string text;
    while (const unsigned long error = bufferevent_get_openssl_error(bev)) {
      const char* const reason = ERR_reason_error_string(error);
      text += (text.empty() ? "" : "; ") +
              (reason != nullptr ? std::string(reason) : std::to_string(error));
    }
    return text;
  }
};

const OpenSsl g_openssl;

}  // namespace

const TlsLibrary& openssl() { return g_openssl; }

}  // namespace event_cases
