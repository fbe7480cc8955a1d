// event2/rpc.h
#include <event2/rpc.h>

#include "base/attributes.h"
#include "rpc/client_call.h"
#include "rpc/server_call.h"
#include "surface/log.h"

using namespace relevent;

namespace {

// Bases and pools begin with their hooks, calls with their context.
rpc::HookSite& hooks_of(void* base_or_pool) { return *static_cast<rpc::HookSite*>(base_or_pool); }
rpc::Context& context_of(void* call) { return *static_cast<rpc::Context*>(call); }

}  // namespace

extern "C" {

// ---- The server --------------------------------------------------------------------------------

RELEVENT_API evrpc_base* evrpc_init(evhttp* server) { return create<rpc::Server>(server); }

RELEVENT_API void evrpc_free(evrpc_base* base) { rpc::Server::of(*base).free(); }

RELEVENT_API int evrpc_register_rpc(evrpc_base* base, evrpc* rpc,
                                    void (*cb)(evrpc_req_generic*, void*), void* cb_arg) {
  rpc->cb = cb;
  rpc->cb_arg = cb_arg;
  return rpc::Server::of(*base).add(*rpc) ? 0 : -1;
}

RELEVENT_API int evrpc_register_generic(
    evrpc_base* base, const char* name, void (*callback)(evrpc_req_generic*, void*), void* cbarg,
    void* (*req_new)(void*), void* req_new_arg, void (*req_free)(void*),
    int (*req_unmarshal)(void*, evbuffer*), void* (*rpl_new)(void*), void* rpl_new_arg,
    void (*rpl_free)(void*), int (*rpl_complete)(void*), void (*rpl_marshal)(evbuffer*, void*)) {
  evrpc* const rpc = create<evrpc>();
  if (rpc == nullptr) {
    return -1;
  }
  rpc->uri = duplicate_string(name);
  rpc->request_new = req_new;
  rpc->request_new_arg = req_new_arg;
  rpc->request_free = req_free;
  rpc->request_unmarshal = req_unmarshal;
  rpc->reply_new = rpl_new;
  rpc->reply_new_arg = rpl_new_arg;
  rpc->reply_free = rpl_free;
  rpc->reply_complete = rpl_complete;
  rpc->reply_marshal = rpl_marshal;
  if (rpc->uri == nullptr || evrpc_register_rpc(base, rpc, callback, cbarg) == -1) {
    rpc::destroy_rpc(*rpc);
    return -1;
  }
  return 0;
}

RELEVENT_API int evrpc_unregister_rpc(evrpc_base* base, const char* name) {
  return rpc::Server::of(*base).remove(name) ? 0 : -1;
}

RELEVENT_API void evrpc_request_done(evrpc_req_generic* req) { rpc::ServerCall::of(*req).finish(); }

RELEVENT_API void* evrpc_get_request(evrpc_req_generic* req) { return req->request; }

RELEVENT_API void* evrpc_get_reply(evrpc_req_generic* req) { return req->reply; }

// ---- The client --------------------------------------------------------------------------------

RELEVENT_API evrpc_pool* evrpc_pool_new(event_base* base) { return create<rpc::Pool>(base); }

RELEVENT_API void evrpc_pool_free(evrpc_pool* pool) { rpc::Pool::of(*pool).free(); }

RELEVENT_API void evrpc_pool_add_connection(evrpc_pool* pool, evhttp_connection* evcon) {
  if (!rpc::Pool::of(*pool).add(evcon)) {
    event_warn("%s: the connection is not used", __func__);
  }
}

RELEVENT_API void evrpc_pool_remove_connection(evrpc_pool* pool, evhttp_connection* evcon) {
  rpc::Pool::of(*pool).remove(evcon);
}

RELEVENT_API void evrpc_pool_set_timeout(evrpc_pool* pool, int timeout_in_secs) {
  rpc::Pool::of(*pool).set_timeout(timeout_in_secs);
}

RELEVENT_API evrpc_request_wrapper* evrpc_make_request_ctx(
    evrpc_pool* pool, void* request, void* reply, const char* rpcname,
    void (*req_marshal)(evbuffer*, void*), void (*rpl_clear)(void*),
    int (*rpl_unmarshal)(void*, evbuffer*), void (*cb)(evrpc_status*, void*, void*, void*),
    void* cbarg) {
  OwnedString path = rpc::make_path(rpcname);
  if (path == nullptr) {
    return nullptr;
  }
  const rpc::MessageFunctions functions{req_marshal, rpl_clear, rpl_unmarshal};
  auto* const call = create<rpc::ClientCall>(std::move(path), request, reply, functions);
  if (call != nullptr) {
    evrpc_request_set_pool(call, pool);
    call->set_callback(cb, cbarg);
  }
  return call;
}

RELEVENT_API int evrpc_make_request(evrpc_request_wrapper* ctx) {
  auto& call = rpc::ClientCall::of(*ctx);
  call.pool()->add(call);
  return 0;
}

RELEVENT_API int evrpc_send_request_generic(evrpc_pool* pool, void* request, void* reply,
                                            void (*cb)(evrpc_status*, void*, void*, void*),
                                            void* cb_arg, const char* rpcname,
                                            void (*req_marshal)(evbuffer*, void*),
                                            void (*rpl_clear)(void*),
                                            int (*rpl_unmarshal)(void*, evbuffer*)) {
  evrpc_request_wrapper* const call = evrpc_make_request_ctx(
      pool, request, reply, rpcname, req_marshal, rpl_clear, rpl_unmarshal, cb, cb_arg);
  return call != nullptr ? evrpc_make_request(call) : -1;
}

RELEVENT_API evrpc_pool* evrpc_request_get_pool(evrpc_request_wrapper* ctx) {
  return rpc::ClientCall::of(*ctx).pool();
}

RELEVENT_API void evrpc_request_set_pool(evrpc_request_wrapper* ctx, evrpc_pool* pool) {
  rpc::ClientCall::of(*ctx).set_pool(static_cast<rpc::Pool*>(pool));
}

RELEVENT_API void evrpc_request_set_cb(evrpc_request_wrapper* ctx,
                                       void (*cb)(evrpc_status*, void*, void*, void*),
                                       void* cb_arg) {
  rpc::ClientCall::of(*ctx).set_callback(cb, cb_arg);
}

// ---- Hooks -------------------------------------------------------------------------------------

RELEVENT_API void* evrpc_add_hook(void* vbase, EVRPC_HOOK_TYPE hook_type,
                                  int (*cb)(void*, evhttp_request*, evbuffer*, void*),
                                  void* cb_arg) {
  return hooks_of(vbase).add(hook_type, cb, cb_arg);
}

RELEVENT_API int evrpc_remove_hook(void* vbase, EVRPC_HOOK_TYPE hook_type, void* handle) {
  return hooks_of(vbase).remove(hook_type, handle) ? 1 : 0;
}

RELEVENT_API int evrpc_resume_request(void* vbase, void* ctx, EVRPC_HOOK_RESULT res) {
  return hooks_of(vbase).resume(ctx, res != EVRPC_TERMINATE) ? 0 : -1;
}

RELEVENT_API void evrpc_hook_add_meta(void* ctx, const char* key, const void* data,
                                      size_t data_size) {
  rpc::Meta* const meta = context_of(ctx).meta();
  if (meta == nullptr || !meta->add(key, data, data_size)) {
    event_warn("%s: %s is lost", __func__, key);
  }
}

RELEVENT_API int evrpc_hook_find_meta(void* ctx, const char* key, void** data, size_t* data_size) {
  const rpc::Meta* const meta = context_of(ctx).hook_meta;
  rpc::Meta::Item* const item = meta != nullptr ? meta->find(key) : nullptr;
  if (item == nullptr) {
    return -1;
  }
  *data = item->data();
  *data_size = item->size;
  return 0;
}

RELEVENT_API evhttp_connection* evrpc_hook_get_connection(void* ctx) {
  const rpc::Meta* const meta = context_of(ctx).hook_meta;
  return meta != nullptr ? meta->connection() : nullptr;
}

}  // extern "C"
