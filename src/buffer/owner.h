// What a bufferevent does for its two buffers; set by the bufferevent layer, which is above this.
#pragma once

#include <cstddef>

struct bufferevent;
struct evbuffer;

namespace relevent::buffer {

struct OwnerHooks {
  // Keep the bufferevent, and with it the lock, alive while a deferred callback is due.
  void (*acquire)(bufferevent* owner) = nullptr;
  // Called without any lock of the buffer; may free the bufferevent and the buffer.
  void (*release)(bufferevent* owner) = nullptr;
  // Called at once for every change, before the user's callbacks, with the lock held.
  void (*changed)(bufferevent* owner, evbuffer* buffer, std::size_t added,
                  std::size_t removed) = nullptr;
};

extern constinit OwnerHooks g_owner_hooks;

}  // namespace relevent::buffer
