#include "rpc/meta.h"

namespace relevent::rpc {

Meta::~Meta() {
  while (Item* const item = items_.pop_front()) {
    relevent_release(item);
  }
}

bool Meta::add(const char* key, const void* data, std::size_t size) {
  const std::size_t key_size = std::strlen(key) + 1;
  std::size_t total = 0;
  if (__builtin_add_overflow(size, sizeof(Item) + key_size, &total)) {
    return false;
  }
  auto* const item = static_cast<Item*>(relevent_allocate(total));
  if (item == nullptr) {
    return false;
  }
  item->size = size;
  if (size > 0) {
    std::memcpy(item->data(), data, size);
  }
  std::memcpy(static_cast<char*>(item->data()) + size, key, key_size);
  items_.push_back(*item);
  return true;
}

Meta::Item* Meta::find(const char* key) const {
  for (Item* item = items_.front(); item != nullptr; item = items_.next(*item)) {
    if (std::strcmp(item->key(), key) == 0) {
      return item;
    }
  }
  return nullptr;
}

Meta* Context::meta() {
  if (hook_meta == nullptr) {
    hook_meta = create<evrpc_hook_meta>();
  }
  return hook_meta;
}

}  // namespace relevent::rpc
