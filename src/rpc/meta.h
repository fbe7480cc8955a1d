#pragma once

#include <event2/rpc.h>

#include "base/intrusive_list.h"
#include "surface/memory.h"

namespace relevent::rpc {

// What hooks know about a call: the data that they attached to it, and its connection.
// Owns: copies of the data.
// C API: evrpc_hook_add_meta, evrpc_hook_find_meta, evrpc_hook_get_connection
class Meta {
 public:
  // One item; its data and key lie behind it in the same block.
  struct Item {
    void* data() { return this + 1; }
    const char* key() { return static_cast<const char*>(data()) + size; }

    Item* next;
    Item** prev;
    std::size_t size;
  };

  Meta() = default;
  ~Meta();
  Meta(const Meta&) = delete;
  Meta& operator=(const Meta&) = delete;

  // Fails: false.
  bool add(const char* key, const void* data, std::size_t size);
  // The first that was added with this key, or null.
  Item* find(const char* key) const;

  evhttp_connection* connection() const { return connection_; }
  void set_connection(evhttp_connection* connection) { connection_ = connection; }

 private:
  struct Links {
    static Item*& next(Item& item) { return item.next; }
    static Item**& prev(Item& item) { return item.prev; }
  };

  IntrusiveList<Item, Links> items_;
  evhttp_connection* connection_ = nullptr;
};

}  // namespace relevent::rpc

struct evrpc_hook_meta final : relevent::rpc::Meta {};

namespace relevent::rpc {

// What every call begins with, on either side: it is the `void *ctx` that hooks get.
// Owns: the meta data.
struct Context {
  Context() = default;
  ~Context() { destroy(hook_meta); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // Makes the meta data if there is none yet. Fails: null.
  Meta* meta();

  evrpc_hook_meta* hook_meta = nullptr;
};

}  // namespace relevent::rpc
