#pragma once

#include "bufferevent/core.h"

namespace relevent::bev {

// A bufferevent that passes data through two functions on its way to and from another bufferevent,
// the underlying one, whose callbacks it takes over.
//
// Owns: a reference to the underlying bufferevent; it frees it, with BEV_OPT_CLOSE_ON_FREE.
// Lock: that of the underlying one.
// Callbacks: besides the user's, the filter functions and the free function of their context.
// C API: bufferevent_filter_new.
class Filter final : public Core {
 public:
  static constexpr const char* kType = "filter";

  struct Functions {
    bufferevent_filter_cb input;
    bufferevent_filter_cb output;
    void (*free_context)(void*);
    void* context;
  };

  static ::bufferevent* create(::bufferevent& underlying, int options, const Functions& functions);
  Filter() : Core(nullptr) {}
  ~Filter();

  int start(short events);
  int stop(short events);
  int refresh_timeouts();
  void output_added();
  void input_resumed();
  int flush(short events, bufferevent_flush_mode mode);
  bool set_fd(int fd);
  int fd() const;
  ::bufferevent* underlying() const { return underlying_; }
  void detach();

 private:
  static void on_read(::bufferevent* underlying, void* filter);
  static void on_write(::bufferevent* underlying, void* filter);
  static void on_event(::bufferevent* underlying, short what, void* filter);

  Core& below() const { return Core::of(*underlying_); }
  bool output_is_full() const;
  // One call of a filter function.
  bufferevent_filter_result filter_input(bufferevent_flush_mode mode);
  bufferevent_filter_result filter_output(bufferevent_flush_mode mode);
  // As many calls as there is data and room for. Whether anything was produced.
  bool process_input(bufferevent_flush_mode mode);
  bool process_output(bufferevent_flush_mode mode);
  void read_all(int options);

  ::bufferevent* underlying_ = nullptr;
  Functions functions_{};
};

}  // namespace relevent::bev
