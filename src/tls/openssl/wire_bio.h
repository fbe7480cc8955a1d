// OpenSSL's view of the wire.
#pragma once

#include <openssl/bio.h>

#include "tls/session.h"

namespace relevent::tls {

// A BIO that reads from the input of the wire's carrier and writes to its output. It never blocks,
// and says that it is a descriptor if the wire stands for one, so that SSL_get_fd() tells it.
// Fails: null. The wire has to outlive it.
BIO* new_wire_bio(Wire& wire);

}  // namespace relevent::tls
