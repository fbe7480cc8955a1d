// The HTTP load generator `wrk`.
#pragma once

#include "process.h"

namespace bench {

// Asks for /hello on so many connections until it is killed.
inline Process wrk(const std::string& scheme, const std::string& port, std::size_t connections) {
  return Process([&] {
    execute({"wrk", "-t1", "-c" + std::to_string(connections), "-d1h",
             scheme + "://127.0.0.1:" + port + "/hello"});
  });
}

}  // namespace bench
