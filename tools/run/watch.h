// Looks at a program's memory map after its start.
#pragma once

#include <string>
#include <vector>

namespace relevent::run {

struct Watch {
  std::string folder;                // relevent's
  std::vector<std::string> objects;  // that have to be mapped; none: whenever one comes
  bool is_verbose;
};

// A process that is nobody's child looks at what this process becomes. If that maps another
// libevent it is ended (SIGTERM). There is none if it would become this process's child after all.
// False: there could be no such process.
bool start_watch(const Watch& watch);

}  // namespace relevent::run
