// Calls that fail: peers that answer nonsense or not at all, time limits, pools that go away.
#include <event2/listener.h>

#include "rpc_tools.h"
#include "tracked_memory.h"

using namespace rpc_cases;

namespace {

// Answers each request with the same bytes and closes the connection then.
class Peer {
 public:
  Peer(event_base* base, std::string bytes) : bytes_(std::move(bytes)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener_ = evconnlistener_new_bind(base, accepted, this, LEV_OPT_CLOSE_ON_FREE, -1,
                                        reinterpret_cast<sockaddr*>(&address), sizeof(address));
    REQUIRE(listener_ != nullptr);
  }
  ~Peer() { evconnlistener_free(listener_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  int port() const { return port_of(evconnlistener_get_fd(listener_)); }

 private:
  static void accepted(evconnlistener* listener, evutil_socket_t fd, sockaddr*, int, void* self) {
    bufferevent* const peer =
        bufferevent_socket_new(evconnlistener_get_base(listener), fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(peer, requested, nullptr, ended, self);
    bufferevent_enable(peer, EV_READ | EV_WRITE);
  }
  static void requested(bufferevent* peer, void* argument) {
    const std::string& bytes = static_cast<Peer*>(argument)->bytes_;
    if (bytes.empty()) {
      bufferevent_free(peer);
      return;
    }
    bufferevent_write(peer, bytes.data(), bytes.size());
    bufferevent_setcb(
        peer, nullptr, [](bufferevent* written, void*) { bufferevent_free(written); }, ended,
        nullptr);
  }
  static void ended(bufferevent* peer, short, void*) { bufferevent_free(peer); }

  std::string bytes_;
  evconnlistener* listener_;
};

std::string reply(const std::string& status, const std::string& body, size_t length) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n" + body;
}

int unused_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  const int port = port_of(fd);
  evutil_closesocket(fd);
  return port;
}

}  // namespace

TEST_CASE("rpc: a peer that answers nonsense fails the call") {
  World world(0);
  const std::string seven("\x01\x01\x07", 3);
  const struct {
    std::string bytes;
    int error;
  } rows[] = {
      {reply("200 OK", seven, 3), EVRPC_STATUS_ERR_NONE},
      {reply("500 Bad", seven, 3), EVRPC_STATUS_ERR_NONE},  // the payload alone counts
      {"HTTP/1.1 200 OK\r\n\r\n" + seven, EVRPC_STATUS_ERR_NONE},
      {reply("200 OK", "abc", 3), EVRPC_STATUS_ERR_BADPAYLOAD},
      {reply("200 OK", "", 0), EVRPC_STATUS_ERR_BADPAYLOAD},
      {reply("200 OK", seven + seven, 6), EVRPC_STATUS_ERR_BADPAYLOAD},
      {reply("200 OK", seven, 6), EVRPC_STATUS_ERR_TIMEOUT},
      {"nonsense\r\n\r\n", EVRPC_STATUS_ERR_TIMEOUT},
      {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n" + seven, EVRPC_STATUS_ERR_TIMEOUT},
      {"", EVRPC_STATUS_ERR_TIMEOUT},
  };
  for (const auto& row : rows) {
    INFO(row.bytes);
    const Peer peer(world.base.get(), row.bytes);
    evrpc_pool* const pool = evrpc_pool_new(world.base.get());
    evrpc_pool_add_connection(pool, World::connect_to(peer.port()));
    Caller caller;
    CHECK(caller.send(pool) == 0);
    CHECK(world.run_until_done(caller));
    CHECK(caller.error == row.error);
    CHECK(caller.sum == (row.error == EVRPC_STATUS_ERR_NONE ? 7 : 0));
    evrpc_pool_free(pool);
    CHECK(caller.calls == 1);
  }
}

TEST_CASE("rpc: a server that is not there fails the call") {
  World world(0);
  evrpc_pool_add_connection(world.pool, World::connect_to(unused_port()));
  Caller callers[3];
  for (Caller& caller : callers) {
    caller.send(world.pool);
  }
  for (Caller& caller : callers) {
    CHECK(world.run_until_done(caller));
    CHECK(caller.error != EVRPC_STATUS_ERR_NONE);
    CHECK(caller.calls == 1);
  }
}

TEST_CASE("rpc: a call that takes too long ends and the next goes on") {
  World world;
  std::vector<AddCall*> kept;
  world.on_call = [&](AddCall* call) { kept.push_back(call); };
  evrpc_pool_set_timeout(world.pool, 1);
  Caller late;
  Caller in_time;
  // The reply is emptied.
  CHECK(EVTAG_ASSIGN(late.reply.get(), sum, 99) == 0);
  // The next one may take as long as it takes on a loaded machine.
  late.then = [&](evrpc_status*) { evrpc_pool_set_timeout(world.pool, 60); };
  late.send(world.pool);
  in_time.send(world.pool);
  CHECK(world.run_until_done(late));
  CHECK(late.error == EVRPC_STATUS_ERR_TIMEOUT);
  CHECK(late.code == -1);
  CHECK(late.sum == 0);
  world.on_call = answer;
  CHECK(world.run_until_done(in_time));
  CHECK(in_time.sum == 42);
  REQUIRE(kept.size() == 1);
  answer(kept.front());
  world.settle();
  CHECK(late.calls == 1);
}

TEST_CASE("rpc: freeing a pool drops its calls without their callbacks") {
  World world;
  AddCall* kept = nullptr;
  world.on_call = [&](AddCall* call) { kept = call; };
  Caller sent;
  Caller waiting;
  evrpc_pool_set_timeout(world.pool, 1);
  sent.send(world.pool);
  waiting.send(world.pool);
  CHECK(world.run_until([&] { return kept != nullptr; }));
  world.free_pool();
  world.settle();
  answer(kept);
  world.settle();
  CHECK(sent.calls == 0);
  CHECK(waiting.calls == 0);
}

TEST_CASE("rpc: out of memory fails what cannot be made") {
  INTENDED_DIFFERENCE("the reference ends the process by assertions");
  const event_cases::TrackedMemory memory;
  using event_cases::TrackedMemory;
  World world;
  const auto fails = [](auto call) {
    TrackedMemory::fail_after(0, true);
    const bool failed = call();
    TrackedMemory::never_fail();
    return failed;
  };
  CHECK(fails([&] { return evrpc_init(world.http) == nullptr; }));
  CHECK(fails([&] { return evrpc_pool_new(world.base.get()) == nullptr; }));
  CHECK(fails([&] {
    return evrpc_add_hook(
               world.pool, EVRPC_INPUT, [](void*, evhttp_request*, evbuffer*, void*) { return 0; },
               nullptr) == nullptr;
  }));
  const auto register_other = [&] {
    return EVRPC_REGISTER(
        world.server, Other, Numbers, Sum, [](evrpc_req_generic*, void*) {}, nullptr);
  };
  for (int n = 0; n < 4; ++n) {
    TrackedMemory::fail_after(n);
    const int result = register_other();
    TrackedMemory::never_fail();
    CHECK(result == (TrackedMemory::failures() > 0 ? -1 : 0));
    CHECK(evrpc_unregister_rpc(world.server, "Other") == result);
  }
  Caller caller;
  CHECK(fails([&] { return caller.send(world.pool) == -1; }));
  CHECK(caller.calls == 0);
  // What fails later is told to the callback.
  TrackedMemory::fail_after(2, true);
  const int result = caller.send(world.pool);
  TrackedMemory::never_fail();
  CHECK(result == 0);
  CHECK(world.run_until_done(caller));
  CHECK(caller.error != EVRPC_STATUS_ERR_NONE);
}
