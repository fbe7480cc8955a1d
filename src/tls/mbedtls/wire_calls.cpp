#include "tls/mbedtls/wire_calls.h"

#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>

#include <cstdint>

#include "tls/session.h"

namespace relevent::tls {

int send_to_wire(void* context, const unsigned char* block, std::size_t size) {
  Wire& wire = *static_cast<Wire*>(context);
  return wire.put(block, size) ? static_cast<int>(size) : MBEDTLS_ERR_SSL_WANT_WRITE;
}

int receive_from_wire(void* context, unsigned char* block, std::size_t size) {
  Wire& wire = *static_cast<Wire*>(context);
  const std::size_t count = wire.take(block, size);
  return count != 0 || wire.ended ? static_cast<int>(count) : MBEDTLS_ERR_SSL_WANT_READ;
}

// The number itself, as nobody would free a context of Mbed TLS's own kind.
void* descriptor_context(int fd) { return reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)); }
int descriptor_of(const void* context) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(context));
}

int send_to_descriptor(void* context, const unsigned char* block, std::size_t size) {
  mbedtls_net_context net = {descriptor_of(context)};
  return mbedtls_net_send(&net, block, size);
}

int receive_from_descriptor(void* context, unsigned char* block, std::size_t size) {
  mbedtls_net_context net = {descriptor_of(context)};
  return mbedtls_net_recv(&net, block, size);
}

}  // namespace relevent::tls
