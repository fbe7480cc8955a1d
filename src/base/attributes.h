// Compiler attributes: what is exported, what is likely, and clang's thread-safety annotations.
#pragma once

// Marks an `extern "C"` definition as exported: the C API, and the private C surface between our
// own shared objects (names that begin with relevent_).
#define RELEVENT_API __attribute__((visibility("default")))

#define RELEVENT_LIKELY(x) __builtin_expect(!!(x), 1)
#define RELEVENT_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define RELEVENT_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define RELEVENT_COLD __attribute__((cold, noinline))

#if defined(__clang__)
#define RELEVENT_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define RELEVENT_THREAD_ATTRIBUTE(x)
#endif

#define RELEVENT_CAPABILITY(name) RELEVENT_THREAD_ATTRIBUTE(capability(name))
#define RELEVENT_SCOPED_CAPABILITY RELEVENT_THREAD_ATTRIBUTE(scoped_lockable)
#define RELEVENT_GUARDED_BY(x) RELEVENT_THREAD_ATTRIBUTE(guarded_by(x))
#define RELEVENT_REQUIRES(...) RELEVENT_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define RELEVENT_EXCLUDES(...) RELEVENT_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define RELEVENT_ACQUIRE(...) RELEVENT_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define RELEVENT_TRY_ACQUIRE(...) RELEVENT_THREAD_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define RELEVENT_RELEASE(...) RELEVENT_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define RELEVENT_ASSERT_HELD(...) RELEVENT_THREAD_ATTRIBUTE(assert_capability(__VA_ARGS__))
#define RELEVENT_RETURN_CAPABILITY(x) RELEVENT_THREAD_ATTRIBUTE(lock_returned(x))
#define RELEVENT_NO_THREAD_SAFETY_ANALYSIS RELEVENT_THREAD_ATTRIBUTE(no_thread_safety_analysis)
