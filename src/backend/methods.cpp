#include "backend/backend.h"

namespace relevent::backend {
namespace {

constinit const Method* const kMethods[] = {&kEpoll, &kPoll, &kSelect};

}  // namespace

std::span<const Method* const> methods() { return kMethods; }

}  // namespace relevent::backend
