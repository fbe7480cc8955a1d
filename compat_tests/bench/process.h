// Other processes at the far end of connections, so that what they do is not measured.
#pragma once

#include <netinet/in.h>
#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace bench {

// A listening, non-blocking socket on the loopback address, at a port that the system chose. What
// it accepts does not hold back small messages.
//
// Owns: the socket, until release().
class Listener {
 public:
  Listener();
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int fd() const { return fd_; }
  int release();
  const sockaddr_in& address() const { return address_; }
  std::string port() const { return std::to_string(ntohs(address_.sin_port)); }

 private:
  sockaddr_in address_{};
  int fd_;
};

// A connected, blocking socket that does not hold back small messages.
int connect_to(const sockaddr_in& address);
// The next connection, which is not blocking; -1 if there is none yet.
int accept_one(int listener);
void make_nonblocking(int fd);

// Forks a process, which works on the first core until it is killed at the end of this object's
// life; we move to the last one.
class Process {
 public:
  explicit Process(const std::function<void()>& work);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

 private:
  pid_t id_;
};

// Becomes another program, which says nothing.
[[noreturn]] void execute(std::vector<std::string> command);

// Whether the program is in one of the folders of PATH.
bool can_execute(const std::string& program);

}  // namespace bench
