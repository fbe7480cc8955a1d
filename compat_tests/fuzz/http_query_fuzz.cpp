// Splits queries, and encodes, decodes and escapes text. Encoding has to be undone by decoding.
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

struct Free {
  void operator()(char* text) const { std::free(text); }
};
using Text = std::unique_ptr<char, Free>;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void split(const std::string& query, unsigned flags) {
  evkeyvalq arguments;
  const int result = evhttp_parse_query_str_flags(query.c_str(), &arguments, flags);
  require(result == 0 || arguments.tqh_first == nullptr);
  for (const evkeyval* one = arguments.tqh_first; one != nullptr; one = one->next.tqe_next) {
    require(one->key[0] != '\0' && evhttp_find_header(&arguments, one->key) != nullptr);
    if ((flags & EVHTTP_URI_QUERY_LAST_VAL) != 0) {
      require(evhttp_find_header(&arguments, one->key) == one->value);
    }
  }
  evhttp_clear_headers(&arguments);
  evhttp_parse_query(query.c_str(), &arguments);
  evhttp_clear_headers(&arguments);
}

void encode_and_decode(const std::string& text, bool plus) {
  const Text encoded(evhttp_uriencode(text.data(), static_cast<ev_ssize_t>(text.size()), plus));
  std::size_t length = 0;
  const Text decoded(evhttp_uridecode(encoded.get(), plus, &length));
  require(std::string(decoded.get(), length) == text);
  // Whatever is decoded does not become longer, and whatever is escaped not shorter.
  const Text any(evhttp_uridecode(text.c_str(), plus, &length));
  require(length <= text.size());
  const Text mixed(evhttp_decode_uri(text.c_str()));
  const Text escaped(evhttp_htmlescape(text.c_str()));
  require(std::string(escaped.get()).size() >= std::string(text.c_str()).size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  split(text, data[0] % 4);
  encode_and_decode(text, (data[0] & 4) != 0);
  return 0;
}
