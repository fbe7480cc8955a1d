#include "tls/openssl/wire_bio.h"

#include <algorithm>
#include <atomic>
#include <climits>

namespace relevent::tls {
namespace {

int read_bio(BIO* bio, char* block, int size) {
  Wire& wire = *static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const std::size_t count = wire.take(block, static_cast<std::size_t>(size));
  if (count != 0 || wire.ended) {
    return static_cast<int>(count);
  }
  BIO_set_retry_read(bio);
  return -1;
}

int write_bio(BIO* bio, const char* block, int size) {
  Wire& wire = *static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (!wire.put(block, static_cast<std::size_t>(size))) {
    BIO_set_retry_write(bio);
    return -1;
  }
  return size;
}

int put_string(BIO* bio, const char* text) {
  return write_bio(bio, text, static_cast<int>(std::strlen(text)));
}

long descriptor(const Wire& wire, void* place) {
  const int fd = wire.descriptor();
  if (place != nullptr) {
    *static_cast<int*>(place) = fd;
  }
  return fd;
}

long to_long(std::size_t length) {
  return static_cast<long>(std::min<std::size_t>(length, LONG_MAX));
}

// Called a dozen times for each record, nearly always for what is not supported.
long control(BIO* bio, int command, long, void* place) {
  const auto wire = [bio]() -> const Wire& { return *static_cast<const Wire*>(BIO_get_data(bio)); };
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return wire().ended && evbuffer_get_length(wire().source()) == 0 ? 1 : 0;
    case BIO_CTRL_PENDING:
      return to_long(evbuffer_get_length(wire().source()));
    case BIO_CTRL_WPENDING:
      return to_long(evbuffer_get_length(wire().target()));
    case BIO_C_GET_FD:
      return descriptor(wire(), place);
    default:
      return 0;  // "not supported"
  }
}

// The method, made on first use, and kept.
BIO_METHOD* method_of(std::atomic<BIO_METHOD*>& place, int kind, const char* name) {
  BIO_METHOD* known = place.load(std::memory_order_acquire);
  if (known != nullptr) {
    return known;
  }
  BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | kind, name);
  if (made == nullptr) {
    return nullptr;
  }
  BIO_meth_set_read(made, read_bio);
  BIO_meth_set_write(made, write_bio);
  BIO_meth_set_puts(made, put_string);
  BIO_meth_set_ctrl(made, control);
  if (place.compare_exchange_strong(known, made, std::memory_order_acq_rel)) {
    return made;
  }
  BIO_meth_free(made);  // another thread was first
  return known;
}

constinit std::atomic<BIO_METHOD*> g_socket_method = nullptr;
constinit std::atomic<BIO_METHOD*> g_filter_method = nullptr;

}  // namespace

BIO* new_wire_bio(Wire& wire) {
  const BIO_METHOD* const method =
      wire.is_socket
          ? method_of(g_socket_method, BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "socket")
          : method_of(g_filter_method, BIO_TYPE_SOURCE_SINK, "bufferevent");
  BIO* const bio = method != nullptr ? BIO_new(method) : nullptr;
  if (bio != nullptr) {
    BIO_set_data(bio, &wire);
    BIO_set_init(bio, 1);
  }
  return bio;
}

}  // namespace relevent::tls
