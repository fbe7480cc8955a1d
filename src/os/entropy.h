#pragma once

#include <cstddef>

#include "base/result.h"

namespace relevent::os {

// Fills the block from the kernel's generator; waits only before that has been seeded once.
Result<void> fill_random(void* block, std::size_t size);

}  // namespace relevent::os
