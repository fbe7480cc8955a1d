// A growable array in memory from the hooks of event_set_mem_functions, for core.
#pragma once

#include "base/grow_array.h"
#include "mem/create.h"

namespace relevent::mem {

template <class T>
using GrowArray = BasicGrowArray<T, Hooks>;

}  // namespace relevent::mem
