// Calls of a server by a client.
#include "rpc_tools.h"

EVRPC_GENERATE(Add, Numbers, Sum)

using namespace rpc_cases;

namespace {

// What the server answers to these bytes: its status, and the body.
std::pair<int, std::string> answer_to(const World& world, const std::string& request) {
  bufferevent* const peer = bufferevent_socket_new(world.base.get(), -1, BEV_OPT_CLOSE_ON_FREE);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<ev_uint16_t>(world.port));
  bool closed = false;
  bufferevent_setcb(
      peer, nullptr, nullptr,
      [](bufferevent*, short what, void* flag) {
        *static_cast<bool*>(flag) = (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0;
      },
      &closed);
  bufferevent_enable(peer, EV_READ | EV_WRITE);
  CHECK(bufferevent_socket_connect(peer, reinterpret_cast<sockaddr*>(&address), sizeof(address)) ==
        0);
  bufferevent_write(peer, request.data(), request.size());
  CHECK(world.run_until([&] { return closed; }));
  evbuffer* const input = bufferevent_get_input(peer);
  std::string text(evbuffer_get_length(input), '?');
  evbuffer_copyout(input, text.data(), text.size());
  bufferevent_free(peer);
  const size_t end = text.find("\r\n\r\n");
  REQUIRE(text.size() > 12);
  REQUIRE(end != std::string::npos);
  return {std::stoi(text.substr(9)), text.substr(end + 4)};
}

std::string post(const std::string& path, const std::string& body) {
  return "POST " + path + " HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

const std::string kFiveAndSix("\x01\x01\x05\x02\x01\x06", 6);
const std::string kEleven("\x01\x01\x0b", 3);

}  // namespace

TEST_CASE("rpc: a call brings the reply") {
  World world;
  Caller caller;
  world.on_call = [&](AddCall* call) {
    auto* const generic = reinterpret_cast<evrpc_req_generic*>(call);
    CHECK(evrpc_get_request(generic) == call->request);
    CHECK(evrpc_get_reply(generic) == call->reply);
    evhttp_request* const http = EVRPC_REQUEST_HTTP(call);
    CHECK(evhttp_request_get_command(http) == EVHTTP_REQ_POST);
    CHECK(std::string(evhttp_request_get_uri(http)) == "/.rpc.Add");
    answer(call);
  };
  std::string type;
  caller.then = [&](evrpc_status* status) {
    const char* const value =
        evhttp_find_header(evhttp_request_get_input_headers(status->http_req), "Content-Type");
    type = value != nullptr ? value : "";
  };
  CHECK(caller.send(world.pool) == 0);
  CHECK(caller.calls == 0);
  CHECK(world.run_until_done(caller));
  CHECK(caller.error == EVRPC_STATUS_ERR_NONE);
  CHECK(caller.code == HTTP_OK);
  CHECK(caller.sum == 42);
  CHECK(type == "application/octet-stream");
}

TEST_CASE("rpc: calls wait for a connection in their order") {
  World world;
  std::vector<ev_uint32_t> order;
  std::vector<std::unique_ptr<Caller>> callers;
  for (ev_uint32_t i = 0; i < 20; ++i) {
    callers.push_back(std::make_unique<Caller>(i, 0u));
    Caller& caller = *callers.back();
    caller.then = [&](evrpc_status*) { order.push_back(caller.sum); };
    CHECK(caller.send(world.pool) == 0);
  }
  CHECK(world.run_until([&] { return order.size() == callers.size(); }));
  for (ev_uint32_t i = 0; i < order.size(); ++i) {
    CHECK(order[i] == i);
  }
}

TEST_CASE("rpc: connections work side by side and a new one takes what waits") {
  World world(2);
  Caller callers[3];
  std::vector<AddCall*> kept;
  world.on_call = [&](AddCall* call) { kept.push_back(call); };
  for (Caller& caller : callers) {
    caller.send(world.pool);
  }
  CHECK(world.run_until([&] { return kept.size() == 2; }));
  world.settle();
  CHECK(kept.size() == 2);
  evrpc_pool_add_connection(world.pool, world.connect());
  CHECK(world.run_until([&] { return kept.size() == 3; }));
  for (AddCall* const call : kept) {
    answer(call);
  }
  for (Caller& caller : callers) {
    CHECK(world.run_until_done(caller));
    CHECK(caller.sum == 42);
  }
}

TEST_CASE("rpc: a request is marshalled when it is sent") {
  World world;
  Caller now;
  Caller later;
  now.send(world.pool);
  later.send(world.pool);
  EVTAG_ASSIGN(now.request.get(), a, 0);
  EVTAG_ASSIGN(later.request.get(), a, 100);
  CHECK(world.run_until_done(later));
  CHECK(now.sum == 42);
  CHECK(later.sum == 102);
}

TEST_CASE("rpc: a context can be changed before it is sent") {
  World world;
  evrpc_pool* const other = evrpc_pool_new(world.base.get());
  Caller first;
  Caller second;
  evrpc_request_wrapper* const context = EVRPC_MAKE_CTX(
      Add, Numbers, Sum, other, first.request.get(), second.reply.get(), Caller::done, &first);
  REQUIRE(context != nullptr);
  CHECK(evrpc_request_get_pool(context) == other);
  evrpc_request_set_pool(context, nullptr);
  CHECK(evrpc_request_get_pool(context) == nullptr);
  evrpc_request_set_pool(context, world.pool);
  CHECK(evrpc_request_get_pool(context) == world.pool);
  CHECK(evrpc_hook_get_connection(context) == nullptr);
  int calls = 0;
  evrpc_request_set_cb(
      context,
      [](evrpc_status* status, void*, void*, void* count) {
        CHECK(status->error == EVRPC_STATUS_ERR_NONE);
        ++*static_cast<int*>(count);
      },
      &calls);
  CHECK(evrpc_make_request(context) == 0);
  CHECK(world.run_until([&] { return calls == 1; }));
  CHECK(first.calls == 0);
  evrpc_pool_free(other);
}

TEST_CASE("rpc: a callback may call again") {
  World world;
  Caller first;
  Caller second;
  first.then = [&](evrpc_status*) { CHECK(second.send(world.pool) == 0); };
  first.send(world.pool);
  CHECK(world.run_until_done(second));
  CHECK(second.sum == 42);
}

TEST_CASE("rpc: a callback may free the pool") {
  World world(2);
  Caller first;
  Caller second;
  first.then = [&](evrpc_status*) { world.free_pool(); };
  first.send(world.pool);
  second.send(world.pool);
  CHECK(world.run_until_done(first));
  CHECK(first.sum == 42);
  world.settle();
}

TEST_CASE("rpc: a connection can be taken back") {
  World world(0);
  evhttp_connection* const connection = world.connect();
  evrpc_pool_add_connection(world.pool, connection);
  Caller caller;
  caller.send(world.pool);
  CHECK(world.run_until_done(caller));
  evrpc_pool_remove_connection(world.pool, connection);
  CHECK(evhttp_connection_get_base(connection) == world.base.get());
  evhttp_connection_free(connection);
}

TEST_CASE("rpc: a call without any connection waits for one") {
  INTENDED_DIFFERENCE("it ended the process by an assertion");
  World world(0);
  Caller caller;
  CHECK(caller.send(world.pool) == 0);
  world.settle();
  CHECK(caller.calls == 0);
  evrpc_pool_add_connection(world.pool, world.connect());
  CHECK(world.run_until_done(caller));
  CHECK(caller.sum == 42);
}

TEST_CASE("rpc: a connection may have the base of the pool already") {
  INTENDED_DIFFERENCE("it ended the process by an assertion");
  World world(0);
  evrpc_pool_add_connection(world.pool,
                            evhttp_connection_base_new(world.base.get(), nullptr, "127.0.0.1",
                                                       static_cast<ev_uint16_t>(world.port)));
  Caller caller;
  caller.send(world.pool);
  CHECK(world.run_until_done(caller));
  CHECK(caller.sum == 42);
}

TEST_CASE("rpc: the server says 503 to what is no call") {
  World world;
  const struct {
    std::string request;
    int code;
    std::string body;
  } rows[] = {
      {post("/.rpc.Add", kFiveAndSix), 200, kEleven},
      {post("/.rpc.Add?x=1", kFiveAndSix), 200, kEleven},
      {post("/.rpc.Add", ""), 503, ""},
      {post("/.rpc.Add", "abc"), 503, ""},
      {post("/.rpc.Add", kFiveAndSix.substr(0, 3)), 503, ""},
      {post("/.rpc.Add", kFiveAndSix + kFiveAndSix), 503, ""},
      {post("/.rpc.Add", std::string("\x01\x7f\xff\xff\xff\xf7", 6)), 503, ""},
      {"GET /.rpc.Add HTTP/1.0\r\n\r\n", 503, ""},
      {"PUT" + post("/.rpc.Add", kFiveAndSix).substr(4), 503, ""},
      {post("/.rpc.Sub", kFiveAndSix), 404, ""},
      {post("/Add", kFiveAndSix), 404, ""},
  };
  for (const auto& row : rows) {
    INFO(row.request);
    const auto [code, body] = answer_to(world, row.request);
    CHECK(code == row.code);
    CHECK((row.body.empty() || body == row.body));
  }
  CHECK(world.received_calls == 2);
}

TEST_CASE("rpc: a reply that lacks a field is 503") {
  World world;
  world.on_call = [](AddCall* call) { EVRPC_REQUEST_DONE(call); };
  Caller caller;
  caller.send(world.pool);
  CHECK(world.run_until_done(caller));
  CHECK(caller.error == EVRPC_STATUS_ERR_BADPAYLOAD);
  CHECK(caller.code == HTTP_SERVUNAVAIL);
}

TEST_CASE("rpc: a program may set the content type of the reply") {
  World world;
  world.on_call = [](AddCall* call) {
    evhttp_add_header(evhttp_request_get_output_headers(call->http_req), "Content-Type", "x/y");
    answer(call);
  };
  Caller caller;
  std::string type;
  caller.then = [&](evrpc_status* status) {
    type = evhttp_find_header(evhttp_request_get_input_headers(status->http_req), "Content-Type");
  };
  caller.send(world.pool);
  CHECK(world.run_until_done(caller));
  CHECK(type == "x/y");
}

TEST_CASE("rpc: an RPC that was unregistered is not found") {
  World world;
  CHECK(EVRPC_UNREGISTER(world.server, Add) == 0);
  CHECK(EVRPC_UNREGISTER(world.server, Add) == -1);
  Caller caller;
  caller.send(world.pool);
  CHECK(world.run_until_done(caller));
  CHECK(caller.error == EVRPC_STATUS_ERR_BADPAYLOAD);
  CHECK(caller.code == HTTP_NOTFOUND);
  CHECK(world.received_calls == 0);
}

TEST_CASE("rpc: a name is taken until it is unregistered") {
  INTENDED_DIFFERENCE("a second registration seemed to succeed and ended the process later");
  World world;
  const auto again = [&] {
    return EVRPC_REGISTER(
        world.server, Add, Numbers, Sum, [](evrpc_req_generic*, void*) {}, nullptr);
  };
  CHECK(again() == -1);
  CHECK(EVRPC_UNREGISTER(world.server, Add) == 0);
  CHECK(again() == 0);
}

TEST_CASE("rpc: unregistering and freeing leave a call that runs alone") {
  INTENDED_DIFFERENCE("the call went on with freed memory");
  const auto unregister = [](World& world) { CHECK(EVRPC_UNREGISTER(world.server, Add) == 0); };
  const auto free_server = [](World& world) { world.free_server(); };
  for (const bool at_once : {true, false}) {
    for (const auto& end : {std::function<void(World&)>(unregister), {free_server}}) {
      World world;
      Caller caller;
      AddCall* kept = nullptr;
      world.on_call = [&](AddCall* call) {
        kept = call;
        if (at_once) {
          end(world);
          answer(call);
        }
      };
      caller.send(world.pool);
      CHECK(world.run_until([&] { return kept != nullptr; }));
      if (!at_once) {
        end(world);
        answer(kept);
      }
      CHECK(world.run_until_done(caller));
      CHECK(caller.sum == 42);
    }
  }
}

TEST_CASE("rpc: a reply may come when the client has gone") {
  World world;
  Caller caller;
  AddCall* kept = nullptr;
  world.on_call = [&](AddCall* call) { kept = call; };
  caller.send(world.pool);
  CHECK(world.run_until([&] { return kept != nullptr; }));
  world.free_pool();
  world.settle();
  answer(kept);
  world.settle();
  CHECK(caller.calls == 0);
}

TEST_CASE("rpc: evrpc_register_rpc takes a description of the program") {
  World world;
  CHECK(EVRPC_UNREGISTER(world.server, Add) == 0);
  auto* const rpc = static_cast<evrpc*>(std::calloc(1, sizeof(evrpc)));
  rpc->uri = strdup("Add");
  rpc->request_new = [](void*) -> void* { return Numbers_new(); };
  rpc->request_free = [](void* message) { Numbers_free(static_cast<Numbers*>(message)); };
  rpc->request_unmarshal = [](void* message, evbuffer* buffer) {
    return Numbers_unmarshal(static_cast<Numbers*>(message), buffer);
  };
  rpc->reply_new = [](void*) -> void* { return Sum_new(); };
  rpc->reply_free = [](void* message) { Sum_free(static_cast<Sum*>(message)); };
  rpc->reply_complete = [](void* message) { return Sum_complete(static_cast<Sum*>(message)); };
  rpc->reply_marshal = [](evbuffer* buffer, void* message) {
    Sum_marshal(buffer, static_cast<Sum*>(message));
  };
  int calls = 0;
  const auto received = [](evrpc_req_generic* call, void* count) {
    ++*static_cast<int*>(count);
    CHECK(reinterpret_cast<AddCall*>(call)->rpc->base != nullptr);
    answer(reinterpret_cast<AddCall*>(call));
  };
  CHECK(evrpc_register_rpc(world.server, rpc, received, &calls) == 0);
  CHECK(rpc->base == world.server);
  Caller caller;
  caller.send(world.pool);
  CHECK(world.run_until_done(caller));
  CHECK(caller.sum == 42);
  CHECK(calls == 1);
  CHECK(evrpc_unregister_rpc(world.server, "Add") == 0);
}
