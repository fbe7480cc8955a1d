#include "watch.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <sstream>

#include "elf.h"
#include "loader.h"
#include "objects.h"

namespace relevent::run {
namespace {

constexpr int kFirstPauseMs = 2;
constexpr int kLongestPauseMs = 250;
// After the last object that is expected, another may still come.
constexpr int kSettleMs = 30;
// Whoever has not mapped what it needs by then will not do so.
constexpr int kLongestStartMs = 20'000;

// How the kernel ends the line of a file that has no name any more.
constexpr const char* kDeleted = " (deleted)";

struct Mapped {
  std::vector<std::string> ours;
  std::vector<std::string> others;
};

// Nothing if the program does not let us see it.
std::optional<Mapped> look(pid_t pid, const std::string& folder) {
  const std::optional<std::string> map = read_file("/proc/" + std::to_string(pid) + "/maps");
  if (!map) {
    return std::nullopt;
  }
  Mapped mapped;
  std::istringstream lines(*map);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find('/');
    // A file that was replaced by another version in the meantime is still seen by its name.
    const std::string path =
        at == std::string::npos ? "" : line.substr(at, line.rfind(kDeleted) - at);
    if (!is_libevent(path)) {
      continue;
    }
    std::vector<std::string>& list = is_ours(path, folder) ? mapped.ours : mapped.others;
    if (std::find(list.begin(), list.end(), path) == list.end()) {
      list.push_back(path);
    }
  }
  return mapped;
}

void say(pid_t pid, const std::string& text) {
  std::fprintf(stderr, "relevent-run: process %d %s\n", static_cast<int>(pid), text.c_str());
}

// Whether the program has ended while we wait.
bool wait_for_end(int process, int milliseconds) {
  pollfd item{.fd = process, .events = POLLIN, .revents = 0};
  return poll(&item, 1, milliseconds) > 0;
}

// Whoever reads what the program says must not wait for us when the program itself has let go of
// standard error, as one that becomes a daemon does.
void follow_standard_error(pid_t pid) {
  if (!is_same_file("/proc/" + std::to_string(pid) + "/fd/2", "/proc/self/fd/2")) {
    dup2(STDIN_FILENO, STDERR_FILENO);
  }
}

void watch_process(const Watch& watch, pid_t pid, int process) {
  int waited = 0;
  for (int pause = kFirstPauseMs;; pause = std::min(2 * pause, kLongestPauseMs)) {
    if (wait_for_end(process, pause)) {
      return;
    }
    waited += pause;
    std::optional<Mapped> mapped = look(pid, watch.folder);
    const bool seems_complete = mapped && mapped->others.empty() && !mapped->ours.empty() &&
                                mapped->ours.size() >= watch.objects.size();
    if (seems_complete) {
      if (wait_for_end(process, kSettleMs)) {
        return;
      }
      mapped = look(pid, watch.folder);
    }
    if (!mapped) {
      if (watch.is_verbose) {
        say(pid, "does not let us see what it maps");
      }
      return;
    }
    follow_standard_error(pid);
    if (mapped->others.empty() && !seems_complete) {
      if (!watch.objects.empty() && waited > kLongestStartMs) {
        say(pid, "has not mapped the libevent that it needs");
        return;
      }
      continue;
    }
    for (const std::string& path : mapped->others) {
      say(pid, "is ended: it maps another libevent, " + path);
    }
    if (!mapped->others.empty()) {
      syscall(SYS_pidfd_send_signal, process, SIGTERM, nullptr, 0);
    } else if (watch.is_verbose) {
      for (const std::string& path : mapped->ours) {
        say(pid, "maps " + path);
      }
    }
    return;
  }
}

// What the program and whoever started it share with us must not stay open because of us, nor the
// file system with the current folder stay mounted.
void let_go_of_files(unsigned kept) {
  [[maybe_unused]] const int result = chdir("/");
  const int nothing = open("/dev/null", O_RDWR);
  dup2(nothing, STDIN_FILENO);
  dup2(nothing, STDOUT_FILENO);
  if (kept > STDERR_FILENO + 1) {
    close_range(STDERR_FILENO + 1, kept - 1, 0);
  }
  close_range(kept + 1, ~0U, 0);
}

// Waits until the program has taken this process's place, which closes the other end.
[[noreturn]] void work(const Watch& watch, pid_t program, int taken_over) {
  const int process = static_cast<int>(syscall(SYS_pidfd_open, program, 0));
  const int error = errno;
  char byte;
  while (read(taken_over, &byte, 1) < 0 && errno == EINTR) {
  }
  if (process >= 0) {
    let_go_of_files(static_cast<unsigned>(process));
    watch_process(watch, program, process);
  } else if (watch.is_verbose) {
    say(program, std::string("cannot be watched: ") + std::strerror(error));
  }
  _exit(0);
}

// Whether this process gets the children of those that have ended, and the program would reap one
// that it never made.
bool is_reaper() {
  int is_set = 0;
  return getpid() == 1 || (prctl(PR_GET_CHILD_SUBREAPER, &is_set) == 0 && is_set != 0);
}

}  // namespace

bool start_watch(const Watch& watch) {
  const pid_t program = getpid();
  if (is_reaper()) {
    if (watch.is_verbose) {
      say(program, "is not watched: it would become the parent of the process that watches");
    }
    return true;
  }
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) {
    return false;
  }
  const pid_t between = fork();
  if (between == 0) {
    const pid_t watcher = fork();
    if (watcher != 0) {
      _exit(watcher > 0 ? 0 : 1);
    }
    close(ready[1]);
    work(watch, program, ready[0]);
  }
  close(ready[0]);
  return between > 0 && wait_for(between);
}

}  // namespace relevent::run
