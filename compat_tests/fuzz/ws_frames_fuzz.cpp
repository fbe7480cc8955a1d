// Reads the frames of a WebSocket peer. Where the stream is split must not matter.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "ws/reader.h"

namespace {

using namespace relevent::ws;

using Bytes = std::span<const std::uint8_t>;

// What has become of the bytes, as a text to compare.
class Reading {
 public:
  explicit Reading(Role role) : reader_(role) { reader_.set_max_message(1000); }

  void take(Bytes part) {
    // In memory of exactly its size.
    const std::vector<std::uint8_t> copy(part.begin(), part.end());
    Bytes input = copy;
    while (!failed_) {
      const Reader::Event event = reader_.next(input);
      if (event == Reader::Event::kNeedMore) {
        break;
      }
      failed_ = event == Reader::Event::kError;
      const Bytes payload = reader_.payload();
      result_ += std::to_string(static_cast<int>(event)) + " ";
      if (event == Reader::Event::kMessage) {
        result_ += std::to_string(static_cast<int>(reader_.type())) + " ";
        if (payload.size() > 1000) {
          std::abort();
        }
      } else if (event == Reader::Event::kClose || failed_) {
        result_ += std::to_string(reader_.close_code()) + " ";
      }
      result_.append(payload.begin(), payload.end());
      result_ += '\n';
    }
    if (!failed_ && !input.empty()) {
      std::abort();
    }
  }

  const std::string& result() const { return result_; }

 private:
  Reader reader_;
  std::string result_;
  bool failed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const Role role = data[0] % 2 == 0 ? Role::kServer : Role::kClient;
  const Bytes bytes(data + 2, size - 2);
  Reading whole(role);
  whole.take(bytes);
  const std::size_t piece = data[1] % 16 + 1;
  Reading pieces(role);
  for (std::size_t i = 0; i < bytes.size(); i += piece) {
    pieces.take(bytes.subspan(i, std::min(piece, bytes.size() - i)));
  }
  if (whole.result() != pieces.result()) {
    std::abort();
  }
  return 0;
}
