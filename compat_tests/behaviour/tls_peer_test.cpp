// TLS bufferevents that talk to other programs: openssl's client and server, and curl.
#include <fcntl.h>
#include <openssl/pem.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>

#include "tls_tools.h"

using namespace event_cases;

extern char** environ;

namespace {

// A program whose input and output are the other end of a socket.
class Program {
 public:
  explicit Program(std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words) {
      arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, sockets_.second, 0);
    posix_spawn_file_actions_adddup2(&actions, sockets_.second, 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclose(&actions, sockets_.first);
    // It is to be the program's alone, blocking as programs expect it.
    fcntl(sockets_.second, F_SETFL, 0);
    if (posix_spawnp(&id_, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) {
      id_ = -1;
    }
    posix_spawn_file_actions_destroy(&actions);
    sockets_.close_second();
  }
  ~Program() {
    if (id_ > 0) {
      kill(id_, SIGKILL);
      waitpid(id_, nullptr, 0);
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void say(const std::string& text) { write_text(sockets_.first, text); }
  // All that it has said.
  const std::string& text() { return text_ += take(sockets_.first); }
  // Whether it has come to an end, and that is a good one.
  bool is_over() {
    int status = -1;
    if (id_ > 0 && waitpid(id_, &status, WNOHANG) == id_) {
      id_ = -1;
      ended_well_ = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    return id_ < 0;
  }
  bool ended_well() const { return ended_well_; }

 private:
  SocketPair sockets_;
  pid_t id_ = -1;
  bool ended_well_ = false;
  std::string text_;
};

bool has_program(const std::string& name) { return std::filesystem::exists("/usr/bin/" + name); }

// A base, and the certificate and its key as a file.
struct PeerScene {
  PeerScene() {
    char folder[] = "/tmp/relevent-tls-XXXXXX";
    REQUIRE(mkdtemp(folder) != nullptr);
    path = folder;
    file = path + "/pair.pem";
    std::FILE* const pem = std::fopen(file.c_str(), "w");
    REQUIRE(pem != nullptr);
    SSL_CTX* const context = settings.server_context();
    PEM_write_X509(pem, SSL_CTX_get0_certificate(context));
    PEM_write_PrivateKey(pem, SSL_CTX_get0_privatekey(context), nullptr, nullptr, 0, nullptr,
                         nullptr);
    std::fclose(pem);
  }
  ~PeerScene() { std::filesystem::remove_all(path); }

  Bufferevent make(int fd, bool is_server) {
    Bufferevent made(library.over_socket(
        base.get(), fd, library.make(settings, is_server),
        is_server ? BUFFEREVENT_SSL_ACCEPTING : BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE));
    calls = &journal.watch(made);
    bufferevent_enable(made.get(), EV_READ | EV_WRITE);
    return made;
  }
  Bufferevent accept_from(const Listener& listener) {
    evutil_make_socket_nonblocking(listener.fd);
    int fd = -1;
    REQUIRE(run_until(base, [&] {
      fd = accept(listener.fd, nullptr, nullptr);
      return fd >= 0;
    }));
    evutil_make_socket_nonblocking(fd);
    return make(fd, true);
  }
  // Whether this much has come.
  bool gets(const Bufferevent& bev, size_t length) {
    return run_until(base, [&] { return input_length(bev) >= length; });
  }

  const TlsLibrary& library = *GENERATE(from_range(libraries()));
  const TlsSettings settings;
  const Base base = make_base();
  Journal journal;
  Journal::Subject* calls = nullptr;
  std::string path;
  std::string file;
};

std::string address_of(const Listener& listener) {
  return std::to_string(ntohs(listener.address.sin_port));
}

}  // namespace

TEST_CASE("tls: openssl as the client") {
  NEEDS(has_program("openssl"), "openssl is not installed");
  PeerScene scene;
  const Listener listener;
  Program peer({"openssl", "s_client", "-connect", "127.0.0.1:" + address_of(listener), "-CAfile",
                scene.file, "-verify_return_error", "-verify_hostname", "localhost", "-quiet"});
  peer.say("a question\n");
  const Bufferevent server = scene.accept_from(listener);
  CHECK(scene.gets(server, 11));
  CHECK(take_input(server) == "a question\n");
  write_text(server, "an answer");
  CHECK(run_until(scene.base, [&] { return peer.text() == "an answer"; }));
  scene.library.shut_down(server.get());
  CHECK(run_until(scene.base, [&] { return peer.is_over(); }));
  CHECK(peer.ended_well());
}

TEST_CASE("tls: openssl as the server") {
  NEEDS(has_program("openssl"), "openssl is not installed");
  PeerScene scene;
  Program peer({"openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", "-cert", scene.file,
                "-key", scene.file});
  const std::string mark = "ACCEPT 127.0.0.1:";
  REQUIRE(run_until(scene.base, [&] {
    const size_t at = peer.text().find(mark);
    return at != std::string::npos && peer.text().find('\n', at) != std::string::npos;
  }));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::string port = peer.text().substr(peer.text().find(mark) + mark.size());
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  const Bufferevent client = scene.make(-1, false);
  scene.library.expect_host(client.get(), "localhost");
  CHECK(bufferevent_socket_connect(client.get(), reinterpret_cast<sockaddr*>(&address),
                                   sizeof address) == 0);
  const std::string line(3000, 'x');
  write_text(client, line + "yz\n");
  CHECK(scene.gets(client, 3003));
  CHECK(take_input(client) == "zy" + line + "\n");
  CHECK(scene.calls->events == std::vector<short>{BEV_EVENT_CONNECTED});
}

TEST_CASE("tls: curl as the client") {
  NEEDS(has_program("curl"), "curl is not installed");
  PeerScene scene;
  const Listener listener;
  Program peer({"curl", "--silent", "--noproxy", "*", "--cacert", scene.file,
                "https://localhost:" + address_of(listener) + "/page", "--resolve",
                "localhost:" + address_of(listener) + ":127.0.0.1"});
  const Bufferevent server = scene.accept_from(listener);
  std::string request;
  CHECK(run_until(scene.base, [&] {
    request += take_input(server);
    return request.find("\r\n\r\n") != std::string::npos;
  }));
  CHECK(request.starts_with("GET /page HTTP/1.1\r\n"));
  const std::string page(100'000, 'p');
  write_text(server, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + page);
  std::string got;
  CHECK(run_until(scene.base, [&] {
    got = peer.text();
    return got.size() >= page.size();
  }));
  CHECK(got == page);
  CHECK(run_until(scene.base, [&] { return peer.is_over(); }));
  CHECK(peer.ended_well());
  // It says so when it goes.
  CHECK(run_until(scene.base, [&] { return scene.calls->events.size() == 2; }));
  CHECK(scene.calls->events.back() == (BEV_EVENT_READING | BEV_EVENT_EOF));
}
