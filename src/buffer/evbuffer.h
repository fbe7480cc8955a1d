#pragma once

#include <event2/buffer.h>
#include <event2/buffer_compat.h>

#include <cstdarg>
#include <cstddef>
#include <cstdint>

#include "base/attributes.h"
#include "base/result.h"
#include "buffer/content.h"
#include "buffer/file_segment.h"
#include "buffer/listeners.h"
#include "buffer/owner.h"
#include "sync/lock.h"

namespace relevent::buffer {

class Access;
class PairAccess;

// A queue of bytes: the content, and around it what the C API promises: the lock, frozen ends,
// callbacks, and a life that lasts until the last one who uses it is done.
//
// Every public method is one call of the C API or of the bufferevents; it takes the lock, and keeps
// the buffer alive until it returns, even if a callback frees it.
// Owns: the content; the lock, unless it was given.
// Fails: as Content: false, null or -1, with the buffer as it was.
// Callbacks: methods that change the length call the owner's hook and the user's callbacks before
// they return, with the lock held; clean-up functions of references run inside as well.
// C API: buffer.h, buffer_compat.h.
class Evbuffer {
 public:
  // By itself on the heap, or a part of a bufferevent, which hears of every change (see OwnerHooks)
  // and whose memory it is; nothing may be due any more when that goes.
  enum class Place : unsigned char { kHeap, kInput, kOutput };

  static evbuffer* create();
  explicit Evbuffer(Place place) : place_(place), heard_(place != Place::kHeap) {}
  ~Evbuffer();
  Evbuffer(const Evbuffer&) = delete;
  Evbuffer& operator=(const Evbuffer&) = delete;

  // The user's reference goes.
  void free();
  // C API: evbuffer_enable_locking.
  bool enable_locking(void* lock);
  sync::Lock& lock() RELEVENT_RETURN_CAPABILITY(lock_) { return lock_; }
  Place place() const { return place_; }

  void set_flags(std::uint64_t flags, bool on);
  void freeze(bool front, bool on);
  bool set_max_read(std::size_t limit);
  std::size_t max_read();
  std::size_t length() {
    const sync::LockGuard guard(lock_);
    return content_.size();
  }
  std::size_t length_locked() const RELEVENT_REQUIRES(lock_) { return content_.size(); }
  std::size_t contiguous();

  // evbuffer_append.cpp
  bool add(const void* data, std::size_t size);
  bool prepend(const void* data, std::size_t size);
  std::size_t add_pieces(const iovec* pieces, int count);
  int add_formatted(const char* format, std::va_list arguments);
  bool add_reference(const Chain::Reference& reference, std::size_t skip);
  bool add_file_segment(FileSegment& segment, ev_off_t offset, ev_off_t length);
  // Takes the descriptor; on failure gives it back, but closes it if the end is frozen.
  bool add_file(int fd, ev_off_t offset, ev_off_t length);
  bool expand(std::size_t size);
  int reserve(ev_ssize_t size, iovec* pieces, int count);
  bool commit(const iovec* pieces, int count);

  // evbuffer_take.cpp
  bool drain(std::size_t count);
  ev_ssize_t remove(void* out, std::size_t count);
  ev_ssize_t copy_out(const evbuffer_ptr* from, void* out, std::size_t count);
  char* read_line(std::size_t* length, evbuffer_eol_style style);
  unsigned char* pullup(ev_ssize_t size);

  // evbuffer_move.cpp
  bool add_all_of(Evbuffer& source);
  bool prepend_all_of(Evbuffer& source);
  bool share_all_of(Evbuffer& source);
  // The number of bytes moved. Fails: -1.
  ev_ssize_t take_from(Evbuffer& source, std::size_t count);
  // For bufferevents, which own the frozen ends.
  ev_ssize_t take_from_locked(Evbuffer& source, std::size_t count)
      RELEVENT_REQUIRES(lock_, source.lock_);

  // evbuffer_search.cpp
  evbuffer_ptr search(const char* what, std::size_t size, const evbuffer_ptr* from,
                      const evbuffer_ptr* until);
  evbuffer_ptr search_eol(const evbuffer_ptr* from, std::size_t* length, evbuffer_eol_style style);
  bool set_position(evbuffer_ptr& position, std::size_t count, evbuffer_ptr_how how);
  int peek(ev_ssize_t length, const evbuffer_ptr* from, iovec* pieces, int count);
  unsigned char* find_and_pullup(const void* what, std::size_t size);

  // evbuffer_io.cpp
  // C API: evbuffer_read.
  int read(int fd, int limit);
  // C API: evbuffer_write_atmost.
  int write(int fd, ev_ssize_t limit);
  // For bufferevents, which own the frozen end. One read of at most `limit` bytes, into the room
  // that is there and into `lent` (lent_chain.h), if that is not null: 0 is the end of the stream.
  Result<std::size_t> read_locked(int fd, std::size_t limit, Chain* lent) RELEVENT_REQUIRES(lock_);
  // One write of at most `limit` bytes from the front, and these drained.
  Result<std::size_t> write_locked(int fd, std::size_t limit) RELEVENT_REQUIRES(lock_);

  // evbuffer_callbacks.cpp
  evbuffer_cb_entry* add_callback(evbuffer_cb_func function, void* argument);
  bool set_old_callback(evbuffer_cb function, void* argument);
  bool remove_callback(evbuffer_cb_func function, void* argument);
  void remove_callback(evbuffer_cb_entry& entry);
  void enable_callback(evbuffer_cb_entry& entry, bool on);
  bool defer_callbacks(event_base* base);

 private:
  friend class Access;
  friend class PairAccess;
  struct Extras;

  static void run_deferred(event_callback* callback, void* argument);
  evbuffer* handle();
  // Nobody else uses the buffer, and nobody is told: the short way through the calls below.
  bool alone() const RELEVENT_NO_THREAD_SAFETY_ANALYSIS { return !guarded_ && !heard_; }
  // The long way.
  bool add_guarded(const void* data, std::size_t size);
  bool prepend_guarded(const void* data, std::size_t size);
  bool add_all_of_guarded(Evbuffer& source);
  bool make_extras() RELEVENT_REQUIRES(lock_);
  std::size_t read_limit() const RELEVENT_REQUIRES(lock_);
  // Tells whoever wants to know; the content has changed already.
  void notify_locked(std::size_t added, std::size_t removed) RELEVENT_REQUIRES(lock_) {
    if (RELEVENT_UNLIKELY(heard_) && (added | removed) != 0) {
      notify_heard_locked(added, removed);
    }
  }
  void notify_heard_locked(std::size_t added, std::size_t removed) RELEVENT_REQUIRES(lock_);
  void notify_owner_locked(std::size_t added, std::size_t removed) RELEVENT_REQUIRES(lock_);
  void notify_listeners_locked(std::size_t added, std::size_t removed) RELEVENT_REQUIRES(lock_);
  void drain_locked(std::size_t count) RELEVENT_REQUIRES(lock_);
  bool add_file_segment_locked(FileSegment& segment, ev_off_t offset, ev_off_t length)
      RELEVENT_REQUIRES(lock_);
  bool take_all_locked(Evbuffer& source) RELEVENT_REQUIRES(lock_, source.lock_);
  bool add_all_of_locked(Evbuffer& source) RELEVENT_REQUIRES(lock_, source.lock_);
  ev_ssize_t copy_out_locked(Position from, void* out, std::size_t count) RELEVENT_REQUIRES(lock_);
  // A place from what the user gives: null is the front. False if it is none in this buffer.
  bool resolve_locked(const evbuffer_ptr* from, Position& position) const RELEVENT_REQUIRES(lock_);
  // Takes the lock and a reference.
  void enter() RELEVENT_ACQUIRE(lock_) {
    lock_.lock();
    ++users_;
  }
  // Drops both; the buffer may be gone afterwards.
  void leave() RELEVENT_RELEASE(lock_) {
    if (RELEVENT_LIKELY(users_ > 1)) {
      --users_;
      lock_.unlock();
    } else {
      destroy_and_unlock();
    }
  }
  void destroy_and_unlock() RELEVENT_RELEASE(lock_);

  Content content_ RELEVENT_GUARDED_BY(lock_);
  // An idle bufferevent has two of these: the small members use what Lock leaves of its last word.
  [[no_unique_address]] sync::Lock lock_;
  // Others may use the buffer during a call, or free it: an Access has something to do. Read
  // without the lock, so it has a byte of its own, and is set before others know the buffer.
  bool guarded_ = false;
  Place place_ : 2;
  bool heard_ : 1 RELEVENT_GUARDED_BY(lock_);  // there is somebody to be told of changes
  bool front_frozen_ : 1 RELEVENT_GUARDED_BY(lock_) = false;
  bool end_frozen_ : 1 RELEVENT_GUARDED_BY(lock_) = false;
  bool drains_to_fd_ : 1 RELEVENT_GUARDED_BY(lock_) = false;
  std::uint16_t users_ RELEVENT_GUARDED_BY(lock_) = 1;  // the owner, Accesses, deferred callbacks
  Extras* extras_ RELEVENT_GUARDED_BY(lock_) = nullptr;
};

// What few buffers need.
struct Evbuffer::Extras {
  Listeners listeners;
  std::size_t max_read = 4096;
  bool freed = false;
};

}  // namespace relevent::buffer

struct evbuffer final : relevent::buffer::Evbuffer {
  using Evbuffer::Evbuffer;
};

namespace relevent::buffer {

inline evbuffer* Evbuffer::handle() { return static_cast<evbuffer*>(this); }

}  // namespace relevent::buffer
