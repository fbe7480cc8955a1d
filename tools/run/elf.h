// What relevent-run has to know of a program or a library.
#pragma once

#include <elf.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace relevent::run {

// One file in the format ELF, of this machine.
struct Elf {
  // No value: it cannot be read, or is no ELF file; or it is one of another machine, which is_other
  // tells then.
  static std::optional<Elf> read(const std::string& path, bool* is_other = nullptr);

  std::string interpreter;  // the loader; empty: none
  bool is_dynamic = false;
  std::vector<std::string> needed;
  std::vector<std::string> imports;  // that have to be found somewhere
  std::vector<std::string> exports;
};

// The file, or the first bytes of it; no value if it cannot be read.
std::optional<std::string> read_file(const std::string& path, std::size_t most = SIZE_MAX);

}  // namespace relevent::run
