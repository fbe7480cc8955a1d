#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "support.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  // A run that says it tests the reference must not test relevent twice, and the reverse.
  const bool expect_reference = std::getenv("RELEVENT_EXPECT_REFERENCE") != nullptr;
  if (expect_reference == on_relevent()) {
    std::fprintf(stderr, "the wrong libevent is loaded (relevent: %d)\n", on_relevent());
    return 2;
  }
  return Catch::Session().run(argc, argv);
}
