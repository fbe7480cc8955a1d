// Mbed TLS's view of the wire: callbacks for mbedtls_ssl_set_bio().
#pragma once

#include <cstddef>

namespace relevent::tls {

// Their context is a Wire.
int send_to_wire(void* context, const unsigned char* block, std::size_t size);
int receive_from_wire(void* context, unsigned char* block, std::size_t size);

// Their context is a descriptor, as descriptor_context() makes one of it.
int send_to_descriptor(void* context, const unsigned char* block, std::size_t size);
int receive_from_descriptor(void* context, unsigned char* block, std::size_t size);
void* descriptor_context(int fd);
int descriptor_of(const void* context);

}  // namespace relevent::tls
