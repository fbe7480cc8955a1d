#pragma once

#include <cstddef>

namespace relevent::os {

inline constexpr std::size_t kWipedPageSize = 4096;

// Memory of kWipedPageSize bytes, all zero, that a forked child sees all zero again. It is a page
// of the kernel's own and so does not come from the allocation hooks. Fails: null where the kernel
// cannot do that (Linux before 4.14).
[[nodiscard]] void* map_wiped_page();

// Null is allowed.
void unmap_wiped_page(void* page);

}  // namespace relevent::os
