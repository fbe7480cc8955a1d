// Clients that are slow, or mean harm: each is survived, takes little memory, and the others are
// served meanwhile.
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <memory>

#include "http_tools.h"

using namespace http_test;

namespace {

constexpr std::size_t kKiB = 1024;
// What a limit of 16 KiB may cost: what is read at once, and rounding.
constexpr int kLimit = 16 * kKiB;
constexpr std::size_t kAllowance = 256 * kKiB;

const string kHead = "POST / HTTP/1.1\r\nHost: h\r\n";
const string kChunked = kHead + "Transfer-Encoding: chunked\r\n\r\n";

// Stands behind event_set_mem_functions and knows how many bytes the library holds.
class CountedBytes {
 public:
  CountedBytes() { event_set_mem_functions(allocate, reallocate, release); }
  static std::size_t held() { return held_; }

 private:
  static void* count(void* block) {
    held_ += ::malloc_usable_size(block);
    return block;
  }
  static void* allocate(std::size_t size) { return count(std::malloc(size)); }
  static void* reallocate(void* old, std::size_t size) {
    held_ -= ::malloc_usable_size(old);
    return count(std::realloc(old, size));
  }
  static void release(void* block) {
    held_ -= ::malloc_usable_size(block);
    std::free(block);
  }

  static inline std::atomic<std::size_t> held_ = 0;
};

// A server under attack. Its first base sets the hooks before anything is allocated.
class Victim : private CountedBytes, public Web {
 public:
  explicit Victim(Handler handler = greet) : Web(std::move(handler)) {
    REQUIRE(serves_others());  // what it keeps for good is there now
    before_ = held();
  }

  static void greet(evhttp_request* request) { reply(request, 200, "OK", "hello"); }

  bool serves_others() {
    return status_of(ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")) == "200 OK";
  }
  // What the attack makes the library hold.
  std::size_t extra() const { return held() > before_ ? held() - before_ : 0; }

  // Sends this over and over until the server has had enough, or `most` bytes have been sent.
  // Returns the most that was held meanwhile.
  std::size_t flood(Peer& peer, const string& bytes, std::size_t most) {
    std::size_t highest = 0;
    for (std::size_t sent = 0; sent < most && !peer.closed(); sent += bytes.size()) {
      peer.send(bytes);
      highest = std::max(highest, extra());
    }
    return highest;
  }
  // Until what those who have left made it hold is gone, but for this.
  bool recovers(std::size_t keeps = 16 * kKiB) {
    return run_until(base(), [this, keeps] { return extra() < keeps; });
  }

 private:
  std::size_t before_ = 0;
};

}  // namespace

TEST_CASE("http.h: a request that comes byte by byte is read and others are served meanwhile") {
  Victim victim;
  Peer peer(victim.base(), victim.port());
  const string request = kHead + "X: " + string(500, 'x') + "\r\nContent-Length: 5\r\n\r\nabcde";
  for (std::size_t at = 0; at < request.size(); ++at) {
    peer.send(request.substr(at, 1));
    event_base_loop(victim.base(), EVLOOP_NONBLOCK);
    if (at % 100 == 0) {
      CHECK(victim.serves_others());
    }
  }
  CHECK(body_of(peer.receive("hello")) == "hello");
  CHECK(victim.extra() < 32 * kKiB);
}

TEST_CASE("http.h: header sections that never end cost no more than their limit") {
  const struct {
    const char* name;
    string begin;
    string more;
  } rows[] = {
      {"a target", "GET /", string(kKiB, 'a')},
      {"fields", "GET / HTTP/1.1\r\n", "X-Field: abcdefghijklmnopqrstuvwxyz\r\n"},
      {"a value", "GET / HTTP/1.1\r\nX: ", string(kKiB, 'a')},
      {"a folded value", "GET / HTTP/1.1\r\nX: a\r\n", " abcdefghijklmnopqrstuvwxyz\r\n"},
  };
  Victim victim;
  evhttp_set_max_headers_size(victim.http(), kLimit);
  for (const auto& row : rows) {
    INFO(row.name);
    Peer peer(victim.base(), victim.port());
    peer.send(row.begin);
    CHECK(victim.flood(peer, row.more, 4096 * kKiB) < kAllowance);
    CHECK(peer.closed());
    CHECK(victim.serves_others());
  }
  CHECK(victim.recovers());
}

TEST_CASE("http.h: without a limit header sections end at one MiB") {
  INTENDED_DIFFERENCE("the reference stores all of it");
  Victim victim;
  for (const string& more : {string(kKiB, 'a'), " " + string(kKiB, 'a') + "\r\n"}) {
    Peer peer(victim.base(), victim.port());
    peer.send("GET / HTTP/1.1\r\nX: a\r\n");
    CHECK(victim.flood(peer, more, 8192 * kKiB) < 4096 * kKiB);
    CHECK(status_of(peer.receive("\r\n")).substr(0, 3) == "431");
  }
  CHECK(victim.recovers());
}

TEST_CASE("http.h: bodies longer than the limit are not stored") {
  const string big(4 * kKiB, 'x');
  const struct {
    const char* name;
    string begin;
    string more;
  } rows[] = {
      {"a length", kHead + "Content-Length: 99999999\r\n\r\n", big},
      {"a chunk", kChunked + "7fffffff\r\n", big},
      {"the largest chunk", kChunked + "7fffffffffffffff\r\n", big},
      {"chunks", kChunked, "1000\r\n" + big + "\r\n"},
  };
  const bool lingers = GENERATE(false, true);
  Victim victim;
  evhttp_set_max_body_size(victim.http(), kLimit);
  CHECK(evhttp_set_flags(victim.http(), lingers ? EVHTTP_SERVER_LINGERING_CLOSE : 0) == 0);
  for (const auto& row : rows) {
    INFO(row.name << (lingers ? ", to its end" : ""));
    Peer peer(victim.base(), victim.port());
    peer.send(row.begin);
    CHECK(victim.flood(peer, row.more, 2048 * kKiB) < kAllowance);
    CHECK(victim.serves_others());
    if (!lingers) {
      CHECK(status_of(peer.receive("\r\n")).substr(0, 3) == "413");
    }
  }
  CHECK(victim.recovers());
}

TEST_CASE("http.h: a chunk extension or trailer section that never ends") {
  INTENDED_DIFFERENCE("the reference stores all of it");
  Victim victim;
  evhttp_set_max_headers_size(victim.http(), kLimit);
  evhttp_set_max_body_size(victim.http(), kLimit);
  const string begins[] = {kChunked + "1;", kChunked + "0\r\n", kChunked + "0\r\nX: "};
  for (const string& begin : begins) {
    Peer peer(victim.base(), victim.port());
    peer.send(begin);
    const string more = begin.back() == '\n' ? "Trailer: abcdefghijkl\r\n" : string(100, 'a');
    CHECK(victim.flood(peer, more, 2048 * kKiB) < kAllowance);
    CHECK(status_of(peer.receive("\r\n")).substr(0, 3) == "400");
    CHECK(victim.serves_others());
  }
}

TEST_CASE("http.h: clients that leave at every stage") {
  const string request =
      kHead + "X: y\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n";
  enum class How { kClose, kReset, kHalf };
  const How how = GENERATE(How::kClose, How::kReset, How::kHalf);
  Victim victim;
  for (std::size_t length = 0; length <= request.size(); ++length) {
    Peer peer(victim.base(), victim.port());
    peer.send(request.substr(0, length));
    for (int i = 0; i < 2; ++i) {  // to accept it, and to read
      event_base_loop(victim.base(), EVLOOP_NONBLOCK);
    }
    if (how == How::kClose) {
      peer.close();
    } else if (how == How::kReset) {
      peer.reset();
    } else {
      peer.end_output();
      // Who has asked gets an answer, everybody an end.
      INFO(length);
      CHECK(body_of(peer.receive_all()) == (length == request.size() ? "hello" : ""));
    }
  }
  CHECK(victim.recovers());
  CHECK(victim.serves_others());
}

TEST_CASE("http.h: a thousand idle connections") {
  constexpr int kConnections = 1000;
  constexpr rlim_t kDescriptors = 2 * kConnections + 100;
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  if (limit.rlim_max < kDescriptors) {
    WARN("skipped: no more than " << limit.rlim_max << " descriptors are allowed");
    return;
  }
  limit.rlim_cur = std::max(limit.rlim_cur, kDescriptors);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  Victim victim;
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < kConnections; ++i) {
    peers.push_back(std::make_unique<Peer>(victim.base(), victim.port()));
    if (i % 2 == 1) {
      peers.back()->send("GET / HT");  // and then nothing
    }
    event_base_loop(victim.base(), EVLOOP_NONBLOCK);
  }
  CHECK(victim.serves_others());
  CHECK(victim.extra() < 8 * kKiB * kConnections);
  peers.clear();
  CHECK(victim.recovers(256 * kKiB));  // a table of descriptors does not shrink
  CHECK(victim.serves_others());
}

namespace {

// Its reply to "/page" is larger than what fits into sockets, and must be read in 300 ms.
class LargeVictim : public Victim {
 public:
  LargeVictim() : Victim([this](evhttp_request* request) { answer(request); }) {}

  int asked = 0;
  int closed = 0;

 private:
  void answer(evhttp_request* request) {
    if (string(evhttp_request_get_uri(request)) == "/") {
      greet(request);
      return;
    }
    ++asked;
    static const string page(8192 * kKiB, 'p');
    const timeval patience = ms(300);
    evhttp_connection* const connection = evhttp_request_get_connection(request);
    evhttp_connection_set_timeout_tv(connection, &patience);
    evhttp_connection_set_closecb(
        connection,
        [](evhttp_connection*, void* self) { ++static_cast<LargeVictim*>(self)->closed; }, this);
    evbuffer* const body = evbuffer_new();
    evbuffer_add_reference(body, page.data(), page.size(), nullptr, nullptr);
    evhttp_send_reply(request, 200, "OK", body);
    evbuffer_free(body);
  }
};

const string kPage = "GET /page HTTP/1.1\r\nHost: h\r\nX: " + string(kKiB, 'x') + "\r\n\r\n";

}  // namespace

TEST_CASE("http.h: a client that never reads is not waited for") {
  LargeVictim victim;
  Peer peer(victim.base(), victim.port());
  peer.send(kPage);
  CHECK(run_until(victim.base(), [&] { return victim.asked == 1; }));
  CHECK(victim.serves_others());
  CHECK(victim.extra() < 64 * kKiB);
  CHECK(run_until(victim.base(), [&] { return victim.closed == 1; }));
  CHECK(victim.recovers());
}

TEST_CASE("http.h: a client that asks on and never reads is not read either") {
  INTENDED_DIFFERENCE("the reference stores all of it");
  LargeVictim victim;
  Peer peer(victim.base(), victim.port());
  std::size_t highest = 0;
  for (int i = 0; i < 2000; ++i) {
    static_cast<void>(::send(peer.fd(), kPage.data(), kPage.size(), MSG_NOSIGNAL));
    event_base_loop(victim.base(), EVLOOP_NONBLOCK);
    highest = std::max(highest, victim.extra());
  }
  CHECK(victim.asked == 1);
  CHECK(highest < kAllowance);
  CHECK(victim.serves_others());
  CHECK(run_until(victim.base(), [&] { return victim.closed == 1; }));
}
