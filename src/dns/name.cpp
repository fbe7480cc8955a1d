#include "dns/name.h"

namespace relevent::dns {
namespace {

constexpr unsigned kPointer = 0xc0;
constexpr std::size_t kMaxPointer = 0x3fff;

bool append_label(NameText& name, Bytes label) {
  // The wire form has a length byte for each label and one for the root: two more than the text.
  const std::size_t separator = name.length == 0 ? 0 : 1;
  if (name.length + separator + label.size() + 2 > kMaxNameOnWire ||
      std::memchr(label.data(), '\0', label.size()) != nullptr) {
    return false;
  }
  if (separator != 0) {
    name.text[name.length++] = '.';
  }
  std::memcpy(name.text + name.length, label.data(), label.size());
  name.length += label.size();
  return true;
}

}  // namespace

bool read_name(Reader& reader, NameText& name) {
  const Bytes message = reader.message();
  std::size_t at = reader.offset();
  std::size_t barrier = at;  // pointers have to lead before this
  std::size_t after = 0;     // what follows the name; known at the first pointer
  name.length = 0;
  for (;;) {
    if (at >= message.size()) {
      return false;
    }
    const unsigned length = message[at++];
    if ((length & kPointer) == kPointer) {
      if (at >= message.size()) {
        return false;
      }
      const std::size_t target = (length & ~kPointer) << 8 | message[at++];
      if (target >= barrier) {
        return false;
      }
      after = after == 0 ? at : after;
      at = barrier = target;
    } else if (length == 0) {
      break;
    } else if (length > kMaxLabel || message.size() - at < length ||
               !append_label(name, message.subspan(at, length))) {
      return false;
    } else {
      at += length;
    }
  }
  name.text[name.length] = '\0';
  reader.seek(after == 0 ? at : after);
  return true;
}

std::size_t NameTable::find(const char* text) const {
  for (std::size_t i = 0; i < count_; ++i) {
    if (std::strcmp(entries_[i].text, text) == 0) {
      return entries_[i].offset;
    }
  }
  return 0;
}

void NameTable::add(const char* text, std::size_t offset) {
  if (count_ < kEntries && offset <= kMaxPointer) {
    entries_[count_++] = {text, offset};
  }
}

void NameTable::forget_from(std::size_t offset) {
  while (count_ > 0 && entries_[count_ - 1].offset >= offset) {
    --count_;
  }
}

bool write_name(Writer& writer, const char* text, NameTable* table) {
  const std::size_t start = writer.size();
  if (std::strcmp(text, ".") == 0) {
    ++text;
  }
  std::size_t on_wire = 1;  // of the whole name, however much of it a pointer replaces
  bool pointed = false;
  while (*text != '\0') {
    const std::size_t length = std::strcspn(text, ".");
    on_wire += length + 1;
    if (length == 0 || length > kMaxLabel || on_wire > kMaxNameOnWire) {
      writer.rewind(start);
      return false;
    }
    if (!pointed && table != nullptr) {
      if (const std::size_t offset = table->find(text); offset != 0) {
        writer.u16(static_cast<unsigned>(kPointer << 8 | offset));
        pointed = true;
      } else {
        table->add(text, writer.size());
      }
    }
    if (!pointed) {
      writer.u8(static_cast<unsigned>(length));
      writer.bytes({reinterpret_cast<const std::uint8_t*>(text), length});
    }
    text += length;
    text += *text == '.' ? 1 : 0;
  }
  if (!pointed) {
    writer.u8(0);
  }
  return writer.ok();
}

}  // namespace relevent::dns
