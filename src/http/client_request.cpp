#include "http/client_request.h"

#include "http/method.h"
#include "http/text.h"
#include "http/writer.h"
#include "surface/memory.h"

namespace relevent::http {

namespace {

constexpr std::string_view kLength = "Content-Length";

bool is_good_target(std::string_view target, Mode mode) {
  if (mode == Mode::kCompat) {
    return is_one_line(target);
  }
  return !target.empty() && !has_control(target) &&
         (mode != Mode::kStrict || target.find(' ') == std::string_view::npos);
}

}  // namespace

bool prepare_request(Request& request, evhttp_cmd_type type, const char* target,
                     evhttp_ext_method_cb more_methods, Mode mode) {
  bool has_body = false;
  if (method_name(type, more_methods, has_body) == nullptr || !is_good_target(target, mode)) {
    return false;
  }
  OwnedString copy(duplicate_string(target));
  if (!copy) {
    return false;
  }
  relevent_release(request.uri);
  request.uri = copy.release();
  request.kind = EVHTTP_REQUEST;
  request.type = type;
  if (request.major == 0 && request.minor == 0) {
    request.major = 1;
    request.minor = 1;
  }
  return true;
}

bool write_request(evbuffer& out, Request& request, evhttp_ext_method_cb more_methods) {
  constexpr std::size_t kFixedRoom = 128;
  bool has_body = false;
  const std::string_view method = method_name(request.type, more_methods, has_body);
  const std::string_view target = request.uri;
  const evkeyvalq& fields = *request.output_headers;
  const std::size_t length = evbuffer_get_length(request.output_buffer);
  const bool says_length = (length > 0 || has_body) && find_field(fields, kLength) == nullptr &&
                           find_field(fields, "Transfer-Encoding") == nullptr;
  std::size_t room = kFixedRoom + method.size() + target.size();
  for (const evkeyval& field : each_field(fields)) {
    room += Writer::field_size(field.key, field.value);
  }
  Writer writer;
  if (!writer.begin(out, room)) {
    return false;
  }
  writer.put(method);
  writer.put(' ');
  writer.put(target);
  writer.put(" HTTP/");
  writer.put_number(static_cast<std::uint64_t>(request.major));
  writer.put('.');
  writer.put_number(static_cast<std::uint64_t>(request.minor));
  writer.put("\r\n");
  for (const evkeyval& field : each_field(fields)) {
    writer.put_field(field.key, field.value);
  }
  if (says_length) {
    writer.put(kLength);
    writer.put(": ");
    writer.put_number(length);
    writer.put("\r\n");
  }
  writer.put("\r\n");
  writer.end();
  return evbuffer_add_buffer(&out, request.output_buffer) == 0;
}

}  // namespace relevent::http
