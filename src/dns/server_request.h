#pragma once

#include <event2/dns.h>
#include <event2/dns_struct.h>

#include "base/intrusive_list.h"
#include "dns/address.h"
#include "dns/name.h"
#include "surface/memory.h"

namespace relevent::dns {

// The largest datagram that a server sends, to those that say by EDNS that they take it.
inline constexpr std::size_t kMaxUdpReply = 4096;

class ServerPort;
struct ServerClient;

// A record of a reply. Name and data follow it in its block of memory.
struct ReplyRecord {
  ReplyRecord* next;
  int section;
  std::uint16_t type;
  std::uint16_t rr_class;
  std::uint32_t ttl;
  bool data_is_name;
  std::size_t data_size;
  const char* name;
  const char* data;
};

// A request that a server got, and the reply that is made for it.
// Owns: its questions and records, and the reply when it is built.
// Lock: the port's, once the request is among those that wait to be sent; before that it is its
// user's.
struct ServerRequest : evdns_server_request {
  ServerRequest* next = nullptr;
  ServerRequest** previous = nullptr;

  explicit ServerRequest(ServerPort& its_port) : evdns_server_request{}, port(its_port) {}
  ~ServerRequest();

  // Reads a query. Fails: false for what is none, and without memory.
  [[nodiscard]] bool parse(Bytes message);
  [[nodiscard]] bool add_record(int section, const char* owner, int type, int rr_class, int ttl,
                                std::size_t size, bool is_name, const char* data);
  // Builds the reply, of at most `most` bytes: whole records as long as there is room, else it is
  // marked as truncated. Fails: false without memory.
  [[nodiscard]] bool build(int error, std::size_t most);

  ServerPort& port;
  ServerClient* client = nullptr;  // null: by UDP
  Address address = {};
  std::uint16_t id = 0;
  std::size_t edns_size = 0;  // what the asker offers; 0: it does not know EDNS
  OwnedString reply;
  std::size_t reply_size = 0;

 private:
  [[nodiscard]] bool allocate_questions(unsigned count);
  [[nodiscard]] bool add_question(const NameText& name, int type, int question_class);
  void read_edns(Reader& reader, unsigned records);
  [[nodiscard]] bool write_questions(Writer& writer, NameTable& names) const;
  // How many records were written; `whole` is set to whether these are all.
  unsigned write_section(Writer& writer, NameTable& names, int section, bool& whole) const;
  bool has_opt_record() const;

  // Nearly every request has one question, which then needs no memory of its own.
  struct OneQuestion {
    evdns_server_question* pointer;
    evdns_server_question question;
    char rest_of_name[sizeof NameText::text];
  };
  OneQuestion one_question_;  // filled when it is used
  ReplyRecord* records_ = nullptr;
  ReplyRecord** records_end_ = &records_;
};

struct ServerRequestLinks {
  static ServerRequest*& next(ServerRequest& request) { return request.next; }
  static ServerRequest**& prev(ServerRequest& request) { return request.previous; }
};
using ServerRequestList = IntrusiveList<ServerRequest, ServerRequestLinks>;

}  // namespace relevent::dns
