#include "os/wiped_page.h"

#include <sys/mman.h>

#include <cerrno>

namespace relevent::os {

void* map_wiped_page() {
  const int saved_errno = errno;
  void* page =
      ::mmap(nullptr, kWipedPageSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) {
    page = nullptr;
  } else if (::madvise(page, kWipedPageSize, MADV_WIPEONFORK) != 0) {
    unmap_wiped_page(page);
    page = nullptr;
  }
  errno = saved_errno;
  return page;
}

void unmap_wiped_page(void* page) {
  if (page != nullptr) {
    ::munmap(page, kWipedPageSize);
  }
}

}  // namespace relevent::os
