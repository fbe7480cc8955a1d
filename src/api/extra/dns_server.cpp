// event2/dns.h: the server
#include <arpa/inet.h>
#include <event2/dns.h>

#include <cstdio>
#include <cstring>

#include "base/attributes.h"
#include "dns/server_port.h"

using namespace relevent::dns;

namespace {

ServerRequest& request_of(evdns_server_request* req) { return *static_cast<ServerRequest*>(req); }

// How long `count` addresses are; -1 if no record can be so long.
int data_length(int count, int size) {
  return count >= 0 && count <= 0xffff / size ? count * size : -1;
}

}  // namespace

extern "C" {

RELEVENT_API evdns_server_port* evdns_add_server_port_with_base(
    event_base* base, evutil_socket_t socket, int flags, evdns_request_callback_fn_type callback,
    void* user_data) {
  return flags == 0 ? ServerPort::create_udp(base, socket, callback, user_data) : nullptr;
}

RELEVENT_API evdns_server_port* evdns_add_server_port_with_listener(
    event_base* base, evconnlistener* listener, int flags, evdns_request_callback_fn_type callback,
    void* user_data) {
  return flags == 0 ? ServerPort::create_tcp(base, listener, callback, user_data) : nullptr;
}

RELEVENT_API void evdns_close_server_port(evdns_server_port* port) { port->close(); }

RELEVENT_API int evdns_server_port_set_option(evdns_server_port* port, evdns_server_option option,
                                              size_t value) {
  return port->set_option(option, value) ? 0 : -1;
}

RELEVENT_API void evdns_server_request_set_flags(evdns_server_request* req, int flags) {
  constexpr int kSettable = EVDNS_FLAGS_AA | EVDNS_FLAGS_RD;
  req->flags = (req->flags & ~kSettable) | (flags & kSettable);
}

RELEVENT_API int evdns_server_request_add_reply(evdns_server_request* req, int section,
                                                const char* name, int type, int dns_class, int ttl,
                                                int datalen, int is_name, const char* data) {
  if (name == nullptr || (data == nullptr && (is_name != 0 || datalen != 0)) ||
      (is_name == 0 && datalen < 0)) {
    return -1;
  }
  const std::size_t size = is_name != 0 ? std::strlen(data) + 1 : static_cast<std::size_t>(datalen);
  return request_of(req).add_record(section, name, type, dns_class, ttl, size, is_name != 0, data)
             ? 0
             : -1;
}

RELEVENT_API int evdns_server_request_add_a_reply(evdns_server_request* req, const char* name,
                                                  int n, const void* addrs, int ttl) {
  return evdns_server_request_add_reply(req, EVDNS_ANSWER_SECTION, name, EVDNS_TYPE_A,
                                        EVDNS_CLASS_INET, ttl, data_length(n, 4), 0,
                                        static_cast<const char*>(addrs));
}

RELEVENT_API int evdns_server_request_add_aaaa_reply(evdns_server_request* req, const char* name,
                                                     int n, const void* addrs, int ttl) {
  return evdns_server_request_add_reply(req, EVDNS_ANSWER_SECTION, name, EVDNS_TYPE_AAAA,
                                        EVDNS_CLASS_INET, ttl, data_length(n, 16), 0,
                                        static_cast<const char*>(addrs));
}

RELEVENT_API int evdns_server_request_add_ptr_reply(evdns_server_request* req, in_addr* in,
                                                    const char* inaddr_name, const char* hostname,
                                                    int ttl) {
  if ((in == nullptr) == (inaddr_name == nullptr)) {
    return -1;
  }
  char name[32];
  if (in != nullptr) {
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(in);
    std::snprintf(name, sizeof name, "%u.%u.%u.%u.in-addr.arpa", bytes[3], bytes[2], bytes[1],
                  bytes[0]);
    inaddr_name = name;
  }
  return evdns_server_request_add_reply(req, EVDNS_ANSWER_SECTION, inaddr_name, EVDNS_TYPE_PTR,
                                        EVDNS_CLASS_INET, ttl, -1, 1, hostname);
}

RELEVENT_API int evdns_server_request_add_cname_reply(evdns_server_request* req, const char* name,
                                                      const char* cname, int ttl) {
  return evdns_server_request_add_reply(req, EVDNS_ANSWER_SECTION, name, EVDNS_TYPE_CNAME,
                                        EVDNS_CLASS_INET, ttl, -1, 1, cname);
}

RELEVENT_API int evdns_server_request_respond(evdns_server_request* req, int err) {
  ServerRequest& request = request_of(req);
  return request.port.respond(request, err);
}

RELEVENT_API int evdns_server_request_drop(evdns_server_request* req) {
  ServerRequest& request = request_of(req);
  request.port.drop(request);
  return 0;
}

RELEVENT_API int evdns_server_request_get_requesting_addr(evdns_server_request* req, sockaddr* sa,
                                                          int addr_len) {
  const Address& address = request_of(req).address;
  if (addr_len < static_cast<int>(address.length)) {
    return -1;
  }
  std::memcpy(sa, address.get(), address.length);
  return static_cast<int>(address.length);
}

}  // extern "C"
