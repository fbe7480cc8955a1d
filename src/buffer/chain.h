// The segments that an evbuffer's content is made of.
#pragma once

#include <event2/buffer.h>
#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/attributes.h"
#include "mem/hooks.h"

namespace relevent::buffer {

class FileSegment;

// No buffer gets longer: lengths and positions are passed as ssize_t too.
inline constexpr std::size_t kMaxLength = EV_SSIZE_MAX;

// Bytes in a row, and the place where they live. The header and what its kind needs are one block:
// the bytes themselves behind it (kOwn), or who has to be told when they are no longer used.
//
// Lock: the lock of the buffer that the chain is in. Only `users` is shared between buffers: chains
// of other buffers may refer to the bytes of this one and keep it alive when its buffer drops it.
struct Chain {
  enum class Kind : unsigned char {
    kOwn,        // `capacity` bytes of memory behind the header
    kReference,  // memory of the user's, with a clean-up function
    kShared,     // bytes of another buffer's chain
    kFile        // a part of a file segment, perhaps not in memory yet
  };

  struct Reference {
    const void* data;
    std::size_t size;
    evbuffer_ref_cleanup_cb cleanup;
    void* argument;
  };
  struct File {
    FileSegment* segment;
    ev_off_t offset;  // of the chain's first byte, from the start of the segment
  };

  // Room for at least `room` bytes, in a block of at least `block` bytes. Fails: null.
  [[nodiscard]] static Chain* make(std::size_t room, std::size_t block = 0);
  // An empty kOwn chain in memory that release() may free. Null stays null.
  [[nodiscard]] static Chain* make_in(void* memory, std::size_t size);
  [[nodiscard]] static Chain* make_reference(const Reference& reference, std::size_t skip);
  // Refers to the bytes of `source`, which is not kShared itself.
  [[nodiscard]] static Chain* make_shared(Chain& source);
  // Takes a reference to the segment.
  [[nodiscard]] static Chain* make_file(FileSegment& segment, ev_off_t offset, std::size_t length);

  // Gives the chain up; the next ones are not touched. Callbacks: a clean-up function may run.
  static void release(Chain* chain) {
    // Alone, no other thread can find it any more.
    if (chain->users.load(std::memory_order_acquire) == 1 ||
        chain->users.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      if (chain->kind != Kind::kOwn) {
        chain->finish();
      }
      mem::release(chain);
    }
  }
  // The same for a list of chains.
  static void release_list(Chain* first);
  // A kOwn chain whose bytes stand at the start of its room, in a smaller block if that can be had;
  // the old pointer is invalid then.
  static Chain* shrink(Chain* chain);
  // The bytes in a chain of their own. Fails: null.
  [[nodiscard]] Chain* copy() const;

  unsigned char* storage() { return reinterpret_cast<unsigned char*>(this + 1); }
  unsigned char* end() const { return begin + length; }
  // Whether bytes may be moved and added: nobody else sees them.
  bool writable() const { return kind == Kind::kOwn && users.load(std::memory_order_acquire) == 1; }
  std::size_t tail_room() {
    return writable() ? static_cast<std::size_t>(storage() + capacity - end()) : 0;
  }
  std::size_t front_room() { return writable() ? static_cast<std::size_t>(begin - storage()) : 0; }
  // Moves the bytes to the start of the room. Only if writable().
  void realign();
  void drop_front(std::size_t count);

  // Makes the bytes readable in memory. Fails: false; only a file's bytes can.
  [[nodiscard]] bool load() {
    return RELEVENT_LIKELY(begin != nullptr || kind != Kind::kFile) || load_file();
  }
  // Whether the kernel can send the bytes from the file, and nobody has asked for them in memory.
  bool in_file() const { return kind == Kind::kFile && begin == nullptr; }

  Reference& reference() { return *reinterpret_cast<Reference*>(this + 1); }
  Chain*& source() { return *reinterpret_cast<Chain**>(this + 1); }
  File& file() { return *reinterpret_cast<File*>(this + 1); }

  Chain* next = nullptr;
  unsigned char* begin = nullptr;  // the first byte
  std::size_t length = 0;
  std::size_t capacity = 0;
  // The buffer, the kShared chains that refer to this one, and who lends it (lent_chain.h).
  std::atomic<std::uint32_t> users = 1;
  Kind kind = Kind::kOwn;

 private:
  static Chain* make_with(std::size_t payload, Kind kind);
  bool load_file();
  void finish();
};

}  // namespace relevent::buffer
