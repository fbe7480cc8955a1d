// What --check says.
#pragma once

#include <string>

#include "plan.h"

namespace relevent::run {

// Prints how the program would get relevent, and which functions of libevent it imports. Whether
// each of them is provided.
bool report(const Program& program, const Plan& plan, const std::string& folder);

}  // namespace relevent::run
