// Takes URIs apart and joins them again. What was parsed has to be well-formed part by part, and
// the joined text has to mean the same.
#include <event2/http.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

struct FreeUri {
  void operator()(evhttp_uri* uri) const { evhttp_uri_free(uri); }
};
using Uri = std::unique_ptr<evhttp_uri, FreeUri>;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

using Getter = const char* (*)(const evhttp_uri*);
using Setter = int (*)(evhttp_uri*, const char*);
const struct {
  Getter get;
  Setter set;
} kParts[] = {
    {evhttp_uri_get_scheme, evhttp_uri_set_scheme},
    {evhttp_uri_get_userinfo, evhttp_uri_set_userinfo},
    {evhttp_uri_get_host, evhttp_uri_set_host},
    {evhttp_uri_get_unixsocket, evhttp_uri_set_unixsocket},
    {evhttp_uri_get_path, evhttp_uri_set_path},
    {evhttp_uri_get_query, evhttp_uri_set_query},
    {evhttp_uri_get_fragment, evhttp_uri_set_fragment},
};

std::string text_of(const char* part) { return part == nullptr ? "-" : std::string("+") + part; }

bool same(const Uri& a, const Uri& b) {
  for (const auto& part : kParts) {
    if (text_of(part.get(a.get())) != text_of(part.get(b.get()))) {
      return false;
    }
  }
  return evhttp_uri_get_port(a.get()) == evhttp_uri_get_port(b.get());
}

std::string join(const Uri& uri, std::size_t size) {
  // In memory of exactly the size that is told.
  const std::unique_ptr<char[]> out(new char[size]);
  const char* const joined = evhttp_uri_join(uri.get(), out.get(), size);
  return joined == nullptr ? "" : joined;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const unsigned flags = data[0];
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Uri uri(evhttp_uri_parse_with_flags(text.c_str(), flags));
  if (!uri) {
    return 0;
  }
  // Brackets, and what marks a socket, may come back in; a port may lose its zeros.
  const std::string joined = join(uri, text.size() + 16);
  const Uri again(evhttp_uri_parse_with_flags(joined.c_str(), flags));
  require(again && same(uri, again));
  require(join(uri, joined.size() + 1) == joined);
  require(join(uri, joined.size()).empty());

  const bool stripped = (flags & EVHTTP_URI_HOST_STRIP_BRACKETS) != 0;
  for (const auto& part : kParts) {
    const char* const value = part.get(uri.get());
    if (!(stripped && part.get == evhttp_uri_get_host)) {
      require(part.set(uri.get(), value) == 0);
    }
  }
  require(same(uri, again));
  return 0;
}
