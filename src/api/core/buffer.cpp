// event2/buffer.h
#include <event2/buffer.h>

#include <climits>
#include <cstdarg>

#include "base/attributes.h"
#include "buffer/evbuffer.h"

namespace {

constexpr int status(bool ok) { return ok ? 0 : -1; }

}  // namespace

extern "C" {

// Life, lock and settings

RELEVENT_API evbuffer* evbuffer_new() { return evbuffer::create(); }

RELEVENT_API void evbuffer_free(evbuffer* buf) { buf->free(); }

RELEVENT_API int evbuffer_enable_locking(evbuffer* buf, void* lock) {
  return status(buf->enable_locking(lock));
}

RELEVENT_API void evbuffer_lock(evbuffer* buf) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
  buf->lock().lock();
}

RELEVENT_API void evbuffer_unlock(evbuffer* buf) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
  buf->lock().unlock();
}

RELEVENT_API int evbuffer_set_flags(evbuffer* buf, ev_uint64_t flags) {
  buf->set_flags(flags, true);
  return 0;
}

RELEVENT_API int evbuffer_clear_flags(evbuffer* buf, ev_uint64_t flags) {
  buf->set_flags(flags, false);
  return 0;
}

RELEVENT_API int evbuffer_set_max_read(evbuffer* buf, size_t max) {
  return status(buf->set_max_read(max));
}

RELEVENT_API size_t evbuffer_get_max_read(evbuffer* buf) { return buf->max_read(); }

RELEVENT_API int evbuffer_freeze(evbuffer* buf, int at_front) {
  buf->freeze(at_front != 0, true);
  return 0;
}

RELEVENT_API int evbuffer_unfreeze(evbuffer* buf, int at_front) {
  buf->freeze(at_front != 0, false);
  return 0;
}

// Reading the length takes the lock, which changes nothing of the buffer.
RELEVENT_API size_t evbuffer_get_length(const evbuffer* buf) {
  return const_cast<evbuffer*>(buf)->length();
}

RELEVENT_API size_t evbuffer_get_contiguous_space(const evbuffer* buf) {
  return const_cast<evbuffer*>(buf)->contiguous();
}

// Adding

RELEVENT_API int evbuffer_expand(evbuffer* buf, size_t datlen) {
  return status(buf->expand(datlen));
}

RELEVENT_API int evbuffer_reserve_space(evbuffer* buf, ev_ssize_t size, evbuffer_iovec* vec,
                                        int n_vec) {
  return buf->reserve(size, vec, n_vec);
}

RELEVENT_API int evbuffer_commit_space(evbuffer* buf, evbuffer_iovec* vec, int n_vecs) {
  return status(buf->commit(vec, n_vecs));
}

RELEVENT_API int evbuffer_add(evbuffer* buf, const void* data, size_t datlen) {
  return status(buf->add(data, datlen));
}

RELEVENT_API int evbuffer_prepend(evbuffer* buf, const void* data, size_t size) {
  return status(buf->prepend(data, size));
}

RELEVENT_API size_t evbuffer_add_iovec(evbuffer* buffer, evbuffer_iovec* vec, int n_vec) {
  return buffer->add_pieces(vec, n_vec);
}

RELEVENT_API int evbuffer_add_vprintf(evbuffer* buf, const char* fmt, va_list ap) {
  return buf->add_formatted(fmt, ap);
}

RELEVENT_API int evbuffer_add_printf(evbuffer* buf, const char* fmt, ...) {
  va_list arguments;
  va_start(arguments, fmt);
  const int result = buf->add_formatted(fmt, arguments);
  va_end(arguments);
  return result;
}

RELEVENT_API int evbuffer_add_reference(evbuffer* outbuf, const void* data, size_t datlen,
                                        evbuffer_ref_cleanup_cb cleanupfn, void* cleanupfn_arg) {
  return status(outbuf->add_reference({data, datlen, cleanupfn, cleanupfn_arg}, 0));
}

RELEVENT_API int evbuffer_add_reference_with_offset(evbuffer* outbuf, const void* data,
                                                    size_t offset, size_t datlen,
                                                    evbuffer_ref_cleanup_cb cleanupfn,
                                                    void* cleanupfn_arg) {
  size_t size = 0;
  if (__builtin_add_overflow(offset, datlen, &size)) {
    return -1;
  }
  return status(outbuf->add_reference({data, size, cleanupfn, cleanupfn_arg}, offset));
}

RELEVENT_API int evbuffer_add_file(evbuffer* outbuf, int fd, ev_off_t offset, ev_off_t length) {
  return status(outbuf->add_file(fd, offset, length));
}

// File segments

RELEVENT_API evbuffer_file_segment* evbuffer_file_segment_new(int fd, ev_off_t offset,
                                                              ev_off_t length, unsigned flags) {
  return evbuffer_file_segment::create(fd, offset, length, flags);
}

RELEVENT_API void evbuffer_file_segment_free(evbuffer_file_segment* seg) { seg->release(); }

RELEVENT_API void evbuffer_file_segment_add_cleanup_cb(evbuffer_file_segment* seg,
                                                       evbuffer_file_segment_cleanup_cb cb,
                                                       void* arg) {
  seg->set_cleanup(cb, arg);
}

RELEVENT_API int evbuffer_add_file_segment(evbuffer* buf, evbuffer_file_segment* seg,
                                           ev_off_t offset, ev_off_t length) {
  return status(buf->add_file_segment(*seg, offset, length));
}

// Taking and looking

RELEVENT_API int evbuffer_drain(evbuffer* buf, size_t len) { return status(buf->drain(len)); }

RELEVENT_API int evbuffer_remove(evbuffer* buf, void* data, size_t datlen) {
  return static_cast<int>(buf->remove(data, datlen));
}

RELEVENT_API ev_ssize_t evbuffer_copyout(evbuffer* buf, void* data_out, size_t datlen) {
  return buf->copy_out(nullptr, data_out, datlen);
}

RELEVENT_API ev_ssize_t evbuffer_copyout_from(evbuffer* buf, const evbuffer_ptr* pos,
                                              void* data_out, size_t datlen) {
  return buf->copy_out(pos, data_out, datlen);
}

RELEVENT_API char* evbuffer_readln(evbuffer* buffer, size_t* n_read_out,
                                   evbuffer_eol_style eol_style) {
  return buffer->read_line(n_read_out, eol_style);
}

RELEVENT_API unsigned char* evbuffer_pullup(evbuffer* buf, ev_ssize_t size) {
  return buf->pullup(size);
}

RELEVENT_API int evbuffer_peek(evbuffer* buffer, ev_ssize_t len, evbuffer_ptr* start_at,
                               evbuffer_iovec* vec_out, int n_vec) {
  return buffer->peek(len, start_at, vec_out, n_vec);
}

// Between buffers

RELEVENT_API int evbuffer_add_buffer(evbuffer* outbuf, evbuffer* inbuf) {
  return status(outbuf->add_all_of(*inbuf));
}

RELEVENT_API int evbuffer_prepend_buffer(evbuffer* dst, evbuffer* src) {
  return status(dst->prepend_all_of(*src));
}

RELEVENT_API int evbuffer_add_buffer_reference(evbuffer* outbuf, evbuffer* inbuf) {
  return status(outbuf->share_all_of(*inbuf));
}

RELEVENT_API int evbuffer_remove_buffer(evbuffer* src, evbuffer* dst, size_t datlen) {
  const ev_ssize_t moved = dst->take_from(*src, datlen);
  return moved > INT_MAX ? INT_MAX : static_cast<int>(moved);
}

// Searching

RELEVENT_API evbuffer_ptr evbuffer_search(evbuffer* buffer, const char* what, size_t len,
                                          const evbuffer_ptr* start) {
  return buffer->search(what, len, start, nullptr);
}

RELEVENT_API evbuffer_ptr evbuffer_search_range(evbuffer* buffer, const char* what, size_t len,
                                                const evbuffer_ptr* start,
                                                const evbuffer_ptr* end) {
  return buffer->search(what, len, start, end);
}

RELEVENT_API evbuffer_ptr evbuffer_search_eol(evbuffer* buffer, evbuffer_ptr* start,
                                              size_t* eol_len_out, evbuffer_eol_style eol_style) {
  return buffer->search_eol(start, eol_len_out, eol_style);
}

RELEVENT_API int evbuffer_ptr_set(evbuffer* buffer, evbuffer_ptr* ptr, size_t position,
                                  evbuffer_ptr_how how) {
  return status(buffer->set_position(*ptr, position, how));
}

// Input and output

RELEVENT_API int evbuffer_write(evbuffer* buffer, evutil_socket_t fd) {
  return buffer->write(fd, -1);
}

RELEVENT_API int evbuffer_write_atmost(evbuffer* buffer, evutil_socket_t fd, ev_ssize_t howmuch) {
  return buffer->write(fd, howmuch);
}

RELEVENT_API int evbuffer_read(evbuffer* buffer, evutil_socket_t fd, int howmuch) {
  return buffer->read(fd, howmuch);
}

// Callbacks

RELEVENT_API evbuffer_cb_entry* evbuffer_add_cb(evbuffer* buffer, evbuffer_cb_func cb,
                                                void* cbarg) {
  return buffer->add_callback(cb, cbarg);
}

RELEVENT_API int evbuffer_remove_cb_entry(evbuffer* buffer, evbuffer_cb_entry* ent) {
  buffer->remove_callback(*ent);
  return 0;
}

RELEVENT_API int evbuffer_remove_cb(evbuffer* buffer, evbuffer_cb_func cb, void* cbarg) {
  return status(buffer->remove_callback(cb, cbarg));
}

RELEVENT_API int evbuffer_cb_set_flags(evbuffer* buffer, evbuffer_cb_entry* cb, ev_uint32_t flags) {
  if ((flags & EVBUFFER_CB_ENABLED) != 0) {
    buffer->enable_callback(*cb, true);
  }
  return 0;
}

RELEVENT_API int evbuffer_cb_clear_flags(evbuffer* buffer, evbuffer_cb_entry* cb,
                                         ev_uint32_t flags) {
  if ((flags & EVBUFFER_CB_ENABLED) != 0) {
    buffer->enable_callback(*cb, false);
  }
  return 0;
}

RELEVENT_API int evbuffer_defer_callbacks(evbuffer* buffer, event_base* base) {
  return status(buffer->defer_callbacks(base));
}

}  // extern "C"
