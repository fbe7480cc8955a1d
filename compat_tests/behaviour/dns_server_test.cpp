// DNS servers: requests, replies, what is ignored, and what does not fit. By UDP.
#include "dns_tools.h"

namespace dns_cases {
namespace {

// A server port, and a socket that asks it.
struct Asked {
  using Handler = std::function<void(evdns_server_request*)>;

  const Base base = make_base();
  evdns_server_port* port = nullptr;
  Handler handler = [](evdns_server_request* request) { evdns_server_request_respond(request, 0); };
  int requests = 0;
  int client = -1;
  sockaddr_in address = {};

  Asked() {
    const int fd = bound_socket();
    socklen_t length = sizeof address;
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
    port = evdns_add_server_port_with_base(base.get(), fd, 0, on_request, this);
    REQUIRE(port != nullptr);
    client = bound_socket();
  }
  ~Asked() {
    if (port != nullptr) {
      evdns_close_server_port(port);
    }
    spin(base);
    close(client);
  }

  static int bound_socket() {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    sockaddr_in in = {};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&in), sizeof in) == 0);
    return fd;
  }
  static void on_request(evdns_server_request* request, void* arg) {
    auto& self = *static_cast<Asked*>(arg);
    ++self.requests;
    self.handler(request);
  }
  void send(const Bytes& message) const {
    CHECK(sendto(client, message.data(), message.size(), 0,
                 reinterpret_cast<const sockaddr*>(&address), sizeof address) >= 0);
  }
  Bytes receive() const {
    char buffer[65536];
    const ssize_t size = recv(client, buffer, sizeof buffer, 0);
    return size < 0 ? "nothing" : Bytes(buffer, static_cast<size_t>(size));
  }
  Bytes ask(const Bytes& message) {
    send(message);
    spin(base);
    return receive();
  }
};

Bytes question(const std::string& name = "Www.x", unsigned type = EVDNS_TYPE_A) {
  Bytes out = wire_name(name);
  put16(out, type);
  put16(out, EVDNS_CLASS_INET);
  return out;
}
Bytes query(const std::vector<Bytes>& questions, unsigned flags = 0x100) {
  Bytes out = "ID";
  put16(out, flags);
  put16(out, static_cast<unsigned>(questions.size()));
  out += Bytes(6, '\0');
  for (const Bytes& one : questions) {
    out += one;
  }
  return out;
}
// Flags, number of questions, and the numbers of records.
std::vector<unsigned> header(const Bytes& message) {
  REQUIRE(message.size() >= 12);
  std::vector<unsigned> out;
  for (size_t at = 2; at < 12; at += 2) {
    out.push_back(get16(message, at));
  }
  return out;
}
using Header = std::vector<unsigned>;

TEST_CASE("evdns server callbacks see the questions and the reply repeats them") {
  Asked asked;
  asked.handler = [](evdns_server_request* request) {
    CHECK(request->flags == 0x110);
    REQUIRE(request->nquestions == 2);
    CHECK(request->questions[0]->type == EVDNS_TYPE_A);
    CHECK(request->questions[0]->dns_question_class == EVDNS_CLASS_INET);
    CHECK(std::string(request->questions[0]->name) == "Www.x");
    CHECK(request->questions[1]->type == EVDNS_TYPE_AAAA);
    CHECK(std::string(request->questions[1]->name).empty());
    CHECK(evdns_server_request_respond(request, DNS_ERR_REFUSED) == 0);
  };
  const Bytes both = question() + question("", EVDNS_TYPE_AAAA);
  const Bytes reply = asked.ask(query({question(), question("", EVDNS_TYPE_AAAA)}, 0x07b0));
  CHECK(reply.substr(0, 2) == "ID");
  CHECK(header(reply) == Header{0x8115, 2, 0, 0, 0});
  CHECK(reply.substr(12) == both);
}

TEST_CASE("evdns_add_server_port_with_base refuses flags") {
  const Base base = make_base();
  const int fd = Asked::bound_socket();
  CHECK(evdns_add_server_port_with_base(base.get(), fd, 1, Asked::on_request, nullptr) == nullptr);
  close(fd);
}

TEST_CASE("evdns_server_request_add refuses more addresses than a record holds") {
  INTENDED_DIFFERENCE("the reference computes a length that overflows");
  Asked asked;
  asked.handler = [](evdns_server_request* request) {
    for (const int count : {0x40000001, 0x7fffffff, -1, 16384}) {
      CHECK(evdns_server_request_add_a_reply(request, "x", count, "abcd", 60) == -1);
      CHECK(evdns_server_request_add_aaaa_reply(request, "x", count, "abcd", 60) == -1);
    }
    evdns_server_request_respond(request, 0);
  };
  CHECK(header(asked.ask(query({question()}))) == Header{0x8100, 1, 0, 0, 0});
}

TEST_CASE("evdns_server_request_respond repeats no question that it cannot write") {
  INTENDED_DIFFERENCE("the reference writes a name with empty labels");
  Asked asked;
  const Bytes dots = Bytes("\2..") + '\0' + Bytes("\0\1\0\1", 4);
  const Bytes reply = asked.ask(query({dots}));
  CHECK(header(reply) == Header{0x8300, 0, 0, 0, 0});
  CHECK(reply.size() == 12);
}

TEST_CASE("evdns_server_request_add replies are compressed") {
  Asked asked;
  asked.handler = [](evdns_server_request* request) {
    in_addr in = {htonl(0x01020304)};
    CHECK(evdns_server_request_add_a_reply(request, "Www.x", 2, "abcdefgh", 60) == 0);
    CHECK(evdns_server_request_add_aaaa_reply(request, "a.Www.x", 1, "0123456789abcdef", 61) == 0);
    CHECK(evdns_server_request_add_cname_reply(request, "Www.x", "real.x", 62) == 0);
    CHECK(evdns_server_request_add_ptr_reply(request, &in, nullptr, "host.x", -1) == 0);
    CHECK(evdns_server_request_add_ptr_reply(request, nullptr, "y.x", "host.x", 0) == 0);
    CHECK(evdns_server_request_add_ptr_reply(request, &in, "y.x", "host.x", 0) == -1);
    CHECK(evdns_server_request_add_ptr_reply(request, nullptr, nullptr, "host.x", 0) == -1);
    CHECK(evdns_server_request_respond(request, 0) == 0);
  };
  const Bytes reply = asked.ask(query({question()}));
  CHECK(header(reply) == Header{0x8100, 1, 5, 0, 0});
  const Bytes x = "\xc0\x10";
  Bytes expected = record(EVDNS_TYPE_A, 60, "abcdefgh");
  expected += record(EVDNS_TYPE_AAAA, 61, "0123456789abcdef", Bytes("\1a") + "\xc0\x0c");
  expected += record(EVDNS_TYPE_CNAME, 62, Bytes("\4real") + x);
  const size_t arpa = 12 + question().size() + expected.size();
  expected +=
      record(EVDNS_TYPE_PTR, 0xffffffff, Bytes("\4host") + x, wire_name("4.3.2.1.in-addr.arpa"));
  const size_t host = arpa + wire_name("4.3.2.1.in-addr.arpa").size() + 10;
  Bytes pointer;
  put16(pointer, static_cast<unsigned>(0xc000 | host));
  expected += record(EVDNS_TYPE_PTR, 0, pointer, Bytes("\1y") + x);
  CHECK(reply.substr(12 + question().size()) == expected);
}

TEST_CASE("evdns_server_request_add_reply sorts the sections") {
  Asked asked;
  asked.handler = [](evdns_server_request* request) {
    const auto add = [&](int section, int type, int size, bool is_name, const char* data) {
      return evdns_server_request_add_reply(request, section, "x", type, EVDNS_CLASS_INET, 1, size,
                                            is_name ? 1 : 0, data);
    };
    CHECK(add(EVDNS_ADDITIONAL_SECTION, EVDNS_TYPE_TXT, 4, false, "\3abc") == 0);
    CHECK(add(EVDNS_AUTHORITY_SECTION, EVDNS_TYPE_NS, 0, true, "ns.x") == 0);
    CHECK(add(EVDNS_ANSWER_SECTION, EVDNS_TYPE_TXT, 0, false, nullptr) == 0);
    CHECK(add(3, EVDNS_TYPE_TXT, 0, false, nullptr) == -1);
    CHECK(add(-1, EVDNS_TYPE_TXT, 0, false, nullptr) == -1);
    CHECK(evdns_server_request_respond(request, 0) == 0);
  };
  const Bytes reply = asked.ask(query({question()}));
  CHECK(header(reply) == Header{0x8100, 1, 1, 1, 1});
  CHECK(reply.size() == 12 + question().size() + 12 + (12 + 5) + (12 + 4));
}

TEST_CASE("evdns_server_request_set_flags sets AA and RA") {
  Asked asked;
  int flags = 0;
  asked.handler = [&](evdns_server_request* request) {
    evdns_server_request_set_flags(request, flags);
    CHECK((request->flags & 0xfff) == (0x100 | flags));
    evdns_server_request_respond(request, 0);
  };
  for (const int value : {EVDNS_FLAGS_AA, EVDNS_FLAGS_RD, EVDNS_FLAGS_AA | EVDNS_FLAGS_RD, 0}) {
    flags = value;
    CHECK(header(asked.ask(query({question()}))).front() ==
          (0x8100U | static_cast<unsigned>(value)));
  }
}

TEST_CASE("evdns_server_request_drop and respond end a request") {
  Asked asked;
  asked.handler = [](evdns_server_request* request) {
    CHECK(evdns_server_request_respond(request, 99) == -1);
    CHECK(evdns_server_request_respond(request, -1) == -1);
    CHECK(evdns_server_request_drop(request) == 0);
  };
  CHECK(asked.ask(query({question()})) == "nothing");
  CHECK(asked.requests == 1);
}

TEST_CASE("evdns_server_request_get_requesting_addr gives the asker") {
  Asked asked;
  asked.handler = [&](evdns_server_request* request) {
    sockaddr_in from = {};
    sockaddr_in self = {};
    socklen_t length = sizeof self;
    getsockname(asked.client, reinterpret_cast<sockaddr*>(&self), &length);
    auto* const sa = reinterpret_cast<sockaddr*>(&from);
    CHECK(evdns_server_request_get_requesting_addr(request, sa, sizeof from - 1) == -1);
    CHECK(evdns_server_request_get_requesting_addr(request, sa, sizeof from) == sizeof from);
    CHECK(from.sin_port == self.sin_port);
    evdns_server_request_respond(request, 0);
  };
  asked.ask(query({question()}));
  CHECK(asked.requests == 1);
}

TEST_CASE("evdns_server requests may be answered after their port was closed") {
  Asked asked;
  std::vector<evdns_server_request*> held;
  asked.handler = [&](evdns_server_request* request) { held.push_back(request); };
  asked.send(query({question()}));
  asked.send(query({question()}));
  spin(asked.base);
  REQUIRE(held.size() == 2);
  evdns_close_server_port(std::exchange(asked.port, nullptr));
  spin(asked.base);
  CHECK(evdns_server_request_respond(held[0], 0) == 0);
  CHECK(header(asked.receive()).front() == 0x8100);
  CHECK(evdns_server_request_drop(held[1]) == 0);
}

TEST_CASE("evdns_close_server_port may be called in a callback") {
  Asked asked;
  asked.handler = [&](evdns_server_request* request) {
    evdns_close_server_port(std::exchange(asked.port, nullptr));
    CHECK(evdns_server_request_respond(request, 0) == 0);
  };
  asked.send(query({question()}));
  CHECK(header(asked.ask(query({question()}))).front() == 0x8100);
  CHECK(asked.requests == 1);
}

TEST_CASE("evdns server answers a burst in order until its port is closed") {
  Asked asked;
  asked.handler = [&](evdns_server_request* request) {
    CHECK(evdns_server_request_respond(request, 0) == 0);
    if (asked.requests == 20) {
      evdns_close_server_port(std::exchange(asked.port, nullptr));
    }
  };
  Bytes packet = query({question()});
  for (char id = 1; id <= 40; ++id) {
    packet[1] = id;
    asked.send(packet);
  }
  spin(asked.base);
  for (char id = 1; id <= 20; ++id) {
    const Bytes reply = asked.receive();
    REQUIRE(reply.size() >= 12);
    REQUIRE(reply[1] == id);
  }
  CHECK(asked.requests == 20);
}

TEST_CASE("evdns server replies of 512 bytes are whole") {
  Asked asked;
  asked.handler = [](evdns_server_request* request) {
    for (int i = 0; i < 30; ++i) {
      evdns_server_request_add_a_reply(request, "Www.x", 1, "abcd", 60);
    }
    evdns_server_request_respond(request, 0);
  };
  const Bytes reply = asked.ask(query({question()}));
  CHECK(reply.size() == 12 + question().size() + 30 * 16);
  CHECK(header(reply) == Header{0x8100, 1, 30, 0, 0});
}

TEST_CASE("evdns server replies that are too long end with a whole record") {
  INTENDED_DIFFERENCE("the reference cuts at 512 bytes and counts records that are not there");
  Asked asked;
  const char* name = "Www.x";
  asked.handler = [&](evdns_server_request* request) {
    for (int i = 0; i < 100; ++i) {
      evdns_server_request_add_a_reply(request, i == 2 ? name : "Www.x", 1, "abcd", 60);
    }
    evdns_server_request_respond(request, 0);
  };
  const Bytes reply = asked.ask(query({question()}));
  CHECK(reply.size() <= 512);
  CHECK(header(reply) == Header{0x8300, 1, 30, 0, 0});
  // To who says by EDNS that it takes more, more is sent.
  Bytes edns = query({question()}) + Bytes("\0\0\x29\x10\0\0\0\0\0\0\0", 11);
  edns[11] = 1;
  const Bytes longer = asked.ask(edns);
  CHECK(header(longer) == Header{0x8100, 1, 100, 0, 1});
  CHECK(longer.size() == 12 + question().size() + 1600 + 11);
  // A name that no message can hold counts as one that does not fit.
  name = "a..b";
  CHECK(header(asked.ask(query({question()}))) == Header{0x8300, 1, 2, 0, 0});
}

TEST_CASE("evdns server ports ignore what is no request") {
  Asked asked;
  const Bytes whole = query({question()});
  const Bytes pointing = query({Bytes("\xc0\x0c\0\1\0\1", 6)});
  for (const Bytes& packet :
       {query({}), query({question()}, 0x8100), whole.substr(0, whole.size() - 1),
        whole.substr(0, 15), whole.substr(0, 12), pointing}) {
    CHECK(asked.ask(packet) == "nothing");
  }
  CHECK(asked.requests == 0);
  // What follows the questions does not matter.
  CHECK(header(asked.ask(whole + "junk")).front() == 0x8100);
}

TEST_CASE("evdns server ports ignore packets of 0 to 11 bytes") {
  INTENDED_DIFFERENCE("the reference ends the process");
  Asked asked;
  const Bytes whole = query({question()});
  for (size_t size = 0; size < 12; ++size) {
    asked.send(whole.substr(0, size));
  }
  CHECK(asked.ask(whole) != "nothing");
  CHECK(asked.requests == 1);
}

TEST_CASE("evdns server ports survive random bytes") {
  Asked asked;
  asked.handler = [](evdns_server_request* request) {
    evdns_server_request_add_a_reply(request, "x", 1, "abcd", 1);
    evdns_server_request_respond(request, 0);
  };
  unsigned seed = 7;
  for (int i = 0; i < 400; ++i) {
    Bytes packet = query({question(), question("b.Www.x")});
    for (int k = 0; k < 6; ++k) {
      seed = seed * 1103515245 + 12345;
      packet[4 + (seed >> 16) % (packet.size() - 4)] = static_cast<char>(seed >> 8);
    }
    packet[4] = 0;
    asked.send(packet);
    spin(asked.base, 1);
    while (asked.receive() != "nothing") {
    }
  }
}

}  // namespace
}  // namespace dns_cases
