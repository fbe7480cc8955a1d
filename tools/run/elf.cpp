#include "elf.h"

#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <span>

namespace relevent::run {
namespace {

using Header = ElfW(Ehdr);
using Segment = ElfW(Phdr);
using Section = ElfW(Shdr);
using Symbol = ElfW(Sym);
using Entry = ElfW(Dyn);

// The structures of a file, which may have been cut off anywhere, or be made up.
class Image {
 public:
  explicit Image(const std::string& bytes) : bytes_(bytes) {}

  // Copies, as they may lie anywhere. Fewer than `count` if the file ends before.
  template <class T>
  std::vector<T> table(std::size_t offset, std::size_t count) const {
    if (offset > bytes_.size()) {
      return {};
    }
    std::vector<T> items(std::min(count, (bytes_.size() - offset) / sizeof(T)));
    if (!items.empty()) {
      std::memcpy(items.data(), bytes_.data() + offset, items.size() * sizeof(T));
    }
    return items;
  }

  std::string text(std::size_t offset) const {
    return offset < bytes_.size() ? std::string(bytes_.c_str() + offset) : std::string();
  }

 private:
  const std::string& bytes_;
};

// The header of this very program: what runs here looks like that.
const Header& own_header() {
  static const Header header = [] {
    const std::optional<std::string> self = read_file("/proc/self/exe");
    const auto headers = self ? Image(*self).table<Header>(0, 1) : std::vector<Header>();
    return headers.empty() ? Header{} : headers.front();
  }();
  return header;
}

void read_symbols(const Image& image, const Section& symbols, const Section& names, Elf& elf) {
  for (const Symbol& symbol :
       image.table<Symbol>(symbols.sh_offset, symbols.sh_size / sizeof(Symbol))) {
    const std::string name = image.text(names.sh_offset + symbol.st_name);
    const int binding = ELF64_ST_BIND(symbol.st_info);  // the same in both sizes
    if (name.empty() || binding == STB_LOCAL) {
      continue;
    }
    if (symbol.st_shndx != SHN_UNDEF) {
      elf.exports.push_back(name);
    } else if (binding == STB_GLOBAL) {
      elf.imports.push_back(name);
    }
  }
}

void read_sections(const Image& image, const Header& header, Elf& elf) {
  const auto sections = image.table<Section>(header.e_shoff, header.e_shnum);
  for (const Section& section : sections) {
    if (section.sh_link >= sections.size()) {
      continue;
    }
    const Section& names = sections[section.sh_link];
    if (section.sh_type == SHT_DYNSYM) {
      read_symbols(image, section, names, elf);
    } else if (section.sh_type == SHT_DYNAMIC) {
      for (const Entry& entry :
           image.table<Entry>(section.sh_offset, section.sh_size / sizeof(Entry))) {
        if (entry.d_tag == DT_NEEDED) {
          elf.needed.push_back(image.text(names.sh_offset + entry.d_un.d_val));
        }
      }
    }
  }
}

}  // namespace

std::optional<std::string> read_file(const std::string& path, std::size_t most) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return std::nullopt;
  }
  std::string bytes;
  char block[1 << 16];
  ssize_t count = 0;
  while (bytes.size() < most &&
         (count = ::read(fd, block, std::min(sizeof block, most - bytes.size()))) > 0) {
    bytes.append(block, static_cast<std::size_t>(count));
  }
  close(fd);
  return count >= 0 ? std::optional(bytes) : std::nullopt;
}

std::optional<Elf> Elf::read(const std::string& path, bool* is_other) {
  const std::optional<std::string> bytes = read_file(path);
  if (!bytes) {
    return std::nullopt;
  }
  const Image image(*bytes);
  const auto headers = image.table<Header>(0, 1);
  if (headers.empty() || std::memcmp(headers.front().e_ident, ELFMAG, SELFMAG) != 0) {
    return std::nullopt;
  }
  const Header& header = headers.front();
  if (header.e_ident[EI_CLASS] != own_header().e_ident[EI_CLASS] ||
      header.e_machine != own_header().e_machine) {
    if (is_other != nullptr) {
      *is_other = true;
    }
    return std::nullopt;
  }
  Elf elf;
  for (const Segment& segment : image.table<Segment>(header.e_phoff, header.e_phnum)) {
    elf.is_dynamic = elf.is_dynamic || segment.p_type == PT_DYNAMIC;
    if (segment.p_type == PT_INTERP) {
      elf.interpreter = image.text(segment.p_offset);
    }
  }
  read_sections(image, header, elf);
  return elf;
}

}  // namespace relevent::run
