/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_BUFFER_H_INCLUDED_
#define EVENT2_BUFFER_H_INCLUDED_

/**
 * @file event2/buffer.h
 *
 * The evbuffer: a queue of bytes, made for network input and output. Bytes are added at its end and
 * taken from its front; both also work without copying.
 *
 * An evbuffer keeps its bytes in a chain of memory segments. So its content is in general not one
 * array: evbuffer_pullup() makes it one (and copies for that), evbuffer_peek() shows the segments
 * as they are. Moving all bytes of one buffer to another (evbuffer_add_buffer()) moves the
 * segments.
 *
 * Every bufferevent has two: see bufferevent_get_input() and bufferevent_get_output().
 *
 * **Errors.** If memory runs out, or a sum of lengths would exceed EV_SSIZE_MAX, a function fails
 * and leaves its buffers as they were. An argument that is a pointer to a buffer must not be NULL.
 *
 * **Threads.** A buffer may be used by one thread at a time, unless evbuffer_enable_locking() was
 * called for it (as is done for the buffers of a thread-safe bufferevent); then each function here
 * may be called from any thread, and takes the lock while it runs. A function of two buffers takes
 * both locks.
 *
 * **Callbacks.** Every function that changes the length of a buffer calls the callbacks of the
 * buffer (evbuffer_add_cb()) before it returns.
 */

#include <event2/visibility.h>

#ifdef __cplusplus
extern "C" {
#endif

#include <event2/event-config.h>
#include <stdarg.h>
#ifdef EVENT__HAVE_SYS_TYPES_H
#include <sys/types.h>
#endif
#ifdef EVENT__HAVE_SYS_UIO_H
#include <sys/uio.h>
#endif
#include <event2/util.h>

/**
 * A queue of bytes. Opaque.
 *
 * @since 1.4
 */
struct evbuffer;

/**
 * A position in an evbuffer: from its first byte up to the place just after its last.
 *
 * Filled by evbuffer_ptr_set() and the search functions, and by nothing else. Any function that
 * changes the buffer or moves its bytes in memory makes its positions invalid; to use an invalid
 * one is undefined behaviour.
 *
 * @since 2.0
 */
struct evbuffer_ptr {
  /** Distance from the first byte of the buffer; -1: not found, or not a position in the buffer. */
  ev_ssize_t pos;

  /** Private to the library. */
  struct {
    void* chain;
    size_t pos_in_chain;
  } internal_;
};

/**
 * A piece of contiguous memory in an evbuffer: where it begins and how many bytes it has.
 *
 * Where the system has struct iovec this is another name for it, so that an array of them can be
 * given to readv() and writev().
 *
 * @see evbuffer_reserve_space(), evbuffer_peek(), evbuffer_add_iovec()
 * @since 2.0
 */
#ifdef EVENT__HAVE_SYS_UIO_H
#define evbuffer_iovec iovec
/** Defined if struct evbuffer_iovec is the system's struct iovec. */
#define EVBUFFER_IOVEC_IS_NATIVE_
#else
struct evbuffer_iovec {
  /** The first byte. */
  void* iov_base;
  /** The number of bytes. */
  size_t iov_len;
};
#endif

/**
 * Makes an empty buffer.
 *
 * @return the buffer, which evbuffer_free() frees; NULL if memory runs out.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
struct evbuffer* evbuffer_new(void);

/**
 * Frees a buffer with its content; references and file segments are released, their clean-up
 * functions called.
 *
 * Callbacks are not told of it. If a deferred callback (evbuffer_defer_callbacks()) is due, or
 * other buffers refer to this one's bytes (evbuffer_add_buffer_reference()), the memory stays until
 * that is over. The input and output buffers of a bufferevent belong to it: do not free them.
 *
 * @param buf the buffer; not NULL.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evbuffer_free(struct evbuffer* buf);

/**
 * Gives a buffer a lock, so that several threads may use it.
 *
 * Call it before a second thread knows the buffer. The lock is recursive, and is held while
 * callbacks run that are not deferred: a callback that waits for another lock can deadlock.
 *
 * @param buf the buffer.
 * @param lock a lock from the program's locking functions (see event2/thread.h), which the caller
 *     keeps alive and frees after the buffer; NULL: make a lock that belongs to the buffer.
 * @return 0; -1 if the buffer has a lock already, if threading is not enabled and @p lock is NULL,
 * or if no lock can be made.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_enable_locking(struct evbuffer* buf, void* lock);

/**
 * Takes the lock of a buffer, to make several calls one step for other threads. The functions of
 * this file may be called with it held. Does nothing if the buffer has no lock.
 *
 * @param buf the buffer.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evbuffer_lock(struct evbuffer* buf);

/**
 * Releases what evbuffer_lock() took, once per call of it. Does nothing if the buffer has no lock.
 *
 * @param buf the buffer.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evbuffer_unlock(struct evbuffer* buf);

/**
 * Flag of a buffer: its bytes leave it only by being written to a descriptor, drained, or moved as
 * a whole to another buffer with this flag; nobody looks at them.
 *
 * evbuffer_add_file() then may hand the file itself to the kernel (sendfile) and need not read it.
 * To look at such bytes (evbuffer_remove(), evbuffer_pullup(), evbuffer_peek(), searching, ...)
 * gives undefined results. The output buffers of socket bufferevents have this flag from the start.
 *
 * @since 2.0
 */
#define EVBUFFER_FLAG_DRAINS_TO_FD 1

/**
 * Sets flags of a buffer, in addition to those it has.
 *
 * @param buf the buffer.
 * @param flags #EVBUFFER_FLAG_DRAINS_TO_FD. Other bits are kept but have no meaning.
 * @return 0.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_set_flags(struct evbuffer* buf, ev_uint64_t flags);

/**
 * Clears flags of a buffer. What is already in the buffer stays as it is.
 *
 * @param buf the buffer.
 * @param flags the flags to clear.
 * @return 0.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_clear_flags(struct evbuffer* buf, ev_uint64_t flags);

/**
 * Sets how many bytes one evbuffer_read() on this buffer reads at most.
 *
 * @param buf the buffer.
 * @param max the limit in bytes; 4096 in a new buffer.
 * @return 0; -1 if @p max exceeds INT_MAX; the limit then stays as it was.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_set_max_read(struct evbuffer* buf, size_t max);

/**
 * Tells how many bytes one evbuffer_read() on this buffer reads at most.
 *
 * @param buf the buffer.
 * @return the limit in bytes.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
size_t evbuffer_get_max_read(struct evbuffer* buf);

/**
 * Tells how many bytes a buffer holds.
 *
 * @param buf the buffer.
 * @return the number of bytes.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
size_t evbuffer_get_length(const struct evbuffer* buf);

/**
 * Tells how many bytes evbuffer_pullup() can return without copying: those in the first segment.
 *
 * @param buf the buffer.
 * @return the number of bytes; 0 if the buffer is empty.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
size_t evbuffer_get_contiguous_space(const struct evbuffer* buf);

/**
 * Makes room for bytes that will be added, so that adding them allocates nothing and leaves them in
 * one piece. Does not change the content, and works on a frozen buffer too.
 *
 * @param buf the buffer.
 * @param datlen how many bytes are to come.
 * @return 0; -1 if memory runs out or @p datlen is too large.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_expand(struct evbuffer* buf, size_t datlen);

/**
 * Reserves room at the end of a buffer for the caller to write into directly.
 *
 * The room is not part of the content until evbuffer_commit_space(). Until then, do nothing with
 * the buffer that adds or moves bytes; a second reservation gives the same room again. A
 * reservation that is not wanted any more can be forgotten. If several threads use the buffer, hold
 * evbuffer_lock() from here to the commit.
 *
 * @param buf the buffer.
 * @param size how many bytes at least; 0 with an @p n_vec of 1 gives the room there is (an allocation
 *     if there is none).
 * @param vec filled with the pieces of the room; together they often have more than @p size bytes.
 * @param n_vec how many elements @p vec has. With 1 the room is in one piece; 2 wastes less memory;
 *     more than 2 are not used.
 * @return the number of pieces; 0 only if @p size is 0 and @p n_vec more than 1; -1 if @p n_vec is
 *     less than 1, @p size is negative, the end of the buffer is frozen or memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_reserve_space(struct evbuffer* buf, ev_ssize_t size, struct evbuffer_iovec* vec,
                           int n_vec);

/**
 * Makes reserved room part of the content.
 *
 * @param buf the buffer.
 * @param vec the pieces from evbuffer_reserve_space(), in the same order. Lower `iov_len` to the
 *     number of bytes that were written; later pieces may be left out.
 * @param n_vecs how many pieces; 0 commits nothing.
 * @return 0; -1 if the pieces are not those which were reserved (other addresses, larger lengths,
 * too many), if the buffer was changed meanwhile so that the room is gone, or if its end is frozen.
 *     Nothing is committed then.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_commit_space(struct evbuffer* buf, struct evbuffer_iovec* vec, int n_vecs);

/**
 * Copies bytes to the end of a buffer.
 *
 * @param buf the buffer.
 * @param data the bytes; need not be kept afterwards.
 * @param datlen how many.
 * @return 0; -1 if the end is frozen (also for 0 bytes), memory runs out or the buffer would be too
 *     long.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_add(struct evbuffer* buf, const void* data, size_t datlen);

/**
 * Copies bytes from the front of a buffer and removes them from it.
 *
 * @param buf the buffer.
 * @param data where to; at least @p datlen bytes.
 * @param datlen how many at most.
 * @return the number of bytes copied: @p datlen, or all there are if they are fewer; -1 if the
 * front is frozen.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_remove(struct evbuffer* buf, void* data, size_t datlen);

/**
 * Copies bytes from the front of a buffer and leaves the buffer as it is.
 *
 * @param buf the buffer.
 * @param data_out where to; at least @p datlen bytes.
 * @param datlen how many at most.
 * @return the number of bytes copied; -1 if the front is frozen.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
ev_ssize_t evbuffer_copyout(struct evbuffer* buf, void* data_out, size_t datlen);

/**
 * Copies bytes from the middle of a buffer and leaves the buffer as it is.
 *
 * @param buf the buffer.
 * @param pos where in the buffer to begin; a valid position (at the end: 0 bytes are copied). NULL:
 *     at the front.
 * @param data_out where to; at least @p datlen bytes.
 * @param datlen how many at most.
 * @return the number of bytes copied; -1 if the front is frozen or the sum of position and length
 * is too large.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
ev_ssize_t evbuffer_copyout_from(struct evbuffer* buf, const struct evbuffer_ptr* pos,
                                 void* data_out, size_t datlen);

/**
 * Moves bytes from the front of one buffer to the end of another. Whole segments move without
 * copying; only a part of a segment is copied.
 *
 * @param src the buffer to take from.
 * @param dst the buffer to add to. If it is @p src nothing happens.
 * @param datlen how many bytes at most.
 * @return the number of bytes moved: @p datlen, or all there are if they are fewer; -1 if the front
 *     of @p src or the end of @p dst is frozen or memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_remove_buffer(struct evbuffer* src, struct evbuffer* dst, size_t datlen);

/**
 * What ends a line.
 *
 * @see evbuffer_readln(), evbuffer_search_eol()
 * @since 1.4
 */
enum evbuffer_eol_style {
  /**
   * One or more CR and LF in any order. Not for protocols: empty lines are lost, and a CR LF that
   * arrives in two pieces ends two lines.
   */
  EVBUFFER_EOL_ANY,
  /** An LF, and the one CR before it if there is one. What text protocols on the Internet want. */
  EVBUFFER_EOL_CRLF,
  /** A CR followed by an LF, nothing else. */
  EVBUFFER_EOL_CRLF_STRICT,
  /** An LF. A CR before it belongs to the line. */
  EVBUFFER_EOL_LF,
  /** A byte of value 0. @since 2.1 */
  EVBUFFER_EOL_NUL
};

/**
 * Takes a line from the front of a buffer.
 *
 * The line and what ends it are removed from the buffer. If the buffer has no end of line nothing
 * is removed: call again when more bytes have come. A peer that never ends its line makes the
 * buffer grow: check evbuffer_get_length().
 *
 * @param buffer the buffer.
 * @param n_read_out if not NULL: set to the length of the line, without the final 0; to 0 if NULL
 * is returned. The line may contain bytes of value 0.
 * @param eol_style what ends a line.
 * @return the line without its end, with a 0 after it, in memory that the caller frees with free()
 *     (or the free function of event_set_mem_functions()); NULL if there is no complete line, the
 *     front is frozen, or memory runs out.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
char* evbuffer_readln(struct evbuffer* buffer, size_t* n_read_out,
                      enum evbuffer_eol_style eol_style);

/**
 * Moves all bytes of one buffer to the end of another. The segments move, nothing is copied.
 *
 * @param outbuf the buffer to add to.
 * @param inbuf the buffer to take from; empty afterwards. If it is @p outbuf nothing happens.
 * @return 0; -1 if the end of @p outbuf or the front of @p inbuf is frozen or memory runs out.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_add_buffer(struct evbuffer* outbuf, struct evbuffer* inbuf);

/**
 * Adds the bytes of one buffer to another without copying and without removing them from the first:
 * both then share the memory. Use it to send the same bytes to many receivers.
 *
 * What is later added to, or removed from, either buffer does not show in the other, and either may
 * be freed first. The shared bytes themselves must not be changed through a pointer.
 *
 * @param outbuf the buffer to add to.
 * @param inbuf the buffer that has the bytes.
 * @return 0, also if @p inbuf is empty; -1 if @p inbuf holds bytes that it got by this function or
 *     from a file, if both are the same buffer and not empty, if the end of @p outbuf is frozen or
 *     memory runs out.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_add_buffer_reference(struct evbuffer* outbuf, struct evbuffer* inbuf);

/**
 * Called when a buffer no longer needs memory that was added by reference: once for each successful
 * evbuffer_add_reference(), from whatever function removes the last byte or frees the last buffer
 * that shares it, with the buffer's lock held. It must not use the buffer.
 *
 * @param data the start of the memory.
 * @param datalen its length in bytes.
 * @param extra the last argument of evbuffer_add_reference().
 * @since 2.0
 */
typedef void (*evbuffer_ref_cleanup_cb)(const void* data, size_t datalen, void* extra);

/**
 * Adds memory of the caller to the end of a buffer without copying.
 *
 * The memory must stay valid and unchanged until @p cleanupfn is called. With 0 bytes too the
 * clean-up function is called, some time until the buffer is freed.
 *
 * @param outbuf the buffer.
 * @param data the memory; stays the caller's if this function fails.
 * @param datlen its length in bytes.
 * @param cleanupfn called when the memory is no longer needed; NULL: nothing is called.
 * @param cleanupfn_arg its last argument.
 * @return 0; -1 if the end is frozen or memory runs out; then @p cleanupfn is not called.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_add_reference(struct evbuffer* outbuf, const void* data, size_t datlen,
                           evbuffer_ref_cleanup_cb cleanupfn, void* cleanupfn_arg);

/**
 * Like evbuffer_add_reference() for bytes that do not begin at the start of their memory: adds
 * @p datlen bytes from @p data + @p offset, and gives @p data itself to the clean-up function.
 *
 * @param outbuf the buffer.
 * @param data the start of the memory, for @p cleanupfn; stays the caller's if this function fails.
 * @param offset how many bytes at the start are left out.
 * @param datlen how many bytes after them are added.
 * @param cleanupfn called with @p data and @p offset + @p datlen when the memory is no longer
 * needed; NULL: nothing is called.
 * @param cleanupfn_arg its last argument.
 * @return 0; -1 if the end is frozen, the sum is too large or memory runs out; then @p cleanupfn is
 *     not called.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_add_reference_with_offset(struct evbuffer* outbuf, const void* data, size_t offset,
                                       size_t datlen, evbuffer_ref_cleanup_cb cleanupfn,
                                       void* cleanupfn_arg);

/**
 * Adds a part of a file to the end of a buffer.
 *
 * If the buffer has #EVBUFFER_FLAG_DRAINS_TO_FD the kernel sends it from the file (sendfile), else
 * it is mapped, else read. The file should not be changed or cut short meanwhile. The descriptor's
 * own file position is not used. For more control: evbuffer_add_file_segment().
 *
 * @param outbuf the buffer.
 * @param fd the descriptor of the file, open for reading. It then belongs to the buffer, which
 * closes it when the bytes have left. On failure: if the buffer's end was frozen it has been
 * closed; if it was useless from the start (see evbuffer_file_segment_new()) it is still open and
 * the caller's.
 * @param offset where in the file to begin, in bytes.
 * @param length how many bytes; -1: up to the end of the file, which then must not be empty.
 * @return 0; -1 on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_add_file(struct evbuffer* outbuf, int fd, ev_off_t offset, ev_off_t length);

/**
 * A part of a file (or all of it) that can be added to buffers, several times and to several
 * buffers. Counts its references: one for its maker and one for each place in a buffer.
 *
 * @since 2.1
 */
struct evbuffer_file_segment;

/** Flag of a file segment: close the descriptor when the segment's last reference goes. @since 2.1
 */
#define EVBUF_FS_CLOSE_ON_FREE 0x01

/** Flag of a file segment: do not map the file into memory. @since 2.1 */
#define EVBUF_FS_DISABLE_MMAP 0x02

/**
 * Flag of a file segment: do not let the kernel send from the file (sendfile). Needed if anyone
 * looks at the bytes in the buffer.
 *
 * @since 2.1
 */
#define EVBUF_FS_DISABLE_SENDFILE 0x04

/**
 * Flag of a file segment: make no lock for it. The segment, and every buffer it is in, then may be
 * used by one thread only.
 *
 * @since 2.1
 */
#define EVBUF_FS_DISABLE_LOCKING 0x08

/**
 * Called when the last reference to a file segment goes, just before the segment is freed. Its
 * descriptor is closed already if that was asked for.
 *
 * @param seg the segment.
 * @param flags what evbuffer_file_segment_new() was given.
 * @param arg what evbuffer_file_segment_add_cleanup_cb() was given.
 * @since 2.1
 */
typedef void (*evbuffer_file_segment_cleanup_cb)(struct evbuffer_file_segment const* seg, int flags,
                                                 void* arg);

/**
 * Makes a segment of a file.
 *
 * Unless #EVBUF_FS_DISABLE_SENDFILE is set, looking at the bytes in a buffer that has
 * #EVBUFFER_FLAG_DRAINS_TO_FD gives undefined results.
 *
 * @param fd a descriptor open for reading. It must stay open as long as the segment exists. It
 * belongs to the segment with #EVBUF_FS_CLOSE_ON_FREE; on failure it stays the caller's in any
 * case.
 * @param offset where in the file the segment begins, in bytes; not negative.
 * @param length how many bytes the segment has; -1: up to the end of the file (needs a descriptor
 *     that fstat() works on).
 * @param flags bits EVBUF_FS_...
 * @return the segment, which evbuffer_file_segment_free() releases; NULL if @p fd is bad, @p offset
 * or
 *     @p length is negative (but -1), the file cannot be mapped or read, or memory runs out.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
struct evbuffer_file_segment* evbuffer_file_segment_new(int fd, ev_off_t offset, ev_off_t length,
                                                        unsigned flags);

/**
 * Releases the maker's reference to a segment. The segment goes when it is in no buffer any more.
 *
 * @param seg the segment.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void evbuffer_file_segment_free(struct evbuffer_file_segment* seg);

/**
 * Sets the one function that is called when a segment goes; a later call replaces it. To be called
 * before other threads use the segment.
 *
 * @param seg the segment.
 * @param cb the function; NULL: none.
 * @param arg its last argument.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void evbuffer_file_segment_add_cleanup_cb(struct evbuffer_file_segment* seg,
                                          evbuffer_file_segment_cleanup_cb cb, void* arg);

/**
 * Adds all or a part of a file segment to the end of a buffer.
 *
 * Offsets count from the start of the segment, not of the file: of a segment that begins at byte 20
 * of its file, offset 20 and length 50 add the file's bytes 40 to 89.
 *
 * @param buf the buffer.
 * @param seg the segment; the buffer takes a reference of its own.
 * @param offset where in the segment to begin.
 * @param length how many bytes; negative: up to the end of the segment.
 * @return 0; -1 if offset and length do not lie within the segment, the end of the buffer is frozen
 * or memory runs out. The maker's reference is untouched. (libevent 2.1.12 gives it up on failure.)
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_add_file_segment(struct evbuffer* buf, struct evbuffer_file_segment* seg,
                              ev_off_t offset, ev_off_t length);

/**
 * Adds formatted text to the end of a buffer, without a final 0.
 *
 * @param buf the buffer.
 * @param fmt as for printf().
 * @param ... what the format asks for.
 * @return the number of bytes added; -1 if the format is bad, the end is frozen, the text is longer
 *     than INT_MAX or memory runs out.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_add_printf(struct evbuffer* buf, const char* fmt, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 2, 3)))
#endif
    ;

/**
 * Like evbuffer_add_printf() with a va_list.
 *
 * @param buf the buffer.
 * @param fmt as for printf().
 * @param ap the arguments; of undefined value afterwards.
 * @return as for evbuffer_add_printf().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_add_vprintf(struct evbuffer* buf, const char* fmt, va_list ap)
#ifdef __GNUC__
    __attribute__((format(printf, 2, 0)))
#endif
    ;

/**
 * Removes bytes from the front of a buffer.
 *
 * @param buf the buffer.
 * @param len how many; all, if there are fewer.
 * @return 0; -1 if the front is frozen and the buffer is not empty.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_drain(struct evbuffer* buf, size_t len);

/**
 * Writes from the front of a buffer to a descriptor, with one system call, and removes what was
 * written. Same as evbuffer_write_atmost() with -1.
 *
 * @param buffer the buffer.
 * @param fd the descriptor.
 * @return as for evbuffer_write_atmost().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_write(struct evbuffer* buffer, evutil_socket_t fd);

/**
 * Writes a limited number of bytes from the front of a buffer to a descriptor, with one system
 * call, and removes what was written. It may write less than it could.
 *
 * A peer that has closed its end may cause SIGPIPE: programs should ignore that signal.
 *
 * @param buffer the buffer.
 * @param fd the descriptor.
 * @param howmuch how many bytes at most; negative: as many as possible.
 * @return the number of bytes written; -1 with errno from the system (see EVUTIL_SOCKET_ERROR()),
 * and also if there is nothing to write or the front is frozen.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_write_atmost(struct evbuffer* buffer, evutil_socket_t fd, ev_ssize_t howmuch);

/**
 * Reads from a descriptor to the end of a buffer, with one system call for the data.
 *
 * @param buffer the buffer.
 * @param fd the descriptor.
 * @param howmuch how many bytes at most; negative, or above evbuffer_get_max_read() (4096 unless
 *     changed): that limit. 0 reads nothing.
 * @return the number of bytes read; 0 at the end of the stream; -1 with errno from the system (see
 *     EVUTIL_SOCKET_ERROR()), and also if the end of the buffer is frozen or memory runs out.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_read(struct evbuffer* buffer, evutil_socket_t fd, int howmuch);

/**
 * Finds a string of bytes in a buffer.
 *
 * @param buffer the buffer.
 * @param what the string.
 * @param len its length in bytes. 0 is found at once, where the search begins.
 * @param start where to begin; NULL: at the front.
 * @return the position of the first match at or after @p start; its `pos` is -1 if there is none.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evbuffer_ptr evbuffer_search(struct evbuffer* buffer, const char* what, size_t len,
                                    const struct evbuffer_ptr* start);

/**
 * Finds a string of bytes in a part of a buffer.
 *
 * @param buffer the buffer.
 * @param what the string.
 * @param len its length in bytes. 0 is found at once, where the search begins.
 * @param start where to begin; NULL: at the front.
 * @param end the first byte that a match may not touch; NULL: the end of the buffer.
 * @return the position of the first match that lies between @p start and @p end; its `pos` is -1 if
 *     there is none.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evbuffer_ptr evbuffer_search_range(struct evbuffer* buffer, const char* what, size_t len,
                                          const struct evbuffer_ptr* start,
                                          const struct evbuffer_ptr* end);

/**
 * How evbuffer_ptr_set() counts.
 *
 * @since 2.0
 */
enum evbuffer_ptr_how {
  /** From the front of the buffer. The old value of the pointer does not matter. */
  EVBUFFER_PTR_SET,
  /** Forwards from where the pointer is. */
  EVBUFFER_PTR_ADD
};

/**
 * Sets a position in a buffer.
 *
 * @param buffer the buffer.
 * @param ptr the position to set. For #EVBUFFER_PTR_ADD it must be valid.
 * @param position how many bytes from the front, or forwards.
 * @param how which of these.
 * @return 0; -1 if that would be beyond the place after the last byte: @p ptr is then invalid, its
 *     `pos` -1 (or, where the sum overflows, unchanged).
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_ptr_set(struct evbuffer* buffer, struct evbuffer_ptr* ptr, size_t position,
                     enum evbuffer_ptr_how how);

/**
 * Finds the end of a line in a buffer.
 *
 * @param buffer the buffer.
 * @param start where to begin; NULL: at the front.
 * @param eol_len_out if not NULL: set to the length in bytes of what ends the line; to 0 if nothing
 *     was found.
 * @param eol_style what ends a line.
 * @return the position of the first byte of what ends the line; its `pos` is -1 if nothing was
 * found.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evbuffer_ptr evbuffer_search_eol(struct evbuffer* buffer, struct evbuffer_ptr* start,
                                        size_t* eol_len_out, enum evbuffer_eol_style eol_style);

/**
 * Shows the bytes of a buffer where they are, without copying or removing them.
 *
 * The pieces are valid until the buffer is changed; they must not be written to. Where a piece has
 * more bytes than are wanted it is shown as a whole, so the pieces together can have more than @p
 * len.
 *
 * @param buffer the buffer.
 * @param len how many bytes to show; negative: all, or as many as @p n_vec pieces have.
 * @param start_at where to begin; NULL: at the front.
 * @param vec_out filled with the pieces; may be NULL if @p n_vec is 0.
 * @param n_vec how many elements @p vec_out has; 0: only count the pieces.
 * @return how many pieces are needed for @p len bytes (or all there are, if fewer): if that is more
 *     than @p n_vec, only @p n_vec are filled. With a negative @p len and an @p n_vec above 0: how
 *     many were filled. 0 if there is nothing to show.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_peek(struct evbuffer* buffer, ev_ssize_t len, struct evbuffer_ptr* start_at,
                  struct evbuffer_iovec* vec_out, int n_vec);

/**
 * What happened to a buffer since its callbacks were last called.
 *
 * @since 2.0
 */
struct evbuffer_cb_info {
  /** How many bytes it held then. */
  size_t orig_size;
  /** How many were added since. */
  size_t n_added;
  /** How many were removed since. */
  size_t n_deleted;
};

/**
 * Called when bytes were added to a buffer or removed from it.
 *
 * The newest callback is called first, but do not rely on the order. With locking the buffer's lock
 * is held. A callback may change the buffer, which calls the
 * callbacks again from within, and may add callbacks and remove itself. With libevent it must not
 * remove other callbacks nor free the buffer; relevent allows both.
 *
 * @param buffer the buffer.
 * @param info what changed; valid during the call.
 * @param arg what evbuffer_add_cb() was given.
 * @since 2.0
 */
typedef void (*evbuffer_cb_func)(struct evbuffer* buffer, const struct evbuffer_cb_info* info,
                                 void* arg);

/** A callback in a buffer's list. Opaque. @since 2.0 */
struct evbuffer_cb_entry;

/**
 * Adds a callback to a buffer. The same function may be added more than once.
 *
 * @param buffer the buffer; not one of a bufferevent's, if the function drains or adds on its
 * behalf.
 * @param cb the function; not NULL.
 * @param cbarg its last argument.
 * @return a handle, valid until the callback is removed or the buffer freed; NULL if memory runs
 * out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evbuffer_cb_entry* evbuffer_add_cb(struct evbuffer* buffer, evbuffer_cb_func cb,
                                          void* cbarg);

/**
 * Removes a callback by its handle.
 *
 * @param buffer the buffer that the handle is of.
 * @param ent the handle; invalid afterwards.
 * @return 0.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_remove_cb_entry(struct evbuffer* buffer, struct evbuffer_cb_entry* ent);

/**
 * Removes the newest callback with this function and argument.
 *
 * @param buffer the buffer.
 * @param cb the function.
 * @param cbarg the argument it was added with.
 * @return 0; -1 if there is none.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_remove_cb(struct evbuffer* buffer, evbuffer_cb_func cb, void* cbarg);

/** Flag of a callback: it is called. Set when it is added. @since 2.0 */
#define EVBUFFER_CB_ENABLED 1

/**
 * Sets flags of a callback.
 *
 * @param buffer the buffer that the handle is of.
 * @param cb the handle.
 * @param flags #EVBUFFER_CB_ENABLED: call it again. Other bits are ignored.
 * @return 0.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_cb_set_flags(struct evbuffer* buffer, struct evbuffer_cb_entry* cb, ev_uint32_t flags);

/**
 * Clears flags of a callback.
 *
 * @param buffer the buffer that the handle is of.
 * @param cb the handle.
 * @param flags #EVBUFFER_CB_ENABLED: do not call it; it will not hear of what happens meanwhile.
 * Other bits are ignored.
 * @return 0.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_cb_clear_flags(struct evbuffer* buffer, struct evbuffer_cb_entry* cb,
                            ev_uint32_t flags);

/**
 * Makes the first bytes of a buffer contiguous, by copying if they are not yet.
 *
 * @param buf the buffer.
 * @param size how many bytes; negative: all.
 * @return the first byte, valid until the buffer is changed; NULL if the buffer has fewer bytes, if
 *     @p size is 0 or the buffer empty, or if memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
unsigned char* evbuffer_pullup(struct evbuffer* buf, ev_ssize_t size);

/**
 * Copies bytes to the front of a buffer.
 *
 * @param buf the buffer.
 * @param data the bytes.
 * @param size how many.
 * @return 0; -1 if the front is frozen, memory runs out or the buffer would be too long. With a
 *     @p size of 0 nothing is checked and 0 returned.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_prepend(struct evbuffer* buf, const void* data, size_t size);

/**
 * Moves all bytes of one buffer to the front of another. Nothing is copied.
 *
 * @param dst the buffer to add to.
 * @param src the buffer to take from; empty afterwards. If it is @p dst nothing happens.
 * @return 0; -1 if the front of either buffer is frozen or memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_prepend_buffer(struct evbuffer* dst, struct evbuffer* src);

/**
 * Freezes one end of a buffer: until it is unfrozen, functions that would change the content there
 * fail. At the front these are removing, draining, prepending and writing to a descriptor, and also
 * copying out; at the end, adding, reserving and reading from a descriptor. Freezing does not nest.
 *
 * @param buf the buffer.
 * @param at_front nonzero: the front; 0: the end.
 * @return 0.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_freeze(struct evbuffer* buf, int at_front);

/**
 * Undoes evbuffer_freeze(). An end that is not frozen stays so. Do not unfreeze a bufferevent's
 * buffers: the end of the input and the front of the output are its own.
 *
 * @param buf the buffer.
 * @param at_front nonzero: the front; 0: the end.
 * @return 0.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_unfreeze(struct evbuffer* buf, int at_front);

struct event_base;

/**
 * Makes all callbacks of a buffer run from the loop of a base instead of from the functions that
 * change the buffer. Changes up to then are reported together, in one call. Cannot be undone.
 *
 * @param buffer the buffer.
 * @param base the base, which must outlive the buffer.
 * @return 0.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_defer_callbacks(struct evbuffer* buffer, struct event_base* base);

/**
 * Copies several pieces of memory to the end of a buffer, after making room for all of them at
 * once.
 *
 * @param buffer the buffer.
 * @param vec the pieces.
 * @param n_vec how many pieces.
 * @return the number of bytes added. If that is less than the sum of the pieces, adding failed (the
 *     end is frozen, or memory ran out) at a border between two pieces; those before it are added.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
size_t evbuffer_add_iovec(struct evbuffer* buffer, struct evbuffer_iovec* vec, int n_vec);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_BUFFER_H_INCLUDED_ */
