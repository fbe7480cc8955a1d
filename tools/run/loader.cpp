#include "loader.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <sstream>

namespace relevent::run {
namespace {

// "name => path (address)", "path (address)", "name => not found"
std::vector<Loaded> read_list(const std::string& text) {
  std::vector<Loaded> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find_first_not_of(" \t");
    const std::size_t arrow = line.find(" => ");
    const std::size_t address = line.rfind(" (0x");
    if (first == std::string::npos ||
        (arrow == std::string::npos && address == std::string::npos)) {
      continue;
    }
    const std::size_t path_at = arrow == std::string::npos ? first : arrow + 4;
    std::string path = address == std::string::npos ? "" : line.substr(path_at, address - path_at);
    std::string name = line.substr(first, (arrow == std::string::npos ? address : arrow) - first);
    found.push_back({.name = std::move(name), .path = std::move(path)});
  }
  return found;
}

}  // namespace

std::vector<Loaded> ask_loader(const Program& program, const char* variable,
                               const std::string& value) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    throw Obstacle{kFailed, "no pipe to be had"};
  }
  const pid_t child = fork();
  if (child == 0) {
    if (variable != nullptr) {
      setenv(variable, value.c_str(), 1);
    }
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    const char* const loader = program.elf.interpreter.c_str();
    execl(loader, loader, "--list", program.binary.c_str(), nullptr);
    _exit(kFailed);
  }
  close(ends[1]);
  std::string text;
  char block[4096];
  ssize_t count;
  while ((count = read(ends[0], block, sizeof block)) > 0 || (count < 0 && errno == EINTR)) {
    text.append(block, count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  close(ends[0]);
  if (child < 0) {
    throw Obstacle{kFailed, "there can be no process that asks the loader"};
  }
  wait_for(child);
  return read_list(text);
}

bool wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status == 0;
}

}  // namespace relevent::run
