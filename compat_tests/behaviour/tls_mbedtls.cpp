#include "tls_mbedtls.h"

#include <dlfcn.h>
#include <mbedtls/net_sockets.h>
#include <openssl/rand.h>

namespace event_cases {
namespace {

int random_bytes(void*, unsigned char* block, size_t size) {
  return RAND_bytes(block, static_cast<int>(size)) == 1 ? 0 : -1;
}

void prepare(mbedtls_ssl_config& config, int endpoint) {
  mbedtls_ssl_config_init(&config);
  REQUIRE(mbedtls_ssl_config_defaults(&config, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM,
                                      MBEDTLS_SSL_PRESET_DEFAULT) == 0);
  mbedtls_ssl_conf_rng(&config, random_bytes, nullptr);
  mbedtls_ssl_conf_renegotiation(&config, MBEDTLS_SSL_RENEGOTIATION_ENABLED);
}

const unsigned char* bytes_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

mbedtls_ssl_context* as_ssl(void* object) { return static_cast<mbedtls_ssl_context*>(object); }

class MbedTls final : public TlsLibrary {
 public:
  const char* name() const override { return "Mbed TLS"; }
  bool has_tls13() const override { return false; }
  void* make(const TlsSettings& settings, bool is_server) const override {
    MbedTlsSettings& own = settings.mbedtls();
    return mbedtls_calls().object_new(is_server ? &own.server : &own.client);
  }
  void free(void* object) const override { mbedtls_calls().object_free(as_ssl(object)); }
  void set_descriptor(void* object, int fd) const override {
    // It lives as long as the process, as nobody says when the object is done with it.
    auto& net = nets_.emplace_back(mbedtls_net_context{fd});
    mbedtls_ssl_set_bio(as_ssl(object), &net, mbedtls_net_send, mbedtls_net_recv, nullptr);
  }
  bool shake_hands(void* object) const override {
    return mbedtls_ssl_handshake(as_ssl(object)) == 0;
  }
  int read(void* object, void* block, size_t size) const override {
    return mbedtls_ssl_read(as_ssl(object), static_cast<unsigned char*>(block), size);
  }
  int write(void* object, const char* text, size_t size) const override {
    return mbedtls_ssl_write(as_ssl(object), reinterpret_cast<const unsigned char*>(text), size);
  }
  bufferevent* over_socket(event_base* base, int fd, void* object, bufferevent_ssl_state state,
                           int options) const override {
    return mbedtls_calls().socket_new(base, fd, as_ssl(object), state, options);
  }
  bufferevent* over_bufferevent(event_base* base, bufferevent* below, void* object,
                                bufferevent_ssl_state state, int options) const override {
    return mbedtls_calls().filter_new(base, below, as_ssl(object), state, options);
  }
  void* object_of(bufferevent* bev) const override { return mbedtls_calls().get_ssl(bev); }
  int renegotiate(bufferevent* bev) const override { return mbedtls_calls().renegotiate(bev); }
  void shut_down(bufferevent* bev) const override {
    mbedtls_ssl_close_notify(mbedtls_calls().get_ssl(bev));
  }
  void expect_host(bufferevent* bev, const char* host) const override {
    mbedtls_ssl_set_hostname(mbedtls_calls().get_ssl(bev), host);
  }
  std::string take_errors(bufferevent* bev) const override {
    std::string text;
    while (const unsigned long error = mbedtls_calls().get_error(bev)) {
      char number[16];
      snprintf(number, sizeof number, "-0x%04x", static_cast<unsigned>(-static_cast<int>(error)));
      text += (text.empty() ? "" : "; ") + std::string(number);
    }
    return text;
  }

 private:
  mutable std::deque<mbedtls_net_context> nets_;
};

const MbedTls g_mbedtls;

}  // namespace

MbedTlsSettings::MbedTlsSettings(const TlsSettings& settings) {
  mbedtls_x509_crt_init(&certificate);
  mbedtls_pk_init(&key);
  REQUIRE(mbedtls_x509_crt_parse_der(&certificate, bytes_of(settings.certificate()),
                                     settings.certificate().size()) == 0);
  REQUIRE(mbedtls_pk_parse_key(&key, bytes_of(settings.key()), settings.key().size(), nullptr, 0) ==
          0);
  prepare(client, MBEDTLS_SSL_IS_CLIENT);
  mbedtls_ssl_conf_ca_chain(&client, &certificate, nullptr);
  prepare(server, MBEDTLS_SSL_IS_SERVER);
  REQUIRE(mbedtls_ssl_conf_own_cert(&server, &certificate, &key) == 0);
}

MbedTlsSettings::~MbedTlsSettings() {
  mbedtls_ssl_config_free(&client);
  mbedtls_ssl_config_free(&server);
  mbedtls_x509_crt_free(&certificate);
  mbedtls_pk_free(&key);
}

MbedTlsSettings& TlsSettings::mbedtls() const {
  if (!mbedtls_) {
    mbedtls_ = std::make_shared<MbedTlsSettings>(*this);
  }
  return *mbedtls_;
}

const MbedTlsCalls& mbedtls_calls() {
  static const MbedTlsCalls calls = [] {
    void* const library = dlopen("libevent_mbedtls-2.1.so.7", RTLD_NOW);
    INFO("loading: " << (library == nullptr ? dlerror() : ""));
    REQUIRE(library != nullptr);
    MbedTlsCalls found{};
    const auto find = [library]<class Call>(Call& call, const char* name) {
      call = reinterpret_cast<Call>(dlsym(library, name));
      REQUIRE(call != nullptr);
    };
    find(found.socket_new, "bufferevent_mbedtls_socket_new");
    find(found.filter_new, "bufferevent_mbedtls_filter_new");
    find(found.get_ssl, "bufferevent_mbedtls_get_ssl");
    find(found.renegotiate, "bufferevent_mbedtls_renegotiate");
    find(found.get_error, "bufferevent_get_mbedtls_error");
    find(found.get_dirty, "bufferevent_mbedtls_get_allow_dirty_shutdown");
    find(found.set_dirty, "bufferevent_mbedtls_set_allow_dirty_shutdown");
    find(found.object_new, "bufferevent_mbedtls_dyncontext_new");
    find(found.object_free, "bufferevent_mbedtls_dyncontext_free");
    return found;
  }();
  return calls;
}

const TlsLibrary* mbedtls() { return on_relevent() ? &g_mbedtls : nullptr; }

}  // namespace event_cases
