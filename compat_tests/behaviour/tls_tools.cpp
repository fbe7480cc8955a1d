#include "tls_tools.h"

namespace event_cases {
namespace {

using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;

Certificate self_signed(EVP_PKEY* key) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  REQUIRE(X509_sign(certificate.get(), key, EVP_sha256()) > 0);
  return certificate;
}

template <class Object, class Encode>
std::string der_of(const Object* object, Encode encode) {
  std::string text(static_cast<size_t>(encode(object, nullptr)), '\0');
  auto* end = reinterpret_cast<unsigned char*>(text.data());
  encode(object, &end);
  return text;
}

}  // namespace

TlsSettings::TlsSettings(int version)
    : client_(SSL_CTX_new(TLS_client_method())), server_(SSL_CTX_new(TLS_server_method())) {
  const Key key(EVP_EC_gen("P-256"));
  REQUIRE(key);
  const Certificate certificate = self_signed(key.get());
  REQUIRE(SSL_CTX_use_certificate(server_.get(), certificate.get()) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey(server_.get(), key.get()) == 1);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(client_.get()), certificate.get());
  SSL_CTX_set_verify(client_.get(), SSL_VERIFY_PEER, nullptr);
  key_ = der_of(key.get(), i2d_PrivateKey);
  certificate_ = der_of(certificate.get(), i2d_X509);
  for (SSL_CTX* const context : {client_.get(), server_.get()}) {
    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
  }
}

#ifndef EVENT__HAVE_MBEDTLS
const TlsLibrary* mbedtls() { return nullptr; }
#endif

std::ostream& operator<<(std::ostream& out, const Way& way) {
  constexpr const char* kNames[] = {"a socket", "socket bufferevents", "a pair"};
  return out << way.client->name() << " to " << way.server->name() << " over "
             << kNames[static_cast<int>(way.carrier)] << ", version " << std::hex << way.version
             << std::dec;
}

std::vector<const TlsLibrary*> libraries() {
  std::vector<const TlsLibrary*> found = {&openssl()};
  if (mbedtls() != nullptr) {
    found.push_back(mbedtls());
  }
  return found;
}

std::vector<Way> all_ways() {
  std::vector<Way> ways;
  for (const TlsLibrary* const library : libraries()) {
    for (const Carrier carrier :
         {Carrier::kSocket, Carrier::kFilterOverSocket, Carrier::kFilterOverPair}) {
      ways.push_back({library, library, carrier});
    }
  }
  if (mbedtls() != nullptr) {
    ways.push_back({&openssl(), mbedtls(), Carrier::kSocket});
    ways.push_back({mbedtls(), &openssl(), Carrier::kSocket});
  }
  return ways;
}

std::vector<Way> all_versions() {
  std::vector<Way> ways;
  for (Way way : all_ways()) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      if (version == TLS1_2_VERSION || way.has_tls13()) {
        way.version = version;
        ways.push_back(way);
      }
    }
  }
  return ways;
}

std::vector<Way> ways_over_sockets() {
  std::vector<Way> ways = all_versions();
  std::erase_if(ways, [](const Way& way) { return way.carrier == Carrier::kFilterOverPair; });
  return ways;
}

TlsScene::TlsScene(const Options& wanted) : way(wanted.way), settings(wanted.way.version) {
  if (way.carrier == Carrier::kFilterOverPair) {
    bufferevent* pair[2];
    REQUIRE(bufferevent_pair_new(base.get(), wanted.options, pair) == 0);
    client_below = pair[0];
    server_below = pair[1];
  } else {
    evutil_socket_t fds[2];
    REQUIRE(evutil_socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    client_fd = fds[0];
    server_fd = fds[1];
    evutil_make_socket_nonblocking(client_fd);
    evutil_make_socket_nonblocking(server_fd);
    if (way.carrier == Carrier::kFilterOverSocket) {
      client_below = bufferevent_socket_new(base.get(), client_fd, wanted.options);
      server_below = bufferevent_socket_new(base.get(), server_fd, wanted.options);
    }
  }
  const auto make = [&](bufferevent* below, int fd, bool is_server) {
    const TlsLibrary& library = is_server ? *way.server : *way.client;
    void* const object = library.make(settings, is_server);
    const auto state = is_server ? BUFFEREVENT_SSL_ACCEPTING : BUFFEREVENT_SSL_CONNECTING;
    Bufferevent bev(below != nullptr
                        ? library.over_bufferevent(base.get(), below, object, state, wanted.options)
                        : library.over_socket(base.get(), fd, object, state, wanted.options));
    REQUIRE(bev);
    return bev;
  };
  client = make(client_below, client_fd, false);
  server = make(server_below, server_fd, true);
  client_calls = &journal.watch(client, "c");
  server_calls = &journal.watch(server, "s");
  bufferevent_enable(client.get(), wanted.enabled);
  bufferevent_enable(server.get(), wanted.enabled);
}

TlsScene::~TlsScene() {
  client.reset();
  server.reset();
  settle();
}

bool TlsScene::shake_hands() {
  const bool done = run_until(
      base, [this] { return !client_calls->events.empty() && !server_calls->events.empty(); });
  const bool good = done && client_calls->events.front() == BEV_EVENT_CONNECTED &&
                    server_calls->events.front() == BEV_EVENT_CONNECTED;
  settle();
  client_calls->events.clear();
  server_calls->events.clear();
  journal.clear();
  return good;
}

Listener::Listener() : fd(socket(AF_INET, SOCK_STREAM, 0)) {
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  REQUIRE(bind(fd, sa(), length) == 0);
  REQUIRE(listen(fd, 4) == 0);
  REQUIRE(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0);
}

}  // namespace event_cases
