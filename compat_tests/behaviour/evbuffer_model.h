// An evbuffer, and what it should hold.
#pragma once

#include <random>

#include "evbuffer_tools.h"

namespace buffer_cases {

// Three evbuffers driven at random beside three strings.
class Model {
 public:
  explicit Model(unsigned seed);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  // One call, whose results and effects are checked. False if something is wrong.
  bool step();
  // The whole content of all buffers.
  bool check_all();
  const std::string& last() const { return last_; }

 private:
  static constexpr size_t kBuffers = 3;
  struct Side {
    Buffer buffer = make_buffer();
    std::string text;
    bool sharing = false;  // has (or may have) shared bytes or a file's
    size_t told = 0;       // the length that callbacks make up
  };
  struct Block {
    std::string text;
    int* live;
  };

  size_t below(size_t limit) { return limit == 0 ? 0 : random_() % limit; }
  // Mostly small.
  size_t some_size();
  std::string some_text(size_t size);
  Side& some_side() { return sides_[below(kBuffers)]; }
  bool expect(bool condition, const char* what);
  bool same(const Side& side);

  bool adding(Side& side, size_t which);
  bool taking(Side& side, size_t which);
  bool moving(Side& from, Side& to, size_t which);
  bool looking(Side& side, size_t which);
  bool searching(Side& side, size_t which);
  bool transferring(Side& side, size_t which);

  std::mt19937 random_;
  Side sides_[kBuffers];
  int references_ = 0;
  int ends_[2] = {-1, -1};
  std::string file_text_;
  int file_ = -1;
  std::string last_;
};

}  // namespace buffer_cases
