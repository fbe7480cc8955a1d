#include "plan.h"

#include <unistd.h>

#include <cstdlib>

#include "objects.h"

namespace relevent::run {
namespace {

constexpr const char* kPathVariable = "LD_LIBRARY_PATH";
constexpr const char* kPreloadVariable = "LD_PRELOAD";
// What the loader takes for the end of an entry; there is no way to write these in a name.
constexpr const char* kPathSeparators = ":;";
constexpr const char* kPreloadSeparators = ": ";

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// What was set before stays in force, behind ours.
std::string joined(const std::string& value, const char* variable) {
  const char* const old = getenv(variable);
  return old == nullptr || *old == '\0' ? value : value + ":" + old;
}

void refuse_separators(const std::string& folder, const char* variable, const char* separators) {
  if (const std::size_t at = folder.find_first_of(separators); at != std::string::npos) {
    throw Obstacle{kFailed, "relevent's folder " + folder + " has a '" + folder[at] +
                                "' in its name, which separates entries in " + variable +
                                "; move it to another"};
  }
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

Plan Plan::make(const Program& program, const std::string& folder, bool later) {
  Plan plan;
  plan.before = ask_loader(program, nullptr, "");
  find_objects(program, folder, plan);
  if (plan.objects.empty() && !later) {
    throw Obstacle{kCannotRun, program.binary +
                                   " is not a libevent program: neither it nor its libraries need "
                                   "libevent; if it loads that later, use --later"};
  }
  refuse_separators(folder, kPathVariable, kPathSeparators);
  plan.variable = kPathVariable;
  plan.value = joined(folder, kPathVariable);
  plan.after = ask_loader(program, kPathVariable, plan.value);
  if (is_all_ours(plan.after, folder)) {
    return plan;
  }
  // A path of its own (DT_RPATH) comes before what the environment says.
  refuse_separators(folder, kPreloadVariable, kPreloadSeparators);
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
