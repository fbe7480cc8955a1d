/* The statements that probe.py generates use these; each prints one line, "name<TAB>value". It is
 * included after the header under test, so that nothing here helps that header along. */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static inline void show_number(const char* name, const char* type, long long value) {
  printf("%s\t%s %lld\n", name, type, value);
}

static inline void show_text(const char* name, const char* value) {
  printf("%s\t\"%s\"\n", name, value);
}

static inline void show_bytes(const char* name, const void* object, size_t size) {
  const unsigned char* bytes = object;
  printf("%s\tbits", name);
  for (size_t i = 0; i < size; ++i)
    if (bytes[i]) printf(" %zu:%02x", i, bytes[i]);
  printf("\n");
}

#define SHOW_SIZE(name, type) \
  printf("%s\tsize %zu, alignment %zu\n", name, sizeof(type), _Alignof(type))
#define SHOW_ENUM(name, type) \
  printf("%s\tsize %zu, %s\n", name, sizeof(type), (type)-1 < 0 ? "signed" : "unsigned")
#define SHOW_FIELD(name, type, path)                                \
  printf("%s\toffset %zu, size %zu\n", name, offsetof(type, path), \
         sizeof(((type*)0)->path))
#define SHOW_BITFIELD(name, type, path) \
  do {                                  \
    type object;                        \
    memset(&object, 0, sizeof object);  \
    object.path = ~object.path;         \
    show_bytes(name, &object, sizeof object); \
  } while (0)

#define SHOW_INTEGER(name, type, x) type: show_number(name, #type, (long long)(x))
/* No `default`: what is neither an integer nor a string does not compile, and so is no value. */
#define SHOW_VALUE(name, x)                                            \
  _Generic((x), SHOW_INTEGER(name, char, x), SHOW_INTEGER(name, short, x), \
           SHOW_INTEGER(name, unsigned short, x), SHOW_INTEGER(name, int, x), \
           SHOW_INTEGER(name, unsigned, x), SHOW_INTEGER(name, long, x), \
           SHOW_INTEGER(name, unsigned long, x), SHOW_INTEGER(name, long long, x), \
           SHOW_INTEGER(name, unsigned long long, x), char*: show_text(name, (const char*)(x)), \
           const char*: show_text(name, (const char*)(x)))

#define SAME_TYPE(left, ...) \
  _Static_assert(__builtin_types_compatible_p(left, __VA_ARGS__), "another type")
