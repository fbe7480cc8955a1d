// What a bufferevent does for its two buffers; set by the bufferevent layer, which is above this.
#pragma once

#include <cstddef>

struct evbuffer;

namespace relevent::buffer {

// `part` is one of the two.
struct OwnerHooks {
  // Keep the bufferevent, and with it the lock, alive while a deferred callback is due.
  void (*acquire)(evbuffer& part) = nullptr;
  // Called without any lock of the buffer; may free the bufferevent and the buffer.
  void (*release)(evbuffer& part) = nullptr;
  // Called at once for every change, before the user's callbacks, with the lock held.
  void (*input_changed)(evbuffer& input, std::size_t added, std::size_t removed) = nullptr;
  void (*output_changed)(evbuffer& output, std::size_t added, std::size_t removed) = nullptr;
};

extern constinit OwnerHooks g_owner_hooks;

}  // namespace relevent::buffer
