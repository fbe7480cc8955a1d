#pragma once

#include <event2/bufferevent_ssl.h>
#include <mbedtls/ssl.h>

#include "tls/session.h"

namespace relevent::tls {

// A TLS object of Mbed TLS: an mbedtls_ssl_context.
//
// Its callbacks for transport become those of the wire. Those that the user had set come back when
// the bufferevent ends; until then they are kept, and are used instead if they are not
// mbedtls_net_send() and mbedtls_net_recv(), as only their owner knows when they are ready.
class MbedTlsSession final : public Session {
 public:
  using Object = mbedtls_ssl_context;
  static constexpr Library kLibrary = Library::kMbedTls;
  static UsersTransport transport_of(const mbedtls_ssl_context* ssl);
  // On the heap. Fails: null.
  static mbedtls_ssl_context* new_object(const mbedtls_ssl_config* settings);
  static void free_object(mbedtls_ssl_context* ssl);

  // `use_own`: leave the transport to the callbacks that the user has set.
  // Fails: null, also if the object's settings are not there or for the other role.
  static MbedTlsSession* create(mbedtls_ssl_context* ssl, bufferevent_ssl_state state,
                                const Wire& wire, bool use_own);
  MbedTlsSession(mbedtls_ssl_context* ssl, const Wire& wire) : Session(kLibrary, wire), ssl_(ssl) {}

  mbedtls_ssl_context* object() const { return ssl_; }

  Outcome handshake() override;
  Outcome read(void* block, std::size_t size, std::size_t& count) override;
  Outcome digest() override;
  Outcome write(const void* block, std::size_t size, std::size_t& count) override;
  std::size_t pending() const override { return mbedtls_ssl_get_bytes_avail(ssl_); }
  bool has_pending() const override { return mbedtls_ssl_check_pending(ssl_) != 0; }
  Outcome renegotiate() override;
  bool is_renegotiating() const override;
  bool restart() override;
  void note_wire_error() override;
  bool is_self_carried() const override { return !attached_; }
  bool attach() override;
  void detach(bool goes_on) override;
  void destroy(bool free_object) override;

 private:
  struct Transport {
    void* context;
    mbedtls_ssl_send_t* send;
    mbedtls_ssl_recv_t* receive;
    mbedtls_ssl_recv_timeout_t* receive_for;
  };

  Outcome outcome(int result);
  Outcome read_some(void* block, std::size_t size, std::size_t& count);
  void use(const Transport& transport);

  mbedtls_ssl_context* const ssl_;
  Transport users_{};
  std::size_t unfinished_ = 0;  // the size of a write that has to be repeated as it was
  bool attached_ = false;
};

}  // namespace relevent::tls
