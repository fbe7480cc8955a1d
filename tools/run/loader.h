// What the system's loader would map for a program.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "program.h"

namespace relevent::run {

// A line of what the loader would map: the name that was asked for, and the file ("": not found).
struct Loaded {
  std::string name;
  std::string path;
};

// The loader lists that without running anything of the program. With this variable set, if one is
// given. Throws Obstacle.
std::vector<Loaded> ask_loader(const Program& program, const char* variable,
                               const std::string& value);

// Waits for a child's end. False: it failed, which nobody learns if SIGCHLD is ignored.
bool wait_for(pid_t child);

}  // namespace relevent::run
