// Evbuffers driven at random beside strings. RELEVENT_MODEL_STEPS and RELEVENT_MODEL_SEED in the
// environment ask for longer and other runs: 1000000 steps is what a release has to pass.
#include "evbuffer_model.h"

#include <sys/socket.h>

namespace buffer_cases {
namespace {

void count_change(evbuffer*, const evbuffer_cb_info* info, void* arg) {
  *static_cast<size_t*>(arg) += info->n_added - info->n_deleted;
}

}  // namespace

Model::Model(unsigned seed) : random_(seed), file_text_(pattern(20000, seed)) {
  REQUIRE(evutil_socketpair(AF_UNIX, SOCK_STREAM, 0, ends_) == 0);
  evutil_make_socket_nonblocking(ends_[0]);
  evutil_make_socket_nonblocking(ends_[1]);
  char name[] = "/tmp/evbuffer_model_XXXXXX";
  file_ = mkstemp(name);
  unlink(name);
  REQUIRE(write(file_, file_text_.data(), file_text_.size()) ==
          static_cast<ssize_t>(file_text_.size()));
  for (size_t i = 1; i < kBuffers; ++i) {  // the first one has no callbacks
    evbuffer_add_cb(sides_[i].buffer.get(), count_change, &sides_[i].told);
  }
}

Model::~Model() {
  for (Side& side : sides_) {
    side.buffer.reset();
  }
  CHECK(references_ == 0);
  close(ends_[0]);
  close(ends_[1]);
  close(file_);
}

size_t Model::some_size() {
  switch (below(8)) {
    case 0:
      return below(3);
    case 1:
      return below(6000);
    case 2:
      return below(1200);
    default:
      return below(100);
  }
}

// Few different bytes, so that searches find something.
std::string Model::some_text(size_t size) {
  static const char bytes[] = "aaaaaabbbc\r\n\n";
  std::string text(size, '\0');
  for (char& byte : text) {
    byte = bytes[below(13)];
  }
  if (size > 2 && below(4) == 0) {
    text[below(size)] = '\0';
  }
  return text;
}

bool Model::expect(bool condition, const char* what) {
  if (!condition) {
    last_ += std::string(" FAILED: ") + what;
  }
  return condition;
}

bool Model::same(const Side& side) {
  bool good = expect(evbuffer_get_length(side.buffer.get()) == side.text.size(), "length");
  if (&side != &sides_[0]) {
    good = expect(side.told == side.text.size(), "what callbacks were told") && good;
  }
  const size_t contiguous = evbuffer_get_contiguous_space(side.buffer.get());
  return expect(side.text.empty() ? contiguous == 0 : contiguous <= side.text.size(),
                "contiguous space") &&
         good;
}

bool Model::check_all() {
  for (const Side& side : sides_) {
    std::string text(side.text.size(), '?');
    if (evbuffer_copyout(side.buffer.get(), text.data(), text.size()) !=
            static_cast<ev_ssize_t>(text.size()) ||
        !expect(text == side.text, "content")) {
      return false;
    }
  }
  return true;
}

bool Model::step() {
  Side& side = some_side();
  Side& other = some_side();
  // No buffer grows for ever.
  const size_t kind = side.text.size() > 40000 ? 3 : below(12);
  const size_t which = below(100);
  last_ = std::to_string(kind) + "/" + std::to_string(which) + " on " +
          std::to_string(&side - sides_) + ", " + std::to_string(&other - sides_);
  bool good = true;
  switch (kind) {
    case 0:
    case 1:
    case 2:
      good = adding(side, which);
      break;
    case 3:
    case 4:
    case 5:
      good = taking(side, which);
      break;
    case 6:
    case 7:
      good = moving(side, other, which);
      break;
    case 8:
    case 9:
      good = looking(side, which);
      break;
    case 10:
      good = searching(side, which);
      break;
    default:
      good = transferring(side, which);
  }
  return good && same(side) && same(other);
}

bool Model::adding(Side& side, size_t which) {
  evbuffer* const buffer = side.buffer.get();
  const std::string text = some_text(some_size());
  bool good = true;
  if (which < 30) {
    good = evbuffer_add(buffer, text.data(), text.size()) == 0;
  } else if (which < 45) {
    good = evbuffer_prepend(buffer, text.data(), text.size()) == 0;
    side.text = text + side.text;
    return expect(good, "prepend");
  } else if (which < 55) {
    auto* const block = new Block{text, &references_};
    ++references_;
    good = evbuffer_add_reference(
               buffer, block->text.data(), block->text.size(),
               [](const void* data, size_t size, void* arg) {
                 auto* const done = static_cast<Block*>(arg);
                 CHECK(done->text.data() == data);
                 CHECK(done->text.size() == size);
                 --*done->live;
                 delete done;
               },
               block) == 0;
  } else if (which < 62) {
    const std::string plain(text.c_str());
    good = evbuffer_add_printf(buffer, "%s<%d>", plain.c_str(), static_cast<int>(which)) ==
           static_cast<int>(plain.size() + 4);
    side.text += plain + "<" + std::to_string(which) + ">";
    return expect(good, "printf");
  } else if (which < 70) {
    const size_t cut = below(text.size() + 1);
    evbuffer_iovec pieces[] = {{const_cast<char*>(text.data()), cut},
                               {const_cast<char*>(text.data()), 0},
                               {const_cast<char*>(text.data()) + cut, text.size() - cut}};
    good = evbuffer_add_iovec(buffer, pieces, 3) == text.size();
  } else if (which < 88) {
    evbuffer_iovec pieces[3];
    const int n = evbuffer_reserve_space(buffer, static_cast<ev_ssize_t>(text.size() + 1), pieces,
                                         1 + static_cast<int>(which % 3));
    if (!expect(n >= 1, "reserve")) {
      return false;
    }
    size_t done = 0;
    for (int i = 0; i < n; ++i) {
      const size_t size = std::min(pieces[i].iov_len, text.size() - done);
      pieces[i].iov_len = size;
      std::memcpy(pieces[i].iov_base, text.data() + done, size);
      done += size;
    }
    good = evbuffer_commit_space(buffer, pieces, n) == 0 && done == text.size();
  } else if (which < 93) {
    return expect(evbuffer_expand(buffer, text.size()) == 0, "expand");
  } else {
    const size_t offset = below(file_text_.size());
    const size_t size = 1 + below(std::min<size_t>(500, file_text_.size() - offset));
    const unsigned flags = which % 2 == 0 ? 0 : unsigned{EVBUF_FS_DISABLE_MMAP};
    evbuffer_file_segment* const segment = evbuffer_file_segment_new(
        file_, static_cast<ev_off_t>(offset), static_cast<ev_off_t>(size), flags);
    good = segment != nullptr && evbuffer_add_file_segment(buffer, segment, 0, -1) == 0;
    evbuffer_file_segment_free(segment);
    side.text += file_text_.substr(offset, size);
    side.sharing = true;
    return expect(good, "file segment");
  }
  side.text += text;
  return expect(good, "add");
}

bool Model::taking(Side& side, size_t which) {
  evbuffer* const buffer = side.buffer.get();
  const size_t size = which < 8 ? side.text.size() + below(3) : some_size();
  const size_t taken = std::min(size, side.text.size());
  if (which < 40) {
    const bool good = evbuffer_drain(buffer, size) == 0;
    side.text.erase(0, taken);
    return expect(good, "drain");
  }
  if (which < 75) {
    std::string out(size, '?');
    const bool good = evbuffer_remove(buffer, out.data(), size) == static_cast<int>(taken) &&
                      out.substr(0, taken) == side.text.substr(0, taken);
    side.text.erase(0, taken);
    return expect(good, "remove");
  }
  // A line.
  size_t read = 0;
  const bool crlf = which % 2 == 0;
  char* const line = evbuffer_readln(buffer, &read, crlf ? EVBUFFER_EOL_CRLF : EVBUFFER_EOL_LF);
  const size_t eol = side.text.find('\n');
  if (eol == std::string::npos) {
    return expect(line == nullptr && read == 0, "no line");
  }
  const size_t length = crlf && eol > 0 && side.text[eol - 1] == '\r' ? eol - 1 : eol;
  const bool good = line != nullptr && read == length &&
                    std::memcmp(line, side.text.data(), length) == 0 && line[length] == '\0';
  std::free(line);
  side.text.erase(0, eol + 1);
  return expect(good, "line");
}

bool Model::moving(Side& from, Side& to, size_t which) {
  evbuffer* const a = from.buffer.get();
  evbuffer* const b = to.buffer.get();
  if (&from == &to) {
    return expect(evbuffer_add_buffer(a, a) == 0 && evbuffer_prepend_buffer(a, a) == 0 &&
                      evbuffer_remove_buffer(a, a, some_size()) == 0 &&
                      evbuffer_add_buffer_reference(a, a) == (from.text.empty() ? 0 : -1),
                  "to itself");
  }
  if (which < 50) {
    const size_t size = which < 5 ? from.text.size() : some_size();
    const size_t taken = std::min(size, from.text.size());
    const bool good = evbuffer_remove_buffer(a, b, size) == static_cast<int>(taken);
    to.text += from.text.substr(0, taken);
    from.text.erase(0, taken);
    to.sharing = to.sharing || from.sharing;
    return expect(good, "remove_buffer");
  }
  if (which < 80) {
    const bool front = which % 2 == 0;
    const bool good = (front ? evbuffer_prepend_buffer(b, a) : evbuffer_add_buffer(b, a)) == 0;
    to.text = front ? from.text + to.text : to.text + from.text;
    from.text.clear();
    to.sharing = to.sharing || from.sharing;
    from.sharing = false;
    return expect(good, "move all");
  }
  const int shared = evbuffer_add_buffer_reference(b, a);
  if (shared == 0) {
    to.text += from.text;
    to.sharing = true;
  }
  return expect(shared == 0 || from.sharing, "share");
}

bool Model::looking(Side& side, size_t which) {
  evbuffer* const buffer = side.buffer.get();
  if (side.text.empty()) {
    side.sharing = false;
  }
  if (which < 35) {
    const size_t size = below(std::min<size_t>(side.text.size(), 3000) + 2);
    const unsigned char* const bytes = evbuffer_pullup(buffer, static_cast<ev_ssize_t>(size));
    const bool expected = size > 0 && size <= side.text.size();
    return expect((bytes != nullptr) == expected &&
                      (!expected || std::memcmp(bytes, side.text.data(), size) == 0),
                  "pullup");
  }
  const size_t pos = below(side.text.size() + 2);
  evbuffer_ptr place;
  const bool valid = pos <= side.text.size();
  if (!expect((evbuffer_ptr_set(buffer, &place, pos, EVBUFFER_PTR_SET) == 0) == valid, "set")) {
    return false;
  }
  if (!valid) {
    return expect(place.pos == -1, "invalid");
  }
  if (which < 55) {
    const size_t by = some_size();
    const bool inside = pos + by <= side.text.size();
    const bool moved = evbuffer_ptr_set(buffer, &place, by, EVBUFFER_PTR_ADD) == 0;
    char byte = 0;
    return expect(moved == inside && (!inside || pos + by == side.text.size() ||
                                      (evbuffer_copyout_from(buffer, &place, &byte, 1) == 1 &&
                                       byte == side.text[pos + by])),
                  "forwards");
  }
  const size_t size = some_size();
  const std::string expected = side.text.substr(pos, size);
  if (which < 75) {
    std::string out(size, '?');
    const ev_ssize_t copied = evbuffer_copyout_from(buffer, &place, out.data(), size);
    return expect(copied == static_cast<ev_ssize_t>(expected.size()) &&
                      out.substr(0, expected.size()) == expected,
                  "copyout_from");
  }
  std::vector<evbuffer_iovec> pieces(8);
  const int needed = evbuffer_peek(buffer, static_cast<ev_ssize_t>(size), &place, pieces.data(), 8);
  std::string shown;
  for (int i = 0; i < std::min(8, needed); ++i) {
    const evbuffer_iovec& one = pieces[static_cast<size_t>(i)];
    shown.append(static_cast<char*>(one.iov_base), one.iov_len);
  }
  return expect(side.text.compare(pos, shown.size(), shown) == 0 &&
                    (needed > 8 || shown.size() >= expected.size()),
                "peek");
}

bool Model::searching(Side& side, size_t which) {
  evbuffer* const buffer = side.buffer.get();
  const size_t pos = below(side.text.size() + 1);
  evbuffer_ptr from;
  evbuffer_ptr_set(buffer, &from, pos, EVBUFFER_PTR_SET);
  if (which < 70) {
    const size_t size = 1 + below(which < 20 ? 400 : 6);
    const std::string what = which % 2 == 0 && pos < side.text.size()
                                 ? side.text.substr(below(side.text.size()), size)
                                 : some_text(size);
    const size_t end = which % 3 == 0 ? side.text.size() : below(side.text.size() + 1);
    evbuffer_ptr until;
    evbuffer_ptr_set(buffer, &until, end, EVBUFFER_PTR_SET);
    const size_t found = side.text.find(what, pos);
    const bool expected = found != std::string::npos && found + what.size() <= end;
    return expect(evbuffer_search_range(buffer, what.data(), what.size(), &from, &until).pos ==
                      (expected ? static_cast<ev_ssize_t>(found) : -1),
                  "search");
  }
  size_t eol = 0;
  ev_ssize_t found = -1;
  size_t size = 0;
  if (which < 85) {
    const size_t first = side.text.find_first_of("\r\n", pos);
    if (first != std::string::npos) {
      found = static_cast<ev_ssize_t>(first);
      size = std::min(side.text.find_first_not_of("\r\n", first), side.text.size()) - first;
    }
    return expect(
        evbuffer_search_eol(buffer, &from, &eol, EVBUFFER_EOL_ANY).pos == found && eol == size,
        "any eol");
  }
  const size_t first = side.text.find("\r\n", pos);
  if (first != std::string::npos) {
    found = static_cast<ev_ssize_t>(first);
    size = 2;
  }
  return expect(evbuffer_search_eol(buffer, &from, &eol, EVBUFFER_EOL_CRLF_STRICT).pos == found &&
                    eol == size,
                "strict eol");
}

bool Model::transferring(Side& side, size_t which) {
  evbuffer* const buffer = side.buffer.get();
  if (which < 50) {
    const std::string text = some_text(1 + below(4096));
    if (!expect(write(ends_[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()),
                "the test's own write")) {
      return false;
    }
    size_t done = 0;
    while (done < text.size()) {
      const int count =
          evbuffer_read(buffer, ends_[0], which % 2 == 0 ? -1 : 1 + static_cast<int>(below(3000)));
      if (!expect(count > 0, "read")) {
        return false;
      }
      done += static_cast<size_t>(count);
    }
    side.text += text;
    return true;
  }
  const size_t limit = which % 2 == 0 ? side.text.size() : some_size();
  const int count = evbuffer_write_atmost(buffer, ends_[0], static_cast<ev_ssize_t>(limit));
  if (side.text.empty() || limit == 0) {
    return expect(count == -1, "write of nothing");
  }
  const std::string sent = read_all(ends_[1]);
  const bool good = count > 0 && static_cast<size_t>(count) <= limit &&
                    sent == side.text.substr(0, static_cast<size_t>(count));
  side.text.erase(0, static_cast<size_t>(std::max(0, count)));
  return expect(good, "write");
}

}  // namespace buffer_cases

using namespace buffer_cases;

namespace {

unsigned long from_environment(const char* name, unsigned long otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoul(text, nullptr, 10);
}

}  // namespace

TEST_CASE("evbuffer: random calls do what they do to a string") {
  const unsigned long steps = from_environment("RELEVENT_MODEL_STEPS", 100000);
  const auto seed = static_cast<unsigned>(from_environment("RELEVENT_MODEL_SEED", 20));
  std::printf("%lu steps with seed %u\n", steps, seed);
  Model model(seed);
  for (unsigned long i = 0; i < steps; ++i) {
    if (!model.step() || (i % 64 == 0 && !model.check_all())) {
      FAIL("seed " << seed << ", step " << i << ": " << model.last());
    }
  }
  CHECK(model.check_all());
}
