// As much as possible through one bufferevent, counted in blocks.
#pragma once

#include <string>

#include "objects.h"

namespace bench {

class Transfer {
 public:
  Transfer(const Base& base, std::size_t block) : base_(base.get()), block_(block, 'b') {}

  void receive(Meter& meter, BufferEvent connection) {
    bufferevent_setcb(connection.get(), on_read, nullptr, nullptr, this);
    bufferevent_enable(connection.get(), EV_READ);
    measure(meter);
  }

  void send(Meter& meter, BufferEvent connection) {
    bufferevent_setcb(connection.get(), nullptr, on_write, nullptr, this);
    bufferevent_enable(connection.get(), EV_WRITE);
    bufferevent_write(connection.get(), block_.data(), block_.size());
    measure(meter);
  }

 private:
  void measure(Meter& meter) {
    meter.measure([this](std::int64_t blocks) {
      left_ = blocks * static_cast<std::int64_t>(block_.size());
      require(event_base_dispatch(base_) == 0 && left_ <= 0, "the loop ended early");
    });
  }

  void count(std::size_t bytes) {
    left_ -= static_cast<std::int64_t>(bytes);
    if (left_ <= 0) {
      event_base_loopbreak(base_);
    }
  }

  static void on_read(bufferevent* end, void* argument) {
    evbuffer* const input = bufferevent_get_input(end);
    const std::size_t length = evbuffer_get_length(input);
    evbuffer_drain(input, length);
    static_cast<Transfer*>(argument)->count(length);
  }

  // Called when the last block has left.
  static void on_write(bufferevent* end, void* argument) {
    auto* const self = static_cast<Transfer*>(argument);
    bufferevent_write(end, self->block_.data(), self->block_.size());
    self->count(self->block_.size());
  }

  event_base* const base_;
  const std::string block_;
  std::int64_t left_ = 0;
};

}  // namespace bench
