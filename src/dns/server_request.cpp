#include "dns/server_request.h"

#include <algorithm>
#include <limits>

namespace relevent::dns {
namespace {

constexpr int kSections = 3;
constexpr std::size_t kOptSize = 11;
constexpr std::size_t kFlagsOffset = 2;
constexpr std::size_t kQuestionCountOffset = 4;
constexpr std::size_t kRecordCountsOffset = 6;
// The flags of a request that its callback sees, and that the reply repeats.
constexpr unsigned kKeptFlags = kFlagRecursionDesired | kFlagCheckingDisabled;

}  // namespace

ServerRequest::~ServerRequest() {
  if (questions != &one_question_.pointer) {
    for (int i = 0; i < nquestions; ++i) {
      relevent_release(questions[i]);
    }
    relevent_release(questions);
  }
  while (records_ != nullptr) {
    relevent_release(std::exchange(records_, records_->next));
  }
}

bool ServerRequest::parse(Bytes message) {
  Reader reader(message);
  id = reader.u16();
  const unsigned header_flags = reader.u16();
  const unsigned count = reader.u16();
  const unsigned records = static_cast<unsigned>(reader.u16()) + reader.u16() + reader.u16();
  if (!reader.ok() || (header_flags & kFlagResponse) != 0 || count == 0 ||
      count > message.size() - kHeaderSize) {
    return false;
  }
  flags = static_cast<int>(header_flags & kKeptFlags);
  if (!allocate_questions(count)) {
    return false;
  }
  for (unsigned i = 0; i < count; ++i) {
    NameText name;
    if (!read_name(reader, name)) {
      return false;
    }
    const int type = reader.u16();
    const int question_class = reader.u16();
    if (!reader.ok() || !add_question(name, type, question_class)) {
      return false;
    }
  }
  read_edns(reader, records);
  return true;
}

bool ServerRequest::allocate_questions(unsigned count) {
  one_question_.pointer = &one_question_.question;
  questions = count == 1 ? &one_question_.pointer
                         : static_cast<evdns_server_question**>(
                               relevent_allocate_zeroed(count, sizeof(evdns_server_question*)));
  return questions != nullptr;
}

bool ServerRequest::add_question(const NameText& name, int type, int question_class) {
  auto*& question = questions[nquestions];
  if (question == nullptr) {
    question = static_cast<evdns_server_question*>(
        relevent_allocate_zeroed(1, sizeof(evdns_server_question) + name.length));
  }
  if (question == nullptr) {
    return false;
  }
  question->type = type;
  question->dns_question_class = question_class;
  std::memcpy(question->name, name.text, name.length + 1);
  ++nquestions;
  return true;
}

// Compat: what follows the questions is not looked at but for EDNS, and may be malformed
// (dns_server_test.cpp).
void ServerRequest::read_edns(Reader& reader, unsigned records) {
  NameText owner;
  for (; records > 0 && read_name(reader, owner); --records) {
    const unsigned type = reader.u16();
    const unsigned size = reader.u16();
    reader.u32();
    reader.take(reader.u16());
    if (!reader.ok()) {
      return;
    }
    if (type == kTypeOpt && owner.length == 0) {
      edns_size = std::max<std::size_t>(size, kUdpSize);
    }
  }
}

bool ServerRequest::add_record(int section, const char* owner, int type, int rr_class, int ttl,
                               std::size_t size, bool is_name, const char* data) {
  constexpr auto kMaxData = std::numeric_limits<std::uint16_t>::max();
  if (section < 0 || section >= kSections || reply || size > kMaxData) {
    return false;
  }
  const std::size_t name_size = std::strlen(owner) + 1;
  auto* const record =
      static_cast<ReplyRecord*>(relevent_allocate(sizeof(ReplyRecord) + name_size + size));
  if (record == nullptr) {
    return false;
  }
  auto* const name = reinterpret_cast<char*>(record + 1);
  std::memcpy(name, owner, name_size);
  if (size > 0) {
    std::memcpy(name + name_size, data, size);
  }
  *record = {nullptr,
             section,
             static_cast<std::uint16_t>(type),
             static_cast<std::uint16_t>(rr_class),
             static_cast<std::uint32_t>(ttl),
             is_name,
             size,
             name,
             name + name_size};
  *records_end_ = record;
  records_end_ = &record->next;
  return true;
}

bool ServerRequest::write_questions(Writer& writer, NameTable& names) const {
  for (int i = 0; i < nquestions; ++i) {
    if (!write_name(writer, questions[i]->name, &names)) {
      return false;
    }
    writer.u16(static_cast<unsigned>(questions[i]->type));
    writer.u16(static_cast<unsigned>(questions[i]->dns_question_class));
  }
  return writer.ok();
}

unsigned ServerRequest::write_section(Writer& writer, NameTable& names, int section,
                                      bool& whole) const {
  unsigned written = 0;
  for (const ReplyRecord* record = records_; record != nullptr && whole; record = record->next) {
    if (record->section != section) {
      continue;
    }
    const std::size_t start = writer.size();
    bool fits = write_name(writer, record->name, &names);
    writer.u16(record->type);
    writer.u16(record->rr_class);
    writer.u32(record->ttl);
    const std::size_t length_offset = writer.size();
    writer.u16(static_cast<unsigned>(record->data_size));
    if (record->data_is_name) {
      fits = fits && write_name(writer, record->data, &names);
    } else {
      writer.bytes({reinterpret_cast<const std::uint8_t*>(record->data), record->data_size});
    }
    if (!fits || !writer.ok()) {
      names.forget_from(start);
      writer.rewind(start);
      whole = false;
    } else {
      if (record->data_is_name) {
        writer.patch_u16(length_offset, writer.size() - length_offset - 2);
      }
      ++written;
    }
  }
  return written;
}

bool ServerRequest::has_opt_record() const {
  const ReplyRecord* record = records_;
  while (record != nullptr && record->type != kTypeOpt) {
    record = record->next;
  }
  return record != nullptr;
}

bool ServerRequest::build(int error, std::size_t most) {
  const bool adds_opt = edns_size != 0 && !has_opt_record();
  reply.reset(static_cast<char*>(relevent_allocate(most)));
  if (!reply) {
    return false;
  }
  auto* const buffer = reinterpret_cast<std::uint8_t*>(reply.get());
  Writer writer({buffer, most - (adds_opt ? kOptSize : 0)});
  NameTable names;
  writer.u16(id);
  writer.u16(0);
  writer.u16(static_cast<unsigned>(nquestions));
  writer.u16(0);
  writer.u32(0);
  bool whole = write_questions(writer, names);
  if (!whole) {  // too many, or a name that is none as text: rather none than some of them
    writer.rewind(kHeaderSize);
    writer.patch_u16(kQuestionCountOffset, 0);
  }
  unsigned additional = 0;
  for (int section = 0; section < kSections; ++section) {
    additional = write_section(writer, names, section, whole);
    writer.patch_u16(kRecordCountsOffset + 2 * static_cast<std::size_t>(section), additional);
  }
  const unsigned reply_flags = static_cast<unsigned>(flags) | static_cast<unsigned>(error) |
                               kFlagResponse | (whole ? 0U : kFlagTruncated);
  writer.patch_u16(kFlagsOffset, reply_flags);
  reply_size = writer.size();
  if (adds_opt) {
    Writer opt({buffer + reply_size, kOptSize});
    opt.u8(0);
    opt.u16(kTypeOpt);
    opt.u16(kMaxUdpReply);
    opt.u32(0);
    opt.u16(0);
    writer.patch_u16(kRecordCountsOffset + 4, additional + 1);
    reply_size += kOptSize;
  }
  return true;
}

}  // namespace relevent::dns
