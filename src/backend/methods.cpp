#include "backend/backend.h"

#include <iterator>

namespace relevent::backend {
namespace {

constinit const Method* const kMethods[] = {&kEpoll, &kPoll, &kSelect};

// A constant, unlike what the entries above hold when the program starts.
constinit const char* g_names[] = {"epoll", "poll", "select", nullptr};
static_assert(std::size(g_names) == std::size(kMethods) + 1);

}  // namespace

const char** method_names() { return g_names; }

std::span<const Method* const> methods() { return kMethods; }

}  // namespace relevent::backend
