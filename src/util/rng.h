// Random bytes from the kernel's generator.
#pragma once

#include <cstddef>

namespace relevent::util {

// Whether the generator works. Fails: only on a kernel without getrandom(2) and /dev/urandom.
// C API: evutil_secure_rng_init.
[[nodiscard]] bool init_random();

// Fills the block. Small requests are served from a pool in a page that a forked child finds wiped,
// so that no two processes hand out the same bytes; a byte is erased as soon as it was given away.
// Lock: none to wait for. Whoever finds the pool in use by another thread asks the kernel itself,
// so a fork at any moment leaves nothing locked. Fails: ends the process; predictable bytes are
// worse. C API: evutil_secure_rng_get_bytes.
void fill_random(void* out, std::size_t size);

// Gives the pool's page back; the next request makes a new one. Nobody may be asking for bytes.
void release_random();

}  // namespace relevent::util
