// What a client sends to a DNS server: any bytes must be read without harm, and the reply to a
// request must be a message of the right size that repeats its id and questions.
#include <event2/dns.h>

#include <cstdlib>

#include "dns/server_port.h"

using namespace relevent::dns;

namespace {

void check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void check_reply(const ServerRequest& request, Bytes message, std::size_t most) {
  const Bytes reply = {reinterpret_cast<const std::uint8_t*>(request.reply.get()),
                       request.reply_size};
  check(reply.size() >= kHeaderSize && reply.size() <= most);
  check(reply[0] == message[0] && reply[1] == message[1]);
  Reader reader(reply);
  reader.seek(4);
  const unsigned questions = reader.u16();
  const bool all = questions == static_cast<unsigned>(request.nquestions);
  if ((reply[2] & kFlagTruncated >> 8) != 0) {
    check(all ||
          questions == 0);  // for instance a label with a dot inside, which no text stands for
    return;
  }
  check(all);
  reader.seek(kHeaderSize);
  for (unsigned i = 0; i < questions; ++i) {
    NameText name;
    check(read_name(reader, name));
    check(reader.u16() == static_cast<unsigned>(request.questions[i]->type));
    reader.u16();
  }
  check(reader.ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ServerPort port(nullptr, -1, nullptr, nullptr, nullptr);
  for (const std::size_t most : {kUdpSize, kMessageSize}) {
    ServerRequest request(port);
    if (size > kMessageSize || !request.parse({data, size})) {
      return 0;
    }
    const char* const name = request.questions[0]->name;
    check(request.add_record(EVDNS_ANSWER_SECTION, name, EVDNS_TYPE_A, EVDNS_CLASS_INET, 60, 4,
                             false, "abcd"));
    check(request.add_record(EVDNS_AUTHORITY_SECTION, "example.com", EVDNS_TYPE_NS,
                             EVDNS_CLASS_INET, 60, std::strlen(name) + 1, true, name));
    check(request.build(DNS_ERR_NONE, most));
    check_reply(request, {data, size}, most);
  }
  return 0;
}
