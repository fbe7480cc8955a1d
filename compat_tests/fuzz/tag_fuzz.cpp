// Tagged data from anybody: every function reads the bytes, never past their end, and one that
// fails takes nothing.
#include <event2/buffer.h>
#include <event2/tag.h>
#include <sys/time.h>

#include <cstdint>
#include <cstdlib>
#include <memory>

extern "C" {
int evtag_decode_tag(ev_uint32_t* ptag, evbuffer* evbuf);
int evtag_decode_int(ev_uint32_t* pnumber, evbuffer* evbuf);
int evtag_decode_int64(ev_uint64_t* pnumber, evbuffer* evbuf);
}

namespace {

struct FreeBuffer {
  void operator()(evbuffer* buffer) const { evbuffer_free(buffer); }
};
using Buffer = std::unique_ptr<evbuffer, FreeBuffer>;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// Takes one item or number, as the first byte of the input says.
int take(evbuffer* source, unsigned how) {
  ev_uint32_t tag = 0;
  require(evtag_peek(source, &tag) <= 5);
  ev_uint32_t number = 0;
  ev_uint64_t number64 = 0;
  timeval time{};
  switch (how % 11) {
    case 0: {
      const Buffer payload(evbuffer_new());
      const int size = evtag_unmarshal(source, &tag, payload.get());
      require(evbuffer_get_length(payload.get()) == static_cast<size_t>(size < 0 ? 0 : size));
      return size;
    }
    case 1:
      return evtag_unmarshal_header(source, &tag);
    case 2:
      return evtag_consume(source);
    case 3:
      return evtag_unmarshal_int(source, tag, &number);
    case 4:
      return evtag_unmarshal_int64(source, tag, &number64);
    case 5: {
      if (evtag_payload_length(source, &number) != 0 || number > evbuffer_get_length(source)) {
        return -1;
      }
      const std::unique_ptr<char[]> bytes(new char[number]);
      return evtag_unmarshal_fixed(source, tag, bytes.get(), number);
    }
    case 6: {
      char* text = nullptr;
      const int result = evtag_unmarshal_string(source, tag, &text);
      std::free(text);
      return result;
    }
    case 7:
      return evtag_unmarshal_timeval(source, tag, &time);
    case 8:
      return evtag_decode_tag(&tag, source);
    case 9:
      return evtag_decode_int(&number, source);
    default:
      return evtag_decode_int64(&number64, source);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The first two bytes say what is read, and where the data is split.
  if (size < 2) {
    return 0;
  }
  const unsigned how = data[0];
  const std::size_t split = data[1] % (size - 1);
  data += 2;
  size -= 2;
  const Buffer source(evbuffer_new());
  evbuffer_add_reference(source.get(), data, split, nullptr, nullptr);
  evbuffer_add_reference(source.get(), data + split, size - split, nullptr, nullptr);
  for (unsigned turn = 0; evbuffer_get_length(source.get()) > 0; ++turn) {
    const std::size_t before = evbuffer_get_length(source.get());
    const int result = take(source.get(), how + turn);
    const std::size_t after = evbuffer_get_length(source.get());
    require(result >= 0 ? after < before : after == before);
    if (result < 0) {
      evbuffer_drain(source.get(), 1);
    }
  }
  return 0;
}
