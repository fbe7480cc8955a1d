// event2/http.h: URIs, percent-encoding and queries
#include <event2/http.h>

#include <cstring>

#include "base/attributes.h"
#include "http/encoding.h"
#include "http/headers.h"
#include "http/query.h"
#include "http/uri.h"

namespace http = relevent::http;

namespace {

int status(bool done) { return done ? 0 : -1; }

}  // namespace

extern "C" {

// Encoding

RELEVENT_API char* evhttp_uriencode(const char* str, ev_ssize_t size, int space_to_plus) {
  const std::size_t length = size < 0 ? std::strlen(str) : static_cast<std::size_t>(size);
  return http::percent_encode({str, length}, space_to_plus != 0).release();
}

RELEVENT_API char* evhttp_encode_uri(const char* str) {
  return http::percent_encode(str, false).release();
}

RELEVENT_API char* evhttp_uridecode(const char* uri, int decode_plus, size_t* size_out) {
  std::size_t length = 0;
  const http::Plus plus = decode_plus != 0 ? http::Plus::kEverywhere : http::Plus::kNowhere;
  relevent::OwnedString decoded = http::percent_decode(uri, plus, length);
  if (decoded && size_out != nullptr) {
    *size_out = length;
  }
  return decoded.release();
}

RELEVENT_API char* evhttp_decode_uri(const char* uri) {
  std::size_t length = 0;
  return http::percent_decode(uri, http::Plus::kInQuery, length).release();
}

// In no header, but exported. `ret` has room for one byte more than `length`.
RELEVENT_API int evhttp_decode_uri_internal(const char* uri, size_t length, char* ret,
                                            int decode_plus) {
  const http::Plus plus = decode_plus < 0    ? http::Plus::kInQuery
                          : decode_plus == 1 ? http::Plus::kEverywhere
                                             : http::Plus::kNowhere;
  const std::size_t decoded = http::percent_decode({uri, length}, plus, ret);
  ret[decoded] = '\0';
  return static_cast<int>(decoded);
}

RELEVENT_API char* evhttp_htmlescape(const char* html) {
  return html == nullptr ? nullptr : http::escape_html(html).release();
}

// Queries

RELEVENT_API int evhttp_parse_query_str_flags(const char* uri, evkeyvalq* headers, unsigned flags) {
  http::init_fields(*headers);
  return status(http::parse_query(uri, flags, *headers));
}

RELEVENT_API int evhttp_parse_query_str(const char* uri, evkeyvalq* headers) {
  return evhttp_parse_query_str_flags(uri, headers, 0);
}

RELEVENT_API int evhttp_parse_query(const char* uri, evkeyvalq* headers) {
  http::init_fields(*headers);
  const std::optional<http::UriParts> parts = http::split_uri(uri, http::UriRules());
  return status(parts && http::parse_query(parts->query.value_or(""), 0, *headers));
}

// URIs

RELEVENT_API evhttp_uri* evhttp_uri_new() { return relevent::create<evhttp_uri>(); }

RELEVENT_API void evhttp_uri_free(evhttp_uri* uri) { relevent::destroy(uri); }

RELEVENT_API evhttp_uri* evhttp_uri_parse_with_flags(const char* source_uri, unsigned flags) {
  relevent::Owned<evhttp_uri> uri(relevent::create<evhttp_uri>());
  const bool parsed = uri && uri->parse(source_uri, http::UriRules(flags));
  return parsed ? uri.release() : nullptr;
}

RELEVENT_API evhttp_uri* evhttp_uri_parse(const char* source_uri) {
  return evhttp_uri_parse_with_flags(source_uri, 0);
}

RELEVENT_API char* evhttp_uri_join(evhttp_uri* uri, char* buf, size_t limit) {
  return uri->join(buf, limit) ? buf : nullptr;
}

RELEVENT_API void evhttp_uri_set_flags(evhttp_uri* uri, unsigned flags) {
  uri->set_rules(http::UriRules(flags));
}

RELEVENT_API const char* evhttp_uri_get_scheme(const evhttp_uri* uri) { return uri->scheme(); }
RELEVENT_API const char* evhttp_uri_get_userinfo(const evhttp_uri* uri) { return uri->userinfo(); }
RELEVENT_API const char* evhttp_uri_get_host(const evhttp_uri* uri) { return uri->host(); }
RELEVENT_API const char* evhttp_uri_get_unixsocket(const evhttp_uri* uri) {
  return uri->unix_socket();
}
RELEVENT_API int evhttp_uri_get_port(const evhttp_uri* uri) { return uri->port(); }
RELEVENT_API const char* evhttp_uri_get_path(const evhttp_uri* uri) { return uri->path(); }
RELEVENT_API const char* evhttp_uri_get_query(const evhttp_uri* uri) { return uri->query(); }
RELEVENT_API const char* evhttp_uri_get_fragment(const evhttp_uri* uri) { return uri->fragment(); }

RELEVENT_API int evhttp_uri_set_scheme(evhttp_uri* uri, const char* scheme) {
  return status(uri->set_scheme(scheme));
}
RELEVENT_API int evhttp_uri_set_userinfo(evhttp_uri* uri, const char* userinfo) {
  return status(uri->set_userinfo(userinfo));
}
RELEVENT_API int evhttp_uri_set_host(evhttp_uri* uri, const char* host) {
  return status(uri->set_host(host));
}
RELEVENT_API int evhttp_uri_set_unixsocket(evhttp_uri* uri, const char* unixsocket) {
  return status(uri->set_unix_socket(unixsocket));
}
RELEVENT_API int evhttp_uri_set_port(evhttp_uri* uri, int port) {
  return status(uri->set_port(port));
}
RELEVENT_API int evhttp_uri_set_path(evhttp_uri* uri, const char* path) {
  return status(uri->set_path(path));
}
RELEVENT_API int evhttp_uri_set_query(evhttp_uri* uri, const char* query) {
  return status(uri->set_query(query));
}
RELEVENT_API int evhttp_uri_set_fragment(evhttp_uri* uri, const char* fragment) {
  return status(uri->set_fragment(fragment));
}

}  // extern "C"
