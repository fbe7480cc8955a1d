#include "objects.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <vector>

#include "program.h"

namespace relevent::run {
namespace {

constexpr const char* kMark = "$relevent: ";  // src/api/ident.c
constexpr const char* kParts[] = {"", "_core", "_extra", "_pthreads", "_openssl", "_mbedtls"};

// Takes these words away from the front of what is still to be read.
bool skip(const char*& at, const std::string& words) {
  const bool begins = std::strncmp(at, words.c_str(), words.size()) == 0;
  at += begins ? words.size() : 0;
  return begins;
}

bool skip_digits(const char*& at) {
  const char* const begin = at;
  while (*at >= '0' && *at <= '9') {
    ++at;
  }
  return at != begin;
}

// ".7.0.1", or nothing.
bool is_numbers(const char* at) {
  while (skip(at, ".")) {
    if (!skip_digits(at)) {
      return false;
    }
  }
  return *at == '\0';
}

// What follows "libevent_part": "-2.1.so", "-2.1.so.7.0.1" or ".so.7". A bare ".so" tells no
// version and may be anybody's.
bool is_version(const char* at) {
  if (skip(at, "-")) {
    return skip_digits(at) && skip(at, ".") && skip_digits(at) && skip(at, ".so") && is_numbers(at);
  }
  return skip(at, ".so") && *at != '\0' && is_numbers(at);
}

std::string own_folder() {
  char path[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  const std::string self(path, size > 0 ? static_cast<std::size_t>(size) : 0);
  return self.substr(0, self.rfind('/'));
}

}  // namespace

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool is_libevent(const std::string& path) {
  const std::string name = base_name(path);
  return std::any_of(std::begin(kParts), std::end(kParts), [&](const char* part) {
    const char* rest = name.c_str();
    return skip(rest, std::string("libevent") + part) && is_version(rest);
  });
}

bool is_same_file(const std::string& one, const std::string& other) {
  struct stat first;
  struct stat second;
  return stat(one.c_str(), &first) == 0 && stat(other.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

bool is_ours(const std::string& path, const std::string& folder) {
  return std::any_of(std::begin(kParts), std::end(kParts), [&](const char* part) {
    return is_same_file(path, folder + "/libevent" + part + kSuffix);
  });
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

}  // namespace relevent::run
