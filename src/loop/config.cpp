#include "loop/config.h"

#include <cstring>

namespace relevent::loop {

Config::~Config() {
  for (char* const name : avoided_) {
    mem::release(name);
  }
}

bool Config::avoid_method(const char* name) {
  mem::OwnedString copy(mem::duplicate_string(name));
  if (copy == nullptr || !avoided_.push_back(copy.get())) {
    return false;
  }
  copy.release();
  return true;
}

bool Config::avoids(const char* name) const {
  for (const char* const avoided : avoided_) {
    if (std::strcmp(avoided, name) == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace relevent::loop
