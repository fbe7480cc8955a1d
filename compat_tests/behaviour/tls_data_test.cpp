// Data through TLS bufferevents: amounts, callbacks, watermarks, limits and timeouts.
#include <dlfcn.h>

#include "tls_tools.h"

using namespace event_cases;

namespace {

// Runs until the peer has got that many bytes, with callbacks that take nothing.
bool arrives(TlsScene& scene, size_t bytes) {
  return run_until(scene.base, [&] { return input_length(scene.server) >= bytes; });
}

}  // namespace

TEST_CASE("tls: an echo goes through the callbacks") {
  const int options = GENERATE(0, int{BEV_OPT_DEFER_CALLBACKS});
  TlsScene scene(
      {.way = GENERATE(from_range(all_ways())), .options = BEV_OPT_CLOSE_ON_FREE | options});
  REQUIRE(scene.shake_hands());
  scene.server_calls->on_read = [](bufferevent* bev) {
    bufferevent_write_buffer(bev, bufferevent_get_input(bev));
  };
  for (int round = 0; round < 3; ++round) {
    write_text(scene.client, "ping");
    CHECK(run_until(scene.base, [&] { return input_length(scene.client) == 4; }));
    CHECK(take_input(scene.client) == "ping");
  }
}

TEST_CASE("tls: no callback runs inside the calls of the program") {
  const Way way = GENERATE(from_range(all_ways()));
  TlsScene scene(way);
  REQUIRE(scene.shake_hands());
  write_text(scene.client, "text");
  CHECK(scene.journal.text().empty());
  // Over a socket it leaves later; another bufferevent has the encrypted bytes at once.
  CHECK(output_length(scene.client) == (way.over_socket() ? 4 : 0));
  bufferevent_disable(scene.client.get(), EV_READ);
  bufferevent_enable(scene.client.get(), EV_READ | EV_WRITE);
  CHECK(scene.journal.text().empty());
  scene.settle();
  CHECK(scene.client_calls->writes == 1);
  CHECK(scene.server_calls->reads == 1);
}

TEST_CASE("tls: much data in pieces of any size arrives in both directions") {
  TlsScene scene(GENERATE(from_range(all_versions())));
  REQUIRE(scene.shake_hands());
  std::string sent;
  for (size_t i = 1; sent.size() < 700'000; i = i * 3 + 1) {
    const std::string piece(i % 60'000 + 1, static_cast<char>('a' + i % 26));
    sent += piece;
    for (const Bufferevent* bev : {&scene.client, &scene.server}) {
      auto* const kept = new std::string(piece);
      evbuffer_add_reference(
          bufferevent_get_output(bev->get()), kept->data(), kept->size(),
          [](const void*, size_t, void* text) { delete static_cast<std::string*>(text); }, kept);
    }
    scene.settle();
  }
  CHECK(run_until(scene.base, [&] {
    return input_length(scene.client) >= sent.size() && input_length(scene.server) >= sent.size();
  }));
  CHECK((take_input(scene.client) == sent && take_input(scene.server) == sent));
}

TEST_CASE("tls: a disabled direction rests") {
  TlsScene scene(GENERATE(from_range(all_ways())));
  REQUIRE(scene.shake_hands());
  bufferevent_disable(scene.client.get(), EV_WRITE);
  write_text(scene.client, "one");
  CHECK(scene.calls().empty());
  CHECK(output_length(scene.client) == 3);
  bufferevent_disable(scene.server.get(), EV_READ);
  bufferevent_enable(scene.client.get(), EV_WRITE);
  scene.settle();
  CHECK(input_length(scene.server) == 0);
  bufferevent_enable(scene.server.get(), EV_READ);
  CHECK(arrives(scene, 3));
  CHECK(scene.server_calls->reads == 1);
}

TEST_CASE("tls: watermarks hold") {
  TlsScene scene(GENERATE(from_range(all_ways())));
  REQUIRE(scene.shake_hands());
  std::string got;
  scene.server_calls->on_read = [&](bufferevent* bev) {
    CHECK(input_length(bev) >= 5);
    // The reference lets a record in whole.
    CHECK((input_length(bev) <= 20 || !on_relevent()));
    got += take_input(bev);
  };
  bufferevent_setwatermark(scene.server.get(), EV_READ, 5, 20);
  write_text(scene.client, "1234");
  scene.settle();
  CHECK(scene.server_calls->reads == 0);
  write_text(scene.client, "5");
  scene.settle();
  CHECK(got == "12345");
  write_text(scene.client, std::string(95, 'x'));
  CHECK(run_until(scene.base, [&] { return got.size() == 100; }));
}

TEST_CASE("tls: a full input stops reading until it is drained") {
  INTENDED_DIFFERENCE("the reference reads above the high watermark");
  TlsScene scene(GENERATE(from_range(all_ways())));
  REQUIRE(scene.shake_hands());
  bufferevent_setcb(scene.server.get(), nullptr, nullptr, nullptr, nullptr);
  bufferevent_setwatermark(scene.server.get(), EV_READ, 0, 20);
  write_text(scene.client, std::string(50, 'x'));
  scene.settle();
  CHECK(input_length(scene.server) == 20);
  for (const size_t length : {size_t{20}, size_t{10}, size_t{0}}) {
    take_input(scene.server);
    scene.settle();
    CHECK(input_length(scene.server) == length);
  }
}

TEST_CASE("tls: the write callback comes at the low watermark") {
  TlsScene scene(GENERATE(from_range(all_ways())));
  REQUIRE(scene.shake_hands());
  bufferevent_setwatermark(scene.client.get(), EV_WRITE, 100, 0);
  write_text(scene.client, "text");
  scene.settle();
  CHECK(scene.client_calls->writes == 1);
}

TEST_CASE("tls: reading nothing times out once and is disabled") {
  const Way way = GENERATE(from_range(all_ways()));
  if (way.over_socket()) {
    INTENDED_DIFFERENCE("over a socket the reference repeats the timeout and disables nothing");
  }
  TlsScene scene(way);
  REQUIRE(scene.shake_hands());
  const timeval timeout = ms(30);
  bufferevent_set_timeouts(scene.client.get(), &timeout, nullptr);
  run_for(scene.base, 120);
  CHECK(scene.calls() == "c:reading|timeout");
  CHECK(bufferevent_get_enabled(scene.client.get()) == EV_WRITE);
  bufferevent_set_timeouts(scene.client.get(), nullptr, nullptr);
  bufferevent_enable(scene.client.get(), EV_READ);
  write_text(scene.server, "late");
  scene.settle();
  CHECK(take_input(scene.client) == "late");
}

TEST_CASE("tls: writing to a peer that does not read times out") {
  const Way way = GENERATE(from_range(all_ways()));
  if (way.over_socket()) {
    INTENDED_DIFFERENCE("over a socket the reference repeats the timeout and disables nothing");
  }
  TlsScene scene(way);
  REQUIRE(scene.shake_hands());
  bufferevent_disable(scene.server.get(), EV_READ);
  if (scene.server_below != nullptr) {
    bufferevent_disable(scene.server_below, EV_READ);
  }
  const timeval timeout = ms(30);
  bufferevent_set_timeouts(scene.client.get(), nullptr, &timeout);
  write_text(scene.client, std::string(3'000'000, 'x'));
  CHECK(run_until(scene.base, [&] { return !scene.client_calls->events.empty(); }));
  CHECK(scene.client_calls->events.front() == (BEV_EVENT_WRITING | BEV_EVENT_TIMEOUT));
  CHECK(bufferevent_get_enabled(scene.client.get()) == EV_READ);
}

TEST_CASE("tls: limits count what is on the wire") {
  const Way way = GENERATE(from_range(all_ways()));
  TlsScene scene(way);
  REQUIRE(scene.shake_hands());
  const timeval tick = ms(60'000);
  ev_token_bucket_cfg* const config =
      ev_token_bucket_cfg_new(10'000, 10'000, 10'000, 10'000, &tick);
  bufferevent_set_rate_limit(scene.client.get(), config);
  bufferevent_set_rate_limit(scene.server.get(), config);
  write_text(scene.client, std::string(1000, 'x'));
  scene.settle();
  // A record is longer than its content by 22 bytes in TLS 1.3, by 21 in TLS 1.2 with ChaCha20.
  const int left = way.has_tls13() ? 8978 : 8979;
  CHECK(bufferevent_get_write_limit(scene.client.get()) == left);
  CHECK(bufferevent_get_read_limit(scene.server.get()) == left);
  write_text(scene.client, std::string(50'000, 'x'));
  scene.settle();
  CHECK(bufferevent_get_write_limit(scene.client.get()) <= 0);
  CHECK(input_length(scene.server) < 51'000);
  bufferevent_set_rate_limit(scene.client.get(), nullptr);
  bufferevent_set_rate_limit(scene.server.get(), nullptr);
  CHECK(arrives(scene, 51'000));
  scene.client.reset();
  scene.server.reset();
  scene.settle();
  ev_token_bucket_cfg_free(config);
}

TEST_CASE("tls: small pieces are joined if that is wanted") {
  INTENDED_DIFFERENCE("libevent 2.2 has the flags");
  TlsScene scene(GENERATE(from_range(all_ways())));
  REQUIRE(scene.shake_hands());
  using Change = ev_uint64_t(bufferevent*, ev_uint64_t);
  auto* const set = reinterpret_cast<Change*>(dlsym(RTLD_DEFAULT, "bufferevent_ssl_set_flags"));
  auto* const clear = reinterpret_cast<Change*>(dlsym(RTLD_DEFAULT, "bufferevent_ssl_clear_flags"));
  REQUIRE((set != nullptr && clear != nullptr));
  const timeval tick = ms(60'000);
  ev_token_bucket_cfg* const config =
      ev_token_bucket_cfg_new(10'000, 10'000, 10'000, 10'000, &tick);
  // Each record costs some bytes more.
  const auto sent_for_five_pieces = [&] {
    bufferevent_disable(scene.client.get(), EV_WRITE);
    for (int i = 0; i < 5; ++i) {
      evbuffer_add_reference(bufferevent_get_output(scene.client.get()), "12345", 5, nullptr,
                             nullptr);
    }
    bufferevent_set_rate_limit(scene.client.get(), config);
    bufferevent_enable(scene.client.get(), EV_WRITE);
    REQUIRE(arrives(scene, 25));
    take_input(scene.server);
    const auto sent = 10'000 - bufferevent_get_write_limit(scene.client.get());
    bufferevent_set_rate_limit(scene.client.get(), nullptr);
    return sent;
  };
  const auto apart = sent_for_five_pieces();
  CHECK(set(scene.client.get(), BUFFEREVENT_SSL_BATCH_WRITE) == 0);
  CHECK(set(scene.client.get(), 4) == EV_UINT64_MAX);
  const auto joined = sent_for_five_pieces();
  CHECK((apart - 25) == 5 * (joined - 25));
  CHECK(clear(scene.client.get(), BUFFEREVENT_SSL_BATCH_WRITE) == BUFFEREVENT_SSL_BATCH_WRITE);
  CHECK(sent_for_five_pieces() == apart);
  scene.client.reset();
  scene.settle();
  ev_token_bucket_cfg_free(config);
}
