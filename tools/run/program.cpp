#include "program.h"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

namespace relevent::run {
namespace {

// As the kernel has it.
constexpr int kMostScripts = 5;
constexpr std::size_t kFirstLine = 256;

bool is_program(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         access(path.c_str(), X_OK) == 0;
}

// As the shell looks for it.
std::string look_up(const std::string& command) {
  if (command.find('/') != std::string::npos) {
    if (access(command.c_str(), F_OK) != 0) {
      throw Obstacle{kNotFound, command + ": no such file"};
    }
    if (!is_program(command)) {
      throw Obstacle{kCannotRun, command + ": not a program that may be executed"};
    }
    return command;
  }
  const char* const path = getenv("PATH");
  // The last entry may be empty too, and getline sees none after the last separator.
  std::istringstream folders(std::string(path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin") +
                             ":");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = (folder.empty() ? "." : folder) + "/" + command;
    if (is_program(candidate)) {
      return candidate;
    }
  }
  throw Obstacle{kNotFound, command + ": not found in PATH"};
}

// The program that runs a script; empty: it is none.
std::string interpreter_of(const std::string& path) {
  const std::string text = read_file(path, kFirstLine).value_or("");
  if (text.compare(0, 2, "#!") != 0) {
    return "";
  }
  std::istringstream line(text.substr(2, text.find('\n') - 2));
  std::string interpreter;
  line >> interpreter;
  if (interpreter.size() >= 4 && interpreter.compare(interpreter.size() - 4, 4, "/env") == 0) {
    std::string word;
    while (line >> word && (word[0] == '-' || word.find('=') != std::string::npos)) {
    }
    return word.empty() ? interpreter : look_up(word);
  }
  return interpreter;
}

// For such a program the loader ignores what the environment says.
void refuse_privileged(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) {
    return;
  }
  const bool user = (status.st_mode & S_ISUID) != 0 && status.st_uid != geteuid();
  const bool group = (status.st_mode & S_ISGID) != 0 && status.st_gid != getegid();
  const bool capable =
      geteuid() != 0 && getxattr(path.c_str(), "security.capability", nullptr, 0) > 0;
  if (user || group || capable) {
    throw Obstacle{kCannotRun, path + " has the privileges of another user (" +
                                   (user    ? "set-uid"
                                    : group ? "set-gid"
                                            : "file capabilities") +
                                   "): the system's loader takes no library from elsewhere for it; "
                                   "run it as the user whose privileges it has"};
  }
}

}  // namespace

Program Program::find(const std::string& command) {
  Program program{.path = look_up(command), .binary = {}, .elf = {}};
  program.binary = program.path;
  std::string interpreter;
  for (int depth = 0; !(interpreter = interpreter_of(program.binary)).empty(); ++depth) {
    if (depth == kMostScripts) {
      throw Obstacle{kCannotRun, program.path + ": a script run by scripts without end"};
    }
    program.binary = look_up(interpreter);
  }
  bool is_other = false;
  std::optional<Elf> elf = Elf::read(program.binary, &is_other);
  if (!elf) {
    throw Obstacle{kCannotRun,
                   program.binary + (is_other ? ": a program for another kind of machine"
                                              : ": not an ELF program that can be read")};
  }
  program.elf = std::move(*elf);
  if (program.elf.interpreter.empty()) {
    throw Obstacle{kCannotRun, program.binary +
                                   " is linked statically: its libevent, if it has one, "
                                   "is a part of it; link it again with relevent's "
                                   "archives"};
  }
  // The loader will be asked, so it must be one that can be trusted: that of this program.
  if (const std::optional<Elf> self = Elf::read("/proc/self/exe");
      !self || access(program.elf.interpreter.c_str(), X_OK) != 0 ||
      program.elf.interpreter != self->interpreter) {
    throw Obstacle{kCannotRun, program.binary + " wants the loader " + program.elf.interpreter +
                                   ", which is not that of this system's C library"};
  }
  refuse_privileged(program.binary);
  return program;
}

}  // namespace relevent::run
