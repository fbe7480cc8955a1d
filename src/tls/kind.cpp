// What core calls of a TLS bufferevent.
#include "tls/engine.h"

namespace relevent::tls {

struct EngineKind {
  static Engine& engine(void* context) { return *static_cast<Engine*>(context); }

  static void resumed(void* context, short) { relevent_external_schedule(engine(context).bev_); }
  static void output_added(void* context) { engine(context).on_output_added(); }
  static void scheduled(void* context) { engine(context).on_scheduled(); }
  static int flush(void* context, short, bufferevent_flush_mode) {
    engine(context).on_flush();
    return 0;
  }
  static void carrier_readable(void* context) { engine(context).on_carrier_readable(); }
  static void carrier_drained(void* context) { engine(context).on_carrier_drained(); }
  static void carrier_event(void* context, short what, int error) {
    engine(context).on_carrier_event(what, error);
  }
  static void carrier_replaced(void* context) { engine(context).on_replaced(); }
  static int is_idle(void* context) { return engine(context).working_ ? 0 : 1; }
  static void detach(void* context) { engine(context).on_detach(); }
  static void destroy(void* context) {
    Engine& self = engine(context);
    self.session_.destroy(self.frees_object_);
    relevent::destroy(&self);
  }
};

}  // namespace relevent::tls

using relevent::tls::EngineKind;

extern "C" constexpr relevent_external_kind relevent_tls_kind = {
    .resumed = EngineKind::resumed,
    .output_added = EngineKind::output_added,
    .scheduled = EngineKind::scheduled,
    .flush = EngineKind::flush,
    .carrier_readable = EngineKind::carrier_readable,
    .carrier_drained = EngineKind::carrier_drained,
    .carrier_event = EngineKind::carrier_event,
    .carrier_replaced = EngineKind::carrier_replaced,
    .is_idle = EngineKind::is_idle,
    .detach = EngineKind::detach,
    .destroy = EngineKind::destroy,
};
