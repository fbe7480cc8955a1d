// Runs code that ends its process, or must not disturb it, in a forked child.
#pragma once

#include <event2/event.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace event_cases {

// How a child ended and what it wrote: log messages as "<severity> <text>\n", its standard output
// and error as they are.
struct Child {
  int exit_code = -1;  // -1: killed
  int signal = 0;      // what killed it
  std::string output;

  bool wrote(std::string_view text) const { return output.find(text) != std::string::npos; }
};

// What a child exits with if the fatal callback was called; the code it got is in the output.
constexpr int kFatalExit = 99;
// The code that the library gives for an assertion that does not hold.
constexpr int kAssertCode = static_cast<int>(0xdeaddead);

inline void log_to_stdout(int severity, const char* message) {
  std::printf("%d %s\n", severity, message);
}

// Ends the child at once, so that no leak check or other handler of exit() can speak.
inline void exit_when_fatal(int code) {
  std::printf("fatal 0x%x\n", static_cast<unsigned>(code));
  std::fflush(nullptr);
  _exit(kFatalExit);
}

// Runs `body` in a child, with log and fatal callbacks that write to the output. A body that
// returns lets the child exit with 0.
template <class Body>
Child in_child(Body body) {
  int pipe_fds[2];
  REQUIRE(pipe(pipe_fds) == 0);
  std::cout.flush();
  std::fflush(nullptr);
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    dup2(pipe_fds[1], STDOUT_FILENO);
    dup2(pipe_fds[1], STDERR_FILENO);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    for (const int number : {SIGABRT, SIGSEGV, SIGILL, SIGFPE, SIGTERM, SIGINT}) {
      signal(number, SIG_DFL);  // Catch's handlers would report a failed case
    }
    std::setvbuf(stdout, nullptr, _IONBF, 0);  // what was written survives an abort
    event_set_log_callback(log_to_stdout);
    event_set_fatal_callback(exit_when_fatal);
    body();
    std::fflush(nullptr);
    _exit(0);
  }
  close(pipe_fds[1]);
  Child child;
  char block[4096];
  for (ssize_t n = 0; (n = read(pipe_fds[0], block, sizeof block)) > 0;) {
    child.output.append(block, static_cast<size_t>(n));
  }
  close(pipe_fds[0]);
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  if (WIFEXITED(status)) {
    child.exit_code = WEXITSTATUS(status);
  } else {
    child.signal = WTERMSIG(status);
  }
  return child;
}

}  // namespace event_cases
