#include "report.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "objects.h"

namespace relevent::run {
namespace {

struct Import {
  bool is_provided = true;
  std::set<std::string> importers;
};

void add_exports(const std::string& path, std::set<std::string>& names) {
  if (const std::optional<Elf> elf = Elf::read(path)) {
    names.insert(elf->exports.begin(), elf->exports.end());
  }
}

// A function is libevent's if relevent or the libevent that would be taken otherwise has it; or if
// nobody has it, for whoever needs a libevent.
std::map<std::string, Import> find_imports(const Program& program, const Plan& plan) {
  std::set<std::string> ours;
  std::set<std::string> theirs;
  std::set<std::string> others;
  std::vector<std::string> files{program.binary};
  for (const Loaded& loaded : plan.after) {
    if (is_libevent(loaded.name)) {
      add_exports(loaded.path, ours);
    } else {
      add_exports(loaded.path, others);
      files.push_back(loaded.path);
    }
  }
  for (const Loaded& loaded : plan.before) {
    if (is_libevent(loaded.name)) {
      add_exports(loaded.path, theirs);
    }
  }
  add_exports(program.binary, others);

  std::map<std::string, Import> imports;
  for (const std::string& file : files) {
    const std::optional<Elf> elf = Elf::read(file);
    if (!elf || std::none_of(elf->needed.begin(), elf->needed.end(), is_libevent)) {
      continue;
    }
    for (const std::string& name : elf->imports) {
      const bool is_provided = ours.count(name) != 0;
      if (is_provided ? others.count(name) == 0
                      : theirs.count(name) != 0 || others.count(name) == 0) {
        Import& import = imports[name];
        import.is_provided = is_provided;
        import.importers.insert(base_name(file));
      }
    }
  }
  return imports;
}

}  // namespace

bool report(const Program& program, const Plan& plan, const std::string& folder) {
  std::printf("program    %s\n", program.path.c_str());
  if (program.binary != program.path) {
    std::printf("run by     %s\n", program.binary.c_str());
  }
  std::printf("relevent   %s\n", folder.c_str());
  for (const std::string& object : plan.objects) {
    std::printf("needs      %s\n", object.c_str());
  }
  std::printf("by         %s=%s\n", plan.variable.c_str(), plan.value.c_str());

  const std::map<std::string, Import> imports = find_imports(program, plan);
  std::size_t missing = 0;
  for (const auto& [name, import] : imports) {
    std::string importers;
    for (const std::string& importer : import.importers) {
      importers += (importers.empty() ? "" : ", ") + importer;
    }
    std::printf("%s   %s (%s)\n", import.is_provided ? "provided" : "MISSING ", name.c_str(),
                importers.c_str());
    missing += import.is_provided ? 0 : 1;
  }
  std::printf("%zu functions of libevent are imported, %zu are missing\n", imports.size(), missing);
  return missing == 0;
}

}  // namespace relevent::run
