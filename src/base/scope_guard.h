#pragma once

namespace relevent {

// Runs a function when the scope ends, unless it was dismissed: the undo step of a multi-step
// construction.
template <class Function>
class [[nodiscard]] ScopeGuard {
 public:
  explicit ScopeGuard(Function function) : function_(static_cast<Function&&>(function)) {}
  ~ScopeGuard() {
    if (armed_) {
      function_();
    }
  }
  ScopeGuard(const ScopeGuard&) = delete;
  ScopeGuard& operator=(const ScopeGuard&) = delete;

  void dismiss() { armed_ = false; }

 private:
  Function function_;
  bool armed_ = true;
};

}  // namespace relevent
