#pragma once

#include <event2/dns.h>
#include <event2/event_struct.h>

#include "base/intrusive_list.h"
#include "dns/answer.h"
#include "dns/options.h"
#include "dns/search.h"

namespace relevent::dns {

class Resolver;
struct Nameserver;

struct Request;

// Where a request stands in a list.
struct RequestNode {
  Request* next = nullptr;  // first: its address is that of the node
  Request** previous = nullptr;
};

// A query, from the call that starts it to the callback that ends it.
//
// It waits for its turn, is in flight (it has an id, and a deadline for the answer), and is then
// being delivered: its event is active, and the loop calls back. Each candidate of a search list
// takes a flight of its own. A probe of a nameserver is a request without receiver.
// Lock: the resolver's, until it is being delivered; then it belongs to its event.
struct Request : RequestNode {
  enum class Stage { kNew, kWaiting, kInFlight, kDelivering };

  // What is told of the end; `argument` of the request is theirs.
  struct Receiver {
    void (*deliver)(Request& request);         // no lock is held
    void (*drop)(Request& request) = nullptr;  // the resolver went silently; its lock is held
  };

  explicit Request(Resolver& its_resolver) : resolver(its_resolver) {}
  ~Request() { SearchList::drop(search_list); }

  bool is_probe() const { return receiver == nullptr; }
  Search search() const { return {name.get(), search_list, ndots}; }

  Resolver& resolver;
  Stage stage = Stage::kNew;
  const Receiver* receiver = nullptr;
  evdns_callback_type callback = nullptr;
  void* argument = nullptr;
  int flags = 0;

  // Searching.
  OwnedString name;  // only with a search list
  SearchList* search_list = nullptr;
  int ndots = 0;
  int candidate = 0;

  // In flight.
  Query query;
  std::uint16_t id = 0;
  int transmissions = 0;
  Duration deadline = 0;
  Duration unsent_for = 0;  // how long the system has had no room for it
  Nameserver* server = nullptr;
  bool over_tcp = false;
  bool was_truncated = false;
  bool exact_case = false;  // the answer has to repeat the letters of the query

  Answer answer;
  event delivery;
  bool silent = false;  // do not call back: the resolver was freed

  Request* next_in_bucket = nullptr;
};

struct RequestLinks {
  static Request*& next(Request& request) { return request.next; }
  static Request**& prev(Request& request) { return request.previous; }
  static Request* owner(Request** next_link) {
    return static_cast<Request*>(reinterpret_cast<RequestNode*>(next_link));
  }
};
using RequestList = IntrusiveList<Request, RequestLinks>;

// The requests in flight, by id and by deadline.
class Flights {
 public:
  int count() const { return count_; }
  Request* first() const { return by_deadline_.front(); }
  Request* find(std::uint16_t id) const;

  // Gives the request an id that nobody could guess.
  void add(Request& request);
  void remove(Request& request);
  void set_deadline(Request& request, Duration deadline);

  template <class Function>
  void for_each(Function function) const {
    by_deadline_.for_each(function);
  }

 private:
  static constexpr std::size_t kBuckets = 256;

  void insert_by_deadline(Request& request);

  Request* buckets_[kBuckets] = {};
  RequestList by_deadline_;
  int count_ = 0;
};

}  // namespace relevent::dns

// The C API's type.
struct evdns_request final : relevent::dns::Request {
  using Request::Request;
};
