// By which of the loader's ways a program gets relevent.
#pragma once

#include <string>
#include <vector>

#include "loader.h"
#include "program.h"

namespace relevent::run {

struct Plan {
  enum class Way { kPath, kPreload };
  // `later`: the program loads libevent itself when it runs, so nothing is known of it now. Throws
  // Obstacle.
  static Plan make(const Program& program, const std::string& folder, bool later);

  // In the environment of this process.
  void apply() const;

  Way way = Way::kPath;
  std::string variable;  // LD_LIBRARY_PATH or LD_PRELOAD
  std::string value;
  std::vector<Loaded> before;  // what the program would have without us
  std::vector<Loaded> after;
  std::vector<std::string> objects;  // relevent's that the program needs at its start
};

}  // namespace relevent::run
