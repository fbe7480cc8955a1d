#include "dns/answer.h"

#include <event2/dns.h>

#include <algorithm>
#include <limits>

#include "base/ascii.h"

namespace relevent::dns {
namespace {

constexpr std::uint32_t kMaxTtl = std::numeric_limits<std::int32_t>::max();

int result_of_rcode(unsigned rcode) {
  return rcode <= DNS_ERR_REFUSED ? static_cast<int>(rcode) : DNS_ERR_UNKNOWN;
}

struct Record {
  std::uint16_t type;
  std::uint16_t rr_class;
  std::uint32_t ttl;
  std::size_t data_offset;
  Bytes data;
};

bool read_record(Reader& reader, Record& record) {
  NameText owner;
  if (!read_name(reader, owner)) {
    return false;
  }
  record.type = reader.u16();
  record.rr_class = reader.u16();
  const std::uint32_t ttl = reader.u32();
  record.ttl = ttl > kMaxTtl ? 0 : ttl;  // RFC 2181, section 8
  const std::size_t size = reader.u16();
  record.data_offset = reader.offset();
  record.data = reader.take(size);
  return reader.ok();
}

// A name in a record's data, which has to end there too.
bool read_data_name(Bytes message, const Record& record, NameText& name) {
  Reader reader(message);
  reader.seek(record.data_offset);
  return read_name(reader, name) && reader.offset() <= record.data_offset + record.data.size();
}

// Collects the records of a message that are of use.
class Collector {
 public:
  Collector(Bytes message, std::uint16_t type, Answer& answer)
      : message_(message), type_(type), answer_(answer) {}

  bool take_answer(const Record& record) {
    if (record.rr_class != kClassInternet) {
      return true;
    }
    if (record.type == kTypeCname && type_ != kTypeCname) {
      NameText name;
      if (!read_data_name(message_, record, name)) {
        return false;
      }
      answer_.cname.reset(duplicate_bytes(name.text, name.length));
      return answer_.cname != nullptr;
    }
    if (record.type != type_) {
      return true;
    }
    return type_ == kTypePtr ? take_host(record) : take_addresses(record);
  }

  // The authority of a negative answer says how long that may be kept (RFC 2308, section 5).
  bool take_authority(const Record& record) {
    if (record.type != kTypeSoa) {
      return true;
    }
    Reader reader(message_);
    reader.seek(record.data_offset);
    NameText name;
    if (!read_name(reader, name) || !read_name(reader, name)) {
      return false;
    }
    reader.seek(reader.offset() + 4 * sizeof(std::uint32_t));
    const std::uint32_t minimum = reader.u32();
    limit_ttl(std::min(record.ttl, minimum));
    return reader.ok();
  }

  int ttl() const { return has_ttl_ ? static_cast<int>(ttl_) : 0; }

 private:
  void limit_ttl(std::uint32_t ttl) {
    ttl_ = std::min(ttl_, ttl);
    has_ttl_ = true;
  }

  bool take_addresses(const Record& record) {
    const std::size_t each = type_ == kTypeA ? 4 : 16;
    const std::size_t before = answer_.data.size();
    if (record.data.size() % each != 0 || !answer_.data.resize(before + record.data.size())) {
      return false;
    }
    limit_ttl(record.ttl);
    std::copy(record.data.begin(), record.data.end(), answer_.data.begin() + before);
    answer_.count += static_cast<int>(record.data.size() / each);
    return true;
  }

  bool take_host(const Record& record) {
    NameText name;
    if (!read_data_name(message_, record, name)) {
      return false;
    }
    if (answer_.count > 0) {  // Compat: the first host only (dns_reverse_test.cpp).
      return true;
    }
    if (!answer_.data.resize(name.length + 1)) {
      return false;
    }
    limit_ttl(record.ttl);
    std::memcpy(answer_.data.data(), name.text, name.length + 1);
    answer_.count = 1;
    return true;
  }

  Bytes message_;
  std::uint16_t type_;
  Answer& answer_;
  std::uint32_t ttl_ = kMaxTtl;
  bool has_ttl_ = false;
};

bool read_sections(Reader& reader, unsigned answers, unsigned authorities, const Query& query,
                   Answer& answer) {
  Collector collector(reader.message(), query.type, answer);
  bool whole = true;
  Record record;
  for (unsigned i = 0; i < answers && whole; ++i) {
    whole = read_record(reader, record) && collector.take_answer(record);
  }
  for (unsigned i = 0; i < authorities && whole && answer.count == 0; ++i) {
    whole = read_record(reader, record) && collector.take_authority(record);
  }
  answer.ttl = collector.ttl();
  return whole;
}

}  // namespace

Match match_answer(Bytes message, const Query& query) {
  Reader reader(message);
  reader.u16();
  const unsigned flags = reader.u16();
  const unsigned questions = reader.u16();
  if (!reader.ok() || message.size() < kHeaderSize || (flags & kFlagResponse) == 0) {
    return Match::kNone;
  }
  const unsigned rcode = flags & kRcodeMask;
  if (questions == 0 && rcode != DNS_ERR_NONE && rcode != DNS_ERR_NOTEXIST) {
    return Match::kExact;  // servers that cannot read a query need not repeat it
  }
  const Bytes question = query.question();
  if (questions != 1 || message.size() - kHeaderSize < question.size()) {
    return Match::kNone;
  }
  const Bytes echoed = message.subspan(kHeaderSize, question.size());
  if (std::equal(question.begin(), question.end(), echoed.begin())) {
    return Match::kExact;
  }
  const std::size_t name_size = question.size() - Query::kQuestionTail;
  return equal_ignore_case(reinterpret_cast<const char*>(question.data()),
                           reinterpret_cast<const char*>(echoed.data()), name_size) &&
                 std::equal(question.begin() + static_cast<std::ptrdiff_t>(name_size),
                            question.end(), echoed.begin() + static_cast<std::ptrdiff_t>(name_size))
             ? Match::kOtherCase
             : Match::kNone;
}

void Answer::clear() {
  result = ttl = count = 0;
  truncated = false;
  data.clear();
  cname.reset();
}

void read_answer(Bytes message, const Query& query, Answer& answer) {
  answer.clear();
  Reader reader(message);
  reader.u16();
  const unsigned flags = reader.u16();
  const unsigned questions = reader.u16();
  const unsigned answers = reader.u16();
  const unsigned authorities = reader.u16();
  reader.u16();
  answer.truncated = (flags & kFlagTruncated) != 0;
  answer.result = result_of_rcode(flags & kRcodeMask);
  if (answer.result != DNS_ERR_NONE && answer.result != DNS_ERR_NOTEXIST) {
    return;
  }
  reader.seek(kHeaderSize + (questions == 0 ? 0 : query.question_size));
  const bool whole = read_sections(reader, answers, authorities, query, answer);
  if (!whole && !answer.truncated) {
    answer.result = DNS_ERR_UNKNOWN;
    answer.ttl = 0;
  } else if (answer.result == DNS_ERR_NONE && answer.count == 0) {
    answer.result = DNS_ERR_NODATA;
  }
}

const char* result_text(int result) {
  switch (result) {
    case DNS_ERR_NONE:
      return "no error";
    case DNS_ERR_FORMAT:
      return "misformatted query";
    case DNS_ERR_SERVERFAILED:
      return "server failed";
    case DNS_ERR_NOTEXIST:
      return "name does not exist";
    case DNS_ERR_NOTIMPL:
      return "query not implemented";
    case DNS_ERR_REFUSED:
      return "refused";
    case DNS_ERR_TRUNCATED:
      return "reply truncated or ill-formed";
    case DNS_ERR_UNKNOWN:
      return "unknown";
    case DNS_ERR_TIMEOUT:
      return "request timed out";
    case DNS_ERR_SHUTDOWN:
      return "dns subsystem shut down";
    case DNS_ERR_CANCEL:
      return "dns request canceled";
    case DNS_ERR_NODATA:
      return "no records in the reply";
    default:
      return "[Unknown error code]";
  }
}

}  // namespace relevent::dns
