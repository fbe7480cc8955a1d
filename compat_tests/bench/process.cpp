#include "process.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "bench.h"

namespace bench {
namespace {

// The first or the last core, if these are two.
void stay_on(bool first) {
  cpu_set_t all;
  CPU_ZERO(&all);
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    CPU_SET(core, &all);
  }
  require(
      sched_setaffinity(0, sizeof all, &all) == 0 && sched_getaffinity(0, sizeof all, &all) == 0,
      "the cores are unknown");
  int chosen = -1;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &all) && (chosen < 0 || !first)) {
      chosen = core;
    }
  }
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(chosen, &one);
  require(sched_setaffinity(0, sizeof one, &one) == 0, "sched_setaffinity failed");
}

void send_at_once(int fd) {
  const int on = 1;
  require(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "setsockopt failed");
}

}  // namespace

Listener::Listener() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  address_.sin_family = AF_INET;
  address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address_;
  auto* const name = reinterpret_cast<sockaddr*>(&address_);
  send_at_once(fd_);
  require(fd_ >= 0 && bind(fd_, name, size) == 0 && listen(fd_, SOMAXCONN) == 0 &&
              getsockname(fd_, name, &size) == 0,
          "cannot listen on the loopback address");
}

Listener::~Listener() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

int Listener::release() { return std::exchange(fd_, -1); }

int connect_to(const sockaddr_in& address) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(fd >= 0 && connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
          "cannot connect: too few descriptors?");
  send_at_once(fd);
  return fd;
}

int accept_one(int listener) {
  const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  require(fd >= 0 || errno == EAGAIN, "accept failed: too few descriptors?");
  return fd;
}

void make_nonblocking(int fd) {
  require(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0, "fcntl failed");
}

Process::Process(const std::function<void()>& work) {
  const pid_t parent = getpid();
  id_ = fork();
  require(id_ >= 0, "fork failed");
  if (id_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) {
      stay_on(true);
      work();
    }
    std::_Exit(0);
  }
  stay_on(false);
}

Process::~Process() {
  kill(id_, SIGKILL);
  waitpid(id_, nullptr, 0);
}

void execute(std::vector<std::string> command) {
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(nowhere, STDOUT_FILENO);
  std::vector<char*> words;
  for (std::string& word : command) {
    words.push_back(word.data());
  }
  words.push_back(nullptr);
  execvp(words[0], words.data());
  require(false, "the program cannot be executed");
  std::abort();
}

bool can_execute(const std::string& program) {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((folder + '/' + program).c_str(), X_OK) == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace bench
