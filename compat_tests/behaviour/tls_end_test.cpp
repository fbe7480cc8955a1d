// The end of a TLS connection, in due form and not.
#include "tls_tools.h"

using namespace event_cases;

TEST_CASE("tls: a peer that says so has ended, after its data") {
  TlsScene scene(GENERATE(from_range(all_ways())));
  REQUIRE(scene.shake_hands());
  write_text(scene.client, "last words");
  scene.settle();
  scene.shut_down_client();
  scene.settle();
  CHECK(scene.server_calls->events == std::vector<short>{BEV_EVENT_READING | BEV_EVENT_EOF});
  CHECK(take_input(scene.server) == "last words");
  CHECK(scene.server_calls->error == 0);
  CHECK(scene.server_errors().empty());
}

TEST_CASE("tls: the other direction stays open") {
  TlsScene scene(GENERATE(from_range(all_ways())));
  REQUIRE(scene.shake_hands());
  scene.shut_down_client();
  CHECK(scene.calls() == "s:reading|eof");
  write_text(scene.server, "still there");
  scene.settle();
  CHECK(take_input(scene.client) == "still there");
  scene.shut_down_server();
  scene.journal.clear();
  CHECK(scene.calls() == "c:reading|eof");
}

TEST_CASE("tls: writing after one's own end is an error") {
  const Way way = GENERATE(from_range(all_ways()));
  NEEDS(way.client == &openssl(), "Mbed TLS does not keep what it has said in mind");
  TlsScene scene(way);
  REQUIRE(scene.shake_hands());
  scene.shut_down_client();
  scene.calls();
  write_text(scene.client, "too late");
  CHECK(scene.calls() == "c:writing|error");
  CHECK(scene.client_errors() == "protocol is shutdown; 1");
  CHECK(output_length(scene.client) == 8);
}

TEST_CASE("tls: a peer that goes without a word is an error, after its data") {
  const Way way = GENERATE(from_range(ways_over_sockets()));
  TlsScene scene(way);
  REQUIRE(scene.shake_hands());
  bufferevent_disable(scene.server.get(), EV_READ);
  write_text(scene.client, "last words");
  CHECK(scene.calls() == "c:write");
  scene.client.reset();
  CHECK(scene.calls().empty());
  bufferevent_enable(scene.server.get(), EV_READ);
  CHECK(scene.calls() == (way.over_socket() ? "s:read s:reading|error" : "s:read s:error"));
  CHECK(take_input(scene.server) == "last words");
  if (way.over_socket()) {
    CHECK(scene.server_errors() ==
          (way.server == &openssl() ? "unexpected eof while reading; 1" : "-0x7280"));
  }
}

TEST_CASE("tls: going without a word is an end if that is allowed") {
  const Way way = GENERATE(from_range(ways_over_sockets()));
  if (way.over_socket()) {
    INTENDED_DIFFERENCE("over sockets the reference takes the flag for nothing with OpenSSL 3");
  }
  TlsScene scene(way);
  REQUIRE(scene.shake_hands());
  bufferevent_openssl_set_allow_dirty_shutdown(scene.server.get(), 1);
  write_text(scene.client, "last words");
  scene.calls();
  scene.client.reset();
  CHECK(scene.calls() == (way.over_socket() ? "s:reading|eof" : "s:eof"));
  CHECK(take_input(scene.server) == "last words");
}

TEST_CASE("tls: freeing says nothing to the peer and drops what was not sent") {
  const TlsLibrary* const library = GENERATE(from_range(libraries()));
  TlsScene scene(Way{library, library, Carrier::kSocket});
  REQUIRE(scene.shake_hands());
  write_text(scene.client, "dropped");
  scene.client.reset();
  CHECK(scene.calls() == "s:reading|error");
  CHECK(take_input(scene.server).empty());
}

TEST_CASE("tls: who shuts down and frees at once has said so") {
  const TlsLibrary* const library = GENERATE(from_range(libraries()));
  TlsScene scene(Way{library, library, Carrier::kSocket});
  REQUIRE(scene.shake_hands());
  scene.shut_down_client();
  scene.client.reset();
  CHECK(scene.calls() == "s:reading|eof");
}

TEST_CASE("tls: the output says whether all has left") {
  const TlsLibrary* const library = GENERATE(from_range(libraries()));
  TlsScene scene(Way{library, library, Carrier::kSocket});
  REQUIRE(scene.shake_hands());
  const std::string much(3'000'000, 'm');
  bufferevent_disable(scene.server.get(), EV_READ);
  write_text(scene.client, much);
  scene.settle();
  REQUIRE(output_length(scene.client) != 0);
  // As programs do that close behind their last answer.
  scene.client_calls->on_write = [&](bufferevent* bev) {
    if (output_length(bev) == 0) {
      scene.way.client->shut_down(bev);
      scene.client.reset();
    }
  };
  bufferevent_enable(scene.server.get(), EV_READ);
  CHECK(run_until(scene.base, [&] { return !scene.server_calls->events.empty(); }));
  CHECK(scene.server_calls->events == std::vector<short>{BEV_EVENT_READING | BEV_EVENT_EOF});
  CHECK(take_input(scene.server) == much);
}

TEST_CASE("tls: a bufferevent may be freed in each of its callbacks") {
  const Way way = GENERATE(from_range(all_ways()));
  const int options = BEV_OPT_CLOSE_ON_FREE | GENERATE(0, int{BEV_OPT_DEFER_CALLBACKS});
  const int which = GENERATE(0, 1, 2, 3);
  TlsScene scene({.way = way, .options = options});
  const auto free_it = [&](bufferevent*) { scene.client.reset(); };
  if (which == 0) {
    scene.client_calls->on_event = [&](bufferevent*, short) { scene.client.reset(); };
    scene.settle();
    CHECK_FALSE(scene.client);
    return;
  }
  REQUIRE(scene.shake_hands());
  if (which == 1) {
    scene.client_calls->on_read = free_it;
    write_text(scene.server, "one");
    write_text(scene.server, "two");
  } else if (which == 2) {
    scene.client_calls->on_write = free_it;
    write_text(scene.client, "x");
  } else {
    scene.client_calls->on_event = [&](bufferevent*, short) { scene.client.reset(); };
    scene.shut_down_server();
  }
  scene.settle();
  CHECK_FALSE(scene.client);
}
