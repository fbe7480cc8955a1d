#include "plan.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <sstream>

namespace relevent::run {
namespace {

constexpr const char* kSuffix = "-2.1.so.7";
constexpr const char* kMark = "$relevent: ";  // src/api/ident.c
constexpr const char* kPathVariable = "LD_LIBRARY_PATH";
constexpr const char* kPreloadVariable = "LD_PRELOAD";

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool is_same_file(const std::string& one, const std::string& other) {
  struct stat first;
  struct stat second;
  return stat(one.c_str(), &first) == 0 && stat(other.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

std::string own_folder() {
  char path[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  const std::string self(path, size > 0 ? static_cast<std::size_t>(size) : 0);
  return self.substr(0, self.rfind('/'));
}

// What was set before stays in force, behind ours.
std::string joined(const std::string& value, const char* variable) {
  const char* const old = getenv(variable);
  return old == nullptr || *old == '\0' ? value : value + ":" + old;
}

// What the loader would map. It lists that without running anything of the program.
std::vector<Loaded> ask_loader(const Program& program, const char* variable,
                               const std::string& value) {
  int ends[2];
  if (pipe(ends) != 0) {
    throw Obstacle{kFailed, "no pipe to be had"};
  }
  const pid_t child = fork();
  if (child == 0) {
    if (variable != nullptr) {
      setenv(variable, value.c_str(), 1);
    }
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    const char* const loader = program.elf.interpreter.c_str();
    execl(loader, loader, "--list", program.binary.c_str(), nullptr);
    _exit(kFailed);
  }
  close(ends[1]);
  std::string text;
  char block[4096];
  ssize_t count;
  while ((count = read(ends[0], block, sizeof block)) > 0) {
    text.append(block, static_cast<std::size_t>(count));
  }
  close(ends[0]);
  if (child > 0) {
    waitpid(child, nullptr, 0);
  }

  // "name => path (address)", "path (address)", "name => not found"
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

// Whether every libevent is relevent's, and none is missing.
bool is_all_ours(const std::vector<Loaded>& list, const std::string& folder) {
  for (const Loaded& loaded : list) {
    const std::string name = base_name(loaded.name);
    if (is_libevent(name) &&
        (loaded.path.empty() || !is_same_file(loaded.path, folder + "/" + name))) {
      return false;
    }
  }
  return true;
}

void find_objects(const Program& program, const std::string& folder, Plan& plan) {
  for (const Loaded& loaded : plan.before) {
    const std::string name = base_name(loaded.name);
    if (!is_libevent(name)) {
      continue;
    }
    if (!ends_with(name, kSuffix)) {
      throw Obstacle{kCannotRun, program.binary + " needs " + name +
                                     ", which is another version of libevent than 2.1 (*" +
                                     kSuffix + ") with another ABI; build it again for relevent"};
    }
    if (access((folder + "/" + name).c_str(), R_OK) != 0) {
      throw Obstacle{kFailed, "this relevent has no " + name + " in " + folder};
    }
    plan.objects.push_back(name);
  }
}

}  // namespace

bool is_libevent(const std::string& path) {
  const std::string name = base_name(path);
  if (name.compare(0, 8, "libevent") != 0 || name.find(".so") == std::string::npos) {
    return false;
  }
  const std::string rest = name.substr(8);
  for (const char* const part : {"", "_core", "_extra", "_pthreads", "_openssl", "_mbedtls"}) {
    const std::string begin(part);
    if (rest.compare(0, begin.size(), begin) == 0 &&
        (rest[begin.size()] == '-' || rest[begin.size()] == '.')) {
      return true;
    }
  }
  return false;
}

std::string find_libraries(const std::string& given) {
  std::vector<std::string> folders{given};
  if (given.empty()) {
    folders.clear();
    for (const char* const base :
         {RELEVENT_LIBRARIES_FROM_BIN, "../lib/" RELEVENT_ARCHITECTURE, "../lib"}) {
      const std::string libraries = own_folder() + "/" + base;
      folders.push_back(libraries + "/relevent");
      folders.push_back(libraries);
    }
  }
  for (const std::string& folder : folders) {
    const auto object = read_file(folder + "/libevent_core" + kSuffix);
    if (object && object->find(kMark) != std::string::npos) {
      char path[PATH_MAX];
      return realpath(folder.c_str(), path) != nullptr ? path : folder;
    }
  }
  throw Obstacle{kFailed, "relevent's libraries are not in " + folders.front() +
                              (given.empty() ? "; name their folder with --lib-dir" : "")};
}

Plan Plan::make(const Program& program, const std::string& folder, bool later) {
  Plan plan;
  plan.before = ask_loader(program, nullptr, "");
  find_objects(program, folder, plan);
  if (plan.objects.empty() && !later) {
    throw Obstacle{kCannotRun, program.binary +
                                   " is not a libevent program: neither it nor its libraries need "
                                   "libevent; if it loads that later, use --later"};
  }
  plan.variable = kPathVariable;
  plan.value = joined(folder, kPathVariable);
  plan.after = ask_loader(program, kPathVariable, plan.value);
  if (is_all_ours(plan.after, folder)) {
    return plan;
  }
  // A path of its own (DT_RPATH) comes before what the environment says.
  std::string list;
  for (const std::string& name : plan.objects) {
    list += (list.empty() ? "" : ":") + folder + "/" + name;
  }
  plan.way = Way::kPreload;
  plan.variable = kPreloadVariable;
  plan.value = joined(list, kPreloadVariable);
  plan.after = ask_loader(program, kPreloadVariable, plan.value);
  if (!is_all_ours(plan.after, folder)) {
    throw Obstacle{kCannotRun, program.binary + " would get another libevent also by " +
                                   kPreloadVariable +
                                   "; it may be named with its path in what needs it"};
  }
  return plan;
}

void Plan::apply() const { setenv(variable.c_str(), value.c_str(), 1); }

}  // namespace relevent::run
