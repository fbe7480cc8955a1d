// Where log messages go, what they look like, and how fatal errors end the process.
#include <event2/event_struct.h>

#include <cerrno>
#include <cstring>

#include "child.h"
#include "timer_tools.h"

// In no public header, but exported, and called by programs and by generated code.
extern "C" {
void event_warn(const char* format, ...) __attribute__((format(printf, 1, 2)));
void event_warnx(const char* format, ...) __attribute__((format(printf, 1, 2)));
void event_msgx(const char* format, ...) __attribute__((format(printf, 1, 2)));
void event_err(int code, const char* format, ...) __attribute__((format(printf, 2, 3)));
void event_errx(int code, const char* format, ...) __attribute__((format(printf, 2, 3)));
void event_sock_warn(evutil_socket_t fd, const char* format, ...)
    __attribute__((format(printf, 2, 3)));
void event_sock_err(int code, evutil_socket_t fd, const char* format, ...)
    __attribute__((format(printf, 3, 4)));
}

using namespace event_cases;

namespace {

struct Message {
  int severity;
  std::string text;
};

std::vector<Message> g_messages;

void collect(int severity, const char* text) { g_messages.push_back({severity, text}); }

// Collects messages while it lives.
struct Collector {
  Collector() {
    g_messages.clear();
    event_set_log_callback(collect);
  }
  ~Collector() { event_set_log_callback(nullptr); }
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  const Message& last() const {
    REQUIRE_FALSE(g_messages.empty());
    return g_messages.back();
  }
};

// Makes the library write debug messages: one base, one timer, a turn of the loop.
void exercise() {
  const Base base = make_base();
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const timeval zero = {0, 0};
  CHECK(event_add(timer.get(), &zero) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
}

}  // namespace

TEST_CASE("event_set_log_callback: gets severity and text, without prefix or line end") {
  const Collector log;
  event_warnx("number %d, string %s, percent %%", 42, "text");
  REQUIRE(g_messages.size() == 1);
  CHECK(log.last().severity == EVENT_LOG_WARN);
  CHECK(log.last().text == "number 42, string text, percent %");
  event_msgx("said %c", 'x');
  CHECK(log.last().severity == EVENT_LOG_MSG);
  CHECK(log.last().text == "said x");
  CHECK(g_messages.size() == 2);
}

TEST_CASE("event_warn: the text of errno follows the message, and errno stays") {
  const Collector log;
  errno = ENOENT;
  event_warn("open %s", "file");
  CHECK(errno == ENOENT);
  CHECK(log.last().severity == EVENT_LOG_WARN);
  CHECK(log.last().text == std::string("open file: ") + std::strerror(ENOENT));
  errno = 0;
  event_warn("%s", "fine");
  CHECK(log.last().text == std::string("fine: ") + std::strerror(0));
  errno = EACCES;
  event_warnx("no errno here");
  CHECK(log.last().text == "no errno here");
  CHECK(errno == EACCES);
}

TEST_CASE("event_sock_warn: the text of the socket error follows the message") {
  const Collector log;
  const SocketPair sockets;
  errno = EAGAIN;
  event_sock_warn(sockets.first, "send %d", 7);
  CHECK(log.last().severity == EVENT_LOG_WARN);
  CHECK(log.last().text == std::string("send 7: ") + std::strerror(EAGAIN));
  errno = ECONNRESET;
  event_sock_warn(-1, "send");
  CHECK(log.last().text == std::string("send: ") + std::strerror(ECONNRESET));
}

TEST_CASE("event_warnx: a message is cut at 1023 characters") {
  const Collector log;
  for (const size_t length : {size_t{1022}, size_t{1023}, size_t{1024}, size_t{5000}}) {
    event_warnx("%s", std::string(length, 'q').c_str());
    CHECK(log.last().text == std::string(std::min(length, size_t{1023}), 'q'));
  }
  errno = EPERM;
  event_warn("%s", std::string(1010, 'q').c_str());
  const std::string whole = std::string(1010, 'q') + ": " + std::strerror(EPERM);
  CHECK(log.last().text == whole.substr(0, 1023));
  event_warn("%s", std::string(5000, 'q').c_str());
  CHECK(log.last().text == std::string(1023, 'q'));
}

TEST_CASE("event_set_log_callback: the last one set is the one called") {
  const Collector log;
  static int calls = 0;
  event_set_log_callback([](int, const char*) { ++calls; });
  event_warnx("to the second");
  CHECK(calls == 1);
  CHECK(g_messages.empty());
  event_set_log_callback(collect);
  event_warnx("to the first");
  CHECK(calls == 1);
  CHECK(g_messages.size() == 1);
}

TEST_CASE("event_set_log_callback: without one, messages go to standard error with a prefix") {
  const Child child = in_child([] {
    event_set_log_callback(nullptr);
    event_warnx("careful %d", 1);
    event_msgx("hello");
    errno = ENOENT;
    event_warn("gone");
  });
  CHECK(child.exit_code == 0);
  CHECK(child.output ==
        std::string("[warn] careful 1\n[msg] hello\n[warn] gone: ") + std::strerror(ENOENT) + "\n");
}

TEST_CASE("event_set_log_callback: the library's own warnings arrive there") {
  const Collector log;
  event ev = {};
  CHECK(event_add(&ev, nullptr) == -1);
  CHECK(log.last().severity == EVENT_LOG_WARN);
  CHECK(log.last().text.find("no event_base set") != std::string::npos);
}

TEST_CASE("event_enable_debug_logging: EVENT_DBG_ALL logs what the loop does, NONE stops it") {
  const Collector log;
  exercise();
  CHECK(g_messages.empty());
  event_enable_debug_logging(EVENT_DBG_ALL);
  exercise();
  REQUIRE_FALSE(g_messages.empty());
  bool add_seen = false;
  for (const Message& message : g_messages) {
    CHECK(message.severity == EVENT_LOG_DEBUG);
    CHECK_FALSE(message.text.empty());
    add_seen = add_seen || message.text.find("event_add") != std::string::npos;
  }
  CHECK(add_seen);
  event_enable_debug_logging(EVENT_DBG_NONE);
  g_messages.clear();
  exercise();
  CHECK(g_messages.empty());
}

TEST_CASE("event_enable_debug_logging: debug messages have a prefix of their own by default") {
  const Child child = in_child([] {
    event_set_log_callback(nullptr);
    event_enable_debug_logging(EVENT_DBG_ALL);
    exercise();
  });
  CHECK(child.exit_code == 0);
  CHECK(child.output.rfind("[debug] ", 0) == 0);
  CHECK(child.wrote("\n[debug] "));
}

TEST_CASE("event_errx: logs an error and ends the process with the code given") {
  const Child child = in_child([] {
    event_set_fatal_callback(nullptr);
    event_errx(37, "cannot %s", "go on");
  });
  CHECK(child.exit_code == 37);
  CHECK(child.output == "3 cannot go on\n");
}

TEST_CASE("event_errx: by default the error goes to standard error") {
  const Child child = in_child([] {
    event_set_log_callback(nullptr);
    event_set_fatal_callback(nullptr);
    event_errx(5, "the end");
  });
  CHECK(child.exit_code == 5);
  CHECK(child.output == "[err] the end\n");
}

TEST_CASE("event_err: adds the text of errno") {
  const Child child = in_child([] {
    event_set_fatal_callback(nullptr);
    errno = ENOENT;
    event_err(4, "read %d", 9);
  });
  CHECK(child.exit_code == 4);
  CHECK(child.output == std::string("3 read 9: ") + std::strerror(ENOENT) + "\n");
}

TEST_CASE("event_sock_err: adds the text of the socket error") {
  const Child child = in_child([] {
    event_set_fatal_callback(nullptr);
    errno = EPIPE;
    event_sock_err(6, -1, "send %d", 9);
  });
  CHECK(child.exit_code == 6);
  CHECK(child.output == std::string("3 send 9: ") + std::strerror(EPIPE) + "\n");
}

TEST_CASE("event_set_fatal_callback: is called with the code, after the message was logged") {
  const Child child = in_child([] { event_errx(12, "last words"); });
  CHECK(child.exit_code == kFatalExit);
  CHECK(child.output == "3 last words\nfatal 0xc\n");
}

TEST_CASE("event_set_fatal_callback: if it returns, the process ends with the code all the same") {
  const Child child = in_child([] {
    event_set_fatal_callback([](int code) { std::printf("callback %d\n", code); });
    event_errx(13, "x");
    std::printf("went on\n");
  });
  CHECK(child.exit_code == 13);
  CHECK(child.output == "3 x\ncallback 13\n");
}

TEST_CASE("event_errx: the code of a failed assertion aborts, unless there is a fatal callback") {
  const Child aborted = in_child([] {
    event_set_fatal_callback(nullptr);
    event_errx(kAssertCode, "assertion");
  });
  CHECK(aborted.signal == SIGABRT);
  const Child called = in_child([] { event_errx(kAssertCode, "assertion"); });
  CHECK(called.exit_code == kFatalExit);
  CHECK(called.wrote("fatal 0xdeaddead"));
  const Child returned = in_child([] {
    event_set_fatal_callback([](int) {});
    event_errx(kAssertCode, "assertion");
  });
  CHECK(returned.exit_code == (kAssertCode & 0xff));
}
