// Which file a command runs, and whether that can be given another library.
#pragma once

#include <string>

#include "elf.h"

namespace relevent::run {

// The status with which relevent-run ends when it does not come to the program; as env(1) does.
enum Status { kFailed = 125, kCannotRun = 126, kNotFound = 127 };

// What stands in the way, in words that say what to do.
struct Obstacle {
  Status status;
  std::string text;
};

struct Program {
  // Throws Obstacle. Follows the first line of scripts.
  static Program find(const std::string& command);

  std::string path;    // what is started
  std::string binary;  // what is loaded: the same, or a script's interpreter
  Elf elf;             // of the binary
};

}  // namespace relevent::run
