// Hooks: in which order they see what, and how they change, end and pause calls.
#include "rpc_tools.h"

using namespace rpc_cases;

namespace {

using Log = std::vector<std::string>;

// A hook that notes its calls and does what the case wants.
struct Hook {
  using Action = std::function<int(void* ctx, evhttp_request* http, evbuffer* message)>;

  Hook(void* base_or_pool, EVRPC_HOOK_TYPE type, Action what) : action(std::move(what)) {
    handle = evrpc_add_hook(base_or_pool, type, called, this);
    REQUIRE(handle != nullptr);
  }
  Hook(const Hook&) = delete;
  Hook& operator=(const Hook&) = delete;

  static int called(void* ctx, evhttp_request* http, evbuffer* message, void* argument) {
    auto* const self = static_cast<Hook*>(argument);
    self->ctx = ctx;
    CHECK(http != nullptr);
    return self->action(ctx, http, message);
  }

  Action action;
  void* handle = nullptr;
  void* ctx = nullptr;
};

Hook::Action says(int result) {
  return [result](void*, evhttp_request*, evbuffer*) { return result; };
}

// The four places where a message is shown.
struct Place4 {
  const char* name;
  bool on_server;
  EVRPC_HOOK_TYPE type;
  int error_when_ended;
};
constexpr Place4 kPlaces[] = {
    {"client output", false, EVRPC_OUTPUT, EVRPC_STATUS_ERR_UNSTARTED},
    {"server input", true, EVRPC_INPUT, EVRPC_STATUS_ERR_BADPAYLOAD},
    {"server output", true, EVRPC_OUTPUT, EVRPC_STATUS_ERR_BADPAYLOAD},
    {"client input", false, EVRPC_INPUT, EVRPC_STATUS_ERR_HOOKABORTED},
};

void* site(World& world, const Place4& place) {
  return place.on_server ? static_cast<void*>(world.server) : static_cast<void*>(world.pool);
}

}  // namespace

TEST_CASE("rpc hook: each sees its messages in the order of the hooks") {
  World world;
  Log log;
  const auto notes = [&](const char* name) {
    return [&log, name](void*, evhttp_request*, evbuffer* message) {
      log.push_back(name + (" " + std::to_string(evbuffer_get_length(message))));
      return EVRPC_CONTINUE;
    };
  };
  const Hook in1(world.server, EVRPC_INPUT, notes("server in 1"));
  const Hook in2(world.server, EVRPC_INPUT, notes("server in 2"));
  const Hook out(world.server, EVRPC_OUTPUT, notes("server out"));
  const Hook client_in(world.pool, EVRPC_INPUT, notes("client in"));
  const Hook client_out(world.pool, EVRPC_OUTPUT, notes("client out"));
  Caller caller;
  caller.send(world.pool);
  CHECK(world.run_until_done(caller));
  CHECK(caller.sum == 42);
  // 40 is a number of two digits, so the request has 4 + 3 bytes; so has 42, in the reply.
  CHECK(log ==
        Log{"client out 7", "server in 1 7", "server in 2 7", "server out 4", "client in 4"});
}

TEST_CASE("rpc hook: a hook that was removed sees nothing") {
  World world;
  int seen = 0;
  const Hook hook(world.pool, EVRPC_OUTPUT, [&](void*, evhttp_request*, evbuffer*) {
    ++seen;
    return EVRPC_CONTINUE;
  });
  CHECK(evrpc_remove_hook(world.pool, EVRPC_INPUT, hook.handle) == 0);
  CHECK(evrpc_remove_hook(world.server, EVRPC_OUTPUT, hook.handle) == 0);
  CHECK(evrpc_remove_hook(world.pool, EVRPC_OUTPUT, hook.handle) == 1);
  CHECK(evrpc_remove_hook(world.pool, EVRPC_OUTPUT, hook.handle) == 0);
  Caller caller;
  caller.send(world.pool);
  CHECK(world.run_until_done(caller));
  CHECK(seen == 0);
}

TEST_CASE("rpc hook: a hook may change the message and the headers") {
  World world;
  const Hook out(world.pool, EVRPC_OUTPUT, [](void*, evhttp_request* http, evbuffer*) {
    evhttp_add_header(evhttp_request_get_output_headers(http), "X-Secret", "7");
    return EVRPC_CONTINUE;
  });
  std::string secret;
  const Hook in(world.server, EVRPC_INPUT, [&](void*, evhttp_request* http, evbuffer*) {
    secret = evhttp_find_header(evhttp_request_get_input_headers(http), "X-Secret");
    return EVRPC_CONTINUE;
  });
  const Hook reply(world.server, EVRPC_OUTPUT, [](void*, evhttp_request*, evbuffer* message) {
    evbuffer_drain(message, evbuffer_get_length(message));
    evbuffer_add(message, "\x01\x01\x07", 3);
    return EVRPC_CONTINUE;
  });
  Caller caller;
  caller.send(world.pool);
  CHECK(world.run_until_done(caller));
  CHECK(secret == "7");
  CHECK(caller.sum == 7);
}

TEST_CASE("rpc hook: a hook may end the call at once or after a pause") {
  for (const Place4& place : kPlaces) {
    for (const bool pause : {false, true}) {
      INFO(place.name << (pause ? " after a pause" : ""));
      World world;
      Caller caller;
      bool later_one_called = false;
      Hook hook(site(world, place), place.type, says(pause ? EVRPC_PAUSE : EVRPC_TERMINATE));
      Hook later(site(world, place), place.type, [&](void*, evhttp_request*, evbuffer*) {
        later_one_called = true;
        return EVRPC_CONTINUE;
      });
      CHECK(caller.send(world.pool) == 0);
      if (pause) {
        CHECK(world.run_until([&] { return hook.ctx != nullptr; }));
        world.settle();
        CHECK(caller.calls == 0);
        CHECK(evrpc_resume_request(site(world, place), hook.ctx, EVRPC_TERMINATE) == 0);
      }
      CHECK(world.run_until_done(caller));
      CHECK(caller.error == place.error_when_ended);
      CHECK(caller.sum == 0);
      CHECK_FALSE(later_one_called);
    }
  }
}

TEST_CASE("rpc hook: a call that was paused everywhere goes on") {
  World world;
  Caller caller;
  std::vector<std::unique_ptr<Hook>> hooks;
  for (const Place4& place : kPlaces) {
    hooks.push_back(std::make_unique<Hook>(site(world, place), place.type, says(EVRPC_PAUSE)));
  }
  CHECK(caller.send(world.pool) == 0);
  for (size_t i = 0; i < hooks.size(); ++i) {
    INFO(kPlaces[i].name);
    CHECK(world.run_until([&] { return hooks[i]->ctx != nullptr; }));
    world.settle();
    void* const here = site(world, kPlaces[i]);
    void* const other = kPlaces[i].on_server ? static_cast<void*>(world.pool) : world.server;
    CHECK(caller.calls == 0);
    CHECK(evrpc_resume_request(other, hooks[i]->ctx, EVRPC_CONTINUE) == -1);
    CHECK(evrpc_resume_request(here, nullptr, EVRPC_CONTINUE) == -1);
    CHECK(evrpc_resume_request(here, hooks[i]->ctx, EVRPC_CONTINUE) == 0);
  }
  // The last one calls back at once.
  CHECK(caller.calls == 1);
  CHECK(caller.error == EVRPC_STATUS_ERR_NONE);
  CHECK(caller.code == HTTP_OK);
  CHECK(caller.sum == 42);
}

TEST_CASE("rpc hook: a call that is paused leaves the connection to others") {
  World world;
  Caller paused;
  Caller other;
  bool first = true;
  const Hook hook(world.pool, EVRPC_OUTPUT, [&](void*, evhttp_request*, evbuffer*) {
    const bool was_first = first;
    first = false;
    return was_first ? EVRPC_PAUSE : EVRPC_CONTINUE;
  });
  paused.send(world.pool);
  void* const ctx = hook.ctx;
  other.send(world.pool);
  CHECK(world.run_until_done(other));
  CHECK(paused.calls == 0);
  CHECK(evrpc_resume_request(world.pool, ctx, EVRPC_CONTINUE) == 0);
  CHECK(world.run_until_done(paused));
  CHECK(paused.sum == 42);
}

TEST_CASE("rpc hook: data that was attached stays with the call") {
  World world;
  Caller caller;
  int found = 0;
  const auto find = [&](void* ctx, const char* key, const std::string& expected) {
    void* data = nullptr;
    size_t size = 0;
    REQUIRE(evrpc_hook_find_meta(ctx, key, &data, &size) == 0);
    CHECK(std::string(static_cast<char*>(data), size) == expected);
    ++found;
  };
  const Hook out(world.pool, EVRPC_OUTPUT, [&](void* ctx, evhttp_request*, evbuffer*) {
    CHECK(evrpc_hook_get_connection(ctx) != nullptr);
    evrpc_hook_add_meta(ctx, "client", "mine", 4);
    return EVRPC_CONTINUE;
  });
  const Hook in(world.server, EVRPC_INPUT, [&](void* ctx, evhttp_request* http, evbuffer*) {
    void* data = nullptr;
    size_t size = 0;
    CHECK(evrpc_hook_get_connection(ctx) == evhttp_request_get_connection(http));
    CHECK(evrpc_hook_find_meta(ctx, "client", &data, &size) == -1);
    char key[] = "key";
    char value[] = "one";
    evrpc_hook_add_meta(ctx, key, value, 3);
    key[0] = value[0] = '?';  // both were copied
    evrpc_hook_add_meta(ctx, "key", "two", 3);
    find(ctx, "key", "one");
    return EVRPC_CONTINUE;
  });
  const Hook reply(world.server, EVRPC_OUTPUT, [&](void* ctx, evhttp_request*, evbuffer*) {
    find(ctx, "key", "one");
    find(ctx, "call", "yes");
    return EVRPC_CONTINUE;
  });
  const Hook client_in(world.pool, EVRPC_INPUT, [&](void* ctx, evhttp_request*, evbuffer*) {
    find(ctx, "client", "mine");
    return EVRPC_CONTINUE;
  });
  world.on_call = [&](AddCall* call) {
    CHECK(in.ctx == call);
    find(call, "key", "one");
    evrpc_hook_add_meta(call, "call", "yes", 3);
    answer(call);
  };
  caller.send(world.pool);
  CHECK(world.run_until_done(caller));
  CHECK(found == 5);
}

TEST_CASE("rpc hook: data may be empty") {
  INTENDED_DIFFERENCE("it ended the process by an assertion");
  World world;
  const Hook out(world.pool, EVRPC_OUTPUT, [&](void* ctx, evhttp_request*, evbuffer*) {
    void* data = nullptr;
    size_t size = 9;
    evrpc_hook_add_meta(ctx, "", nullptr, 0);
    CHECK(evrpc_hook_find_meta(ctx, "", &data, &size) == 0);
    CHECK(size == 0);
    return EVRPC_CONTINUE;
  });
  Caller caller;
  caller.send(world.pool);
  CHECK(world.run_until_done(caller));
}

TEST_CASE("rpc hook: freeing a pool drops paused calls") {
  for (const EVRPC_HOOK_TYPE type : {EVRPC_OUTPUT, EVRPC_INPUT}) {
    World world;
    Caller caller;
    const Hook hook(world.pool, type, says(EVRPC_PAUSE));
    caller.send(world.pool);
    CHECK(world.run_until([&] { return hook.ctx != nullptr; }));
    world.settle();
    world.free_pool();
    world.settle();
    CHECK(caller.calls == 0);
  }
}

TEST_CASE("rpc hook: freeing a server ends paused calls") {
  INTENDED_DIFFERENCE("the client was left without an answer");
  for (const EVRPC_HOOK_TYPE type : {EVRPC_OUTPUT, EVRPC_INPUT}) {
    World world;
    Caller caller;
    const Hook hook(world.server, type, says(EVRPC_PAUSE));
    caller.send(world.pool);
    CHECK(world.run_until([&] { return hook.ctx != nullptr; }));
    world.free_server();
    CHECK(world.run_until_done(caller));
    CHECK(caller.code == HTTP_SERVUNAVAIL);
  }
}

TEST_CASE("rpc hook: a hook that frees the server cannot pause the call") {
  INTENDED_DIFFERENCE("it went on with freed memory");
  for (const EVRPC_HOOK_TYPE type : {EVRPC_OUTPUT, EVRPC_INPUT}) {
    World world;
    Caller caller;
    const Hook hook(world.server, type, [&](void*, evhttp_request*, evbuffer*) {
      world.free_server();
      return EVRPC_PAUSE;
    });
    caller.send(world.pool);
    CHECK(world.run_until_done(caller));
    CHECK(caller.code == HTTP_SERVUNAVAIL);
  }
}

TEST_CASE("rpc hook: a hook may remove itself and those after it") {
  INTENDED_DIFFERENCE("it went on with freed memory");
  World world;
  int last_called = 0;
  void* handles[2] = {};
  const Hook first(world.server, EVRPC_INPUT, [&](void*, evhttp_request*, evbuffer*) {
    for (void* const handle : handles) {
      CHECK(evrpc_remove_hook(world.server, EVRPC_INPUT, handle) == 1);
    }
    return EVRPC_CONTINUE;
  });
  const Hook second(world.server, EVRPC_INPUT, says(EVRPC_TERMINATE));
  const Hook last(world.server, EVRPC_INPUT, [&](void*, evhttp_request*, evbuffer*) {
    ++last_called;
    return EVRPC_CONTINUE;
  });
  handles[0] = first.handle;
  handles[1] = second.handle;
  for (int i = 1; i <= 2; ++i) {
    Caller caller;
    caller.send(world.pool);
    CHECK(world.run_until_done(caller));
    CHECK(caller.sum == 42);
    CHECK(last_called == i);
  }
}

TEST_CASE("rpc hook: a hook may free the pool or the server") {
  INTENDED_DIFFERENCE("it went on with freed memory");
  for (const Place4& place : kPlaces) {
    INFO(place.name);
    World world;
    Caller caller;
    const Hook hook(site(world, place), place.type, [&](void*, evhttp_request*, evbuffer*) {
      if (place.on_server) {
        world.free_server();
      } else {
        world.free_pool();
      }
      return EVRPC_CONTINUE;
    });
    caller.send(world.pool);
    CHECK(world.run_until([&] { return hook.ctx != nullptr; }));
    world.settle();
    CHECK(caller.calls == (place.on_server ? 1 : 0));
    CHECK(caller.sum == (place.on_server ? 42 : 0));
  }
}

TEST_CASE("rpc hook: a paused call whose connection was taken away cannot start") {
  INTENDED_DIFFERENCE("it went on with the connection");
  World world(0);
  evhttp_connection* const connection = world.connect();
  evrpc_pool_add_connection(world.pool, connection);
  const Hook hook(world.pool, EVRPC_OUTPUT, says(EVRPC_PAUSE));
  Caller caller;
  caller.send(world.pool);
  evrpc_pool_remove_connection(world.pool, connection);
  evhttp_connection_free(connection);
  CHECK(evrpc_resume_request(world.pool, hook.ctx, EVRPC_CONTINUE) == 0);
  CHECK(caller.error == EVRPC_STATUS_ERR_UNSTARTED);
}
