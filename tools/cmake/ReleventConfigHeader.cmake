# event2/event-config.h is generated into the build tree: what this system has and how the library
# was built, under the names that programs test. The lists below are the facts; a name becomes
# EVENT__HAVE_ and itself in capitals, or what stands before its colon.

set(RELEVENT_FACT_HEADERS
  arpa/inet.h dlfcn.h errno.h fcntl.h ifaddrs.h inttypes.h netdb.h netinet/in.h netinet/tcp.h poll.h
  stdarg.h stddef.h stdint.h stdio.h stdlib.h string.h strings.h sys/epoll.h sys/eventfd.h
  sys/ioctl.h sys/mman.h sys/param.h sys/queue.h sys/random.h sys/resource.h sys/select.h
  sys/sendfile.h sys/socket.h sys/stat.h sys/time.h sys/timerfd.h sys/types.h sys/uio.h sys/un.h
  sys/wait.h unistd.h wchar.h)

set(RELEVENT_FACT_FUNCTIONS
  accept4 arc4random arc4random_buf clock_gettime EPOLL:epoll_ctl epoll_create1 epoll_ctl eventfd
  fcntl getaddrinfo getegid geteuid getifaddrs getnameinfo getprotobynumber getrandom getservbyname
  gettimeofday inet_ntop inet_pton mmap nanosleep pipe pipe2 poll PTHREADS:pthread_mutex_init putenv
  select sendfile setenv setrlimit sigaction signal splice strsep strtok_r strtoll timerfd_create
  umask unsetenv usleep vasprintf
  # Last, because some C libraries lack these: the search for what is missing is short then.
  arc4random_addrandom issetugid strlcpy)

set(RELEVENT_FACT_TYPES
  fd_mask sa_family_t uint8_t uint16_t uint32_t uint64_t uintptr_t "struct addrinfo"
  "struct in6_addr" "struct linger" "struct sockaddr_in6" "struct sockaddr_storage"
  "struct sockaddr_un")

set(RELEVENT_FACT_MEMBERS
  "struct in6_addr.s6_addr16" "struct in6_addr.s6_addr32" "struct sockaddr_storage.ss_family")

set(RELEVENT_FACT_MACROS
  SETFD:F_SETFD TAILQFOREACH:TAILQ_FOREACH timeradd timerclear timercmp timerisset)

set(RELEVENT_FACT_IDENTIFIERS __func__:__func__ __FUNCTION__:__FUNCTION__)

set(RELEVENT_FACT_SIZES
  INT:int LONG:long "LONG_LONG:long long" OFF_T:off_t PTHREAD_T:pthread_t SHORT:short SIZE_T:size_t
  TIME_T:time_t "VOID_P:void *")

# Facts about systems that relevent does not run on yet, and about what no build of it has.
set(RELEVENT_FACT_ABSENT
  DISABLE_DEBUG_MODE DISABLE_MM_REPLACEMENT DISABLE_THREAD_SUPPORT HAVE_AFUNIX_H
  HAVE_DECL_CTL_KERN HAVE_DECL_KERN_ARND HAVE_DEVPOLL HAVE_EVENT_PORTS HAVE_GETHOSTBYNAME_R
  HAVE_GETHOSTBYNAME_R_3_ARG HAVE_GETHOSTBYNAME_R_5_ARG HAVE_GETHOSTBYNAME_R_6_ARG HAVE_KQUEUE
  HAVE_LIBWS2_32 HAVE_LIBZ HAVE_MACH_ABSOLUTE_TIME HAVE_MACH_MACH_H HAVE_MACH_MACH_TIME_H
  HAVE_MINIX_CONFIG_H HAVE_NETINET_IN6_H HAVE_PORT_CREATE HAVE_PORT_H HAVE_PTHREAD
  HAVE_STRUCT_SOCKADDR_IN6_SIN6_LEN HAVE_STRUCT_SOCKADDR_IN_SIN_LEN
  HAVE_STRUCT_SOCKADDR_STORAGE___SS_FAMILY HAVE_SYSCTL HAVE_SYS_DEVPOLL_H HAVE_SYS_EVENT_H
  HAVE_SYS_SYSCTL_H HAVE_WORKING_KQUEUE HAVE_ZLIB_H HAVE__GMTIME64 HAVE__GMTIME64_S
  PTHREAD_CREATE_JOINABLE)

# Defined for the C library unless the program did so already.
set(RELEVENT_CONFIG_FEATURE_MACROS
  _ALL_SOURCE _DARWIN_C_SOURCE __EXTENSIONS__ _GNU_SOURCE _HPUX_ALT_XOPEN_SOCKET_API
  _NETBSD_SOURCE _OPENBSD_SOURCE _POSIX_PTHREAD_SEMANTICS __STDC_WANT_IEC_60559_ATTRIBS_EXT__
  __STDC_WANT_IEC_60559_BFP_EXT__ __STDC_WANT_IEC_60559_DFP_EXT__
  __STDC_WANT_IEC_60559_FUNCS_EXT__ __STDC_WANT_IEC_60559_TYPES_EXT__ __STDC_WANT_LIB_EXT2__
  __STDC_WANT_MATH_SPEC_FUNCS__ _TANDEM_SOURCE)

# One check program per kind: what stands once for each name, at file scope or in main().
set(RELEVENT_PROBE_HEADER_FILE "#include <@name@>")
set(RELEVENT_PROBE_FUNCTION_FILE "extern char @name@(void);\nvoid *@id@_use = (void *)@name@;")
set(RELEVENT_PROBE_TYPE_MAIN "(void)sizeof(@name@);")
set(RELEVENT_PROBE_MEMBER_MAIN "(void)((@type@ *)0)->@member@;")
set(RELEVENT_PROBE_MACRO_FILE "#ifndef @name@\n#error missing\n#endif")
set(RELEVENT_PROBE_IDENTIFIER_MAIN "(void)@name@;")

# relevent_fact_id(<variable> <fact>): the part of the macro's name that follows EVENT__HAVE_.
function(relevent_fact_id out fact)
  if(fact MATCHES "^([^:]+):")
    set(id "${CMAKE_MATCH_1}")
  else()
    string(TOUPPER "${fact}" id)
    string(REGEX REPLACE "[^A-Z0-9_]" "_" id "${id}")
  endif()
  set(${out} "${id}" PARENT_SCOPE)
endfunction()

# relevent_probe(<kind> <fact>...): compiles and links one program that needs all of these. Where
# that fails, each half is tried in turn, until it is known which of them are missing. The answers
# are cached as RELEVENT_HAVE_<id>.
function(relevent_probe kind)
  set(unknown)
  foreach(fact IN LISTS ARGN)
    relevent_fact_id(id "${fact}")
    if(NOT DEFINED CACHE{RELEVENT_HAVE_${id}})
      list(APPEND unknown "${fact}")
    endif()
  endforeach()
  list(LENGTH unknown count)
  if(count EQUAL 0)
    return()
  endif()

  set(file)
  set(main)
  foreach(fact IN LISTS unknown)
    relevent_fact_id(id "${fact}")
    string(REGEX REPLACE "^[^:]+:" "" name "${fact}")
    string(REGEX REPLACE "[.].*" "" type "${name}")
    string(REGEX REPLACE ".*[.]" "" member "${name}")
    string(CONFIGURE "${RELEVENT_PROBE_${kind}_FILE}" text @ONLY)
    string(APPEND file "${text}\n")
    string(CONFIGURE "${RELEVENT_PROBE_${kind}_MAIN}" text @ONLY)
    string(APPEND main "  ${text}\n")
  endforeach()
  relevent_try(found "${kind}" "${file}" "${main}")

  if(found OR count EQUAL 1)
    foreach(fact IN LISTS unknown)
      relevent_fact_id(id "${fact}")
      set(RELEVENT_HAVE_${id} "${found}" CACHE INTERNAL "The system has ${fact}")
    endforeach()
  else()
    math(EXPR half "${count} / 2")
    list(SUBLIST unknown 0 ${half} first)
    list(SUBLIST unknown ${half} -1 second)
    relevent_probe(${kind} ${first})
    relevent_probe(${kind} ${second})
  endif()
endfunction()

# relevent_try(<variable> <kind> <text> <statements>): whether the program can be built.
function(relevent_try out kind file main)
  # A function's check declares it itself, so its header must stay away.
  set(RELEVENT_PROBE_INCLUDES)
  if(NOT kind STREQUAL "FUNCTION" AND NOT kind STREQUAL "HEADER")
    relevent_present_headers(RELEVENT_PROBE_INCLUDES)
  endif()
  string(CONCAT RELEVENT_PROBE_SOURCE "#define _GNU_SOURCE 1\n${RELEVENT_PROBE_INCLUDES}${file}"
    "int main(void) {\n${main}  return 0;\n}\n")
  try_compile(built SOURCE_FROM_VAR probe.c RELEVENT_PROBE_SOURCE
    COMPILE_DEFINITIONS -w -fno-builtin NO_CACHE)
  set(${out} "${built}" PARENT_SCOPE)
endfunction()

# relevent_present_headers(<variable>): include lines for all headers that were found.
function(relevent_present_headers out)
  set(text)
  foreach(header IN LISTS RELEVENT_FACT_HEADERS)
    relevent_fact_id(id "${header}")
    if(RELEVENT_HAVE_${id})
      string(APPEND text "#include <${header}>\n")
    endif()
  endforeach()
  set(${out} "${text}#include <pthread.h>\n#include <signal.h>\n#include <time.h>\n" PARENT_SCOPE)
endfunction()

# relevent_probe_sizes(): the sizes are read out of one program, which need not run.
function(relevent_probe_sizes)
  if(DEFINED CACHE{RELEVENT_SIZES})
    return()
  endif()
  relevent_present_headers(includes)
  set(digits)
  foreach(fact IN LISTS RELEVENT_FACT_SIZES)
    string(REGEX REPLACE "^[^:]+:" "" type "${fact}")
    string(APPEND digits ", '0' + sizeof(${type}) / 10, '0' + sizeof(${type}) % 10")
  endforeach()
  string(CONCAT RELEVENT_PROBE_SOURCE "#define _GNU_SOURCE 1\n${includes}"
    "const char sizes[] = {'s', 'i', 'z', 'e', 's', ':'${digits}, 0};\n"
    "int main(int argc, char **argv) { (void)argv; return sizes[argc]; }\n")
  set(program "${PROJECT_BINARY_DIR}/CMakeFiles/relevent-sizes")
  try_compile(built SOURCE_FROM_VAR probe.c RELEVENT_PROBE_SOURCE
    COMPILE_DEFINITIONS -w COPY_FILE "${program}" NO_CACHE)
  if(built)
    file(STRINGS "${program}" found REGEX "sizes:[0-9]+" LIMIT_COUNT 1)
  endif()
  if(NOT found MATCHES "sizes:([0-9]+)")
    message(FATAL_ERROR "relevent: cannot find out the sizes of the basic types")
  endif()
  set(RELEVENT_SIZES "${CMAKE_MATCH_1}" CACHE INTERNAL "Two digits for each of RELEVENT_FACT_SIZES")
endfunction()

# relevent_config_header(): checks what is not known yet and writes the header.
function(relevent_config_header)
  set(lines)
  foreach(kind IN ITEMS HEADER FUNCTION TYPE MEMBER MACRO IDENTIFIER)
    relevent_probe(${kind} ${RELEVENT_FACT_${kind}S})
    foreach(fact IN LISTS RELEVENT_FACT_${kind}S)
      relevent_fact_id(id "${fact}")
      if(RELEVENT_HAVE_${id})
        list(APPEND lines "#define EVENT__HAVE_${id} 1")
      else()
        list(APPEND lines "/* #undef EVENT__HAVE_${id} */")
      endif()
    endforeach()
  endforeach()

  relevent_probe_sizes()
  set(position 0)
  foreach(fact IN LISTS RELEVENT_FACT_SIZES)
    string(REGEX REPLACE ":.*" "" id "${fact}")
    string(SUBSTRING "${RELEVENT_SIZES}" ${position} 2 size)
    math(EXPR size "${size}")
    math(EXPR position "${position} + 2")
    list(APPEND lines "#define EVENT__SIZEOF_${id} ${size}")
  endforeach()

  foreach(name IN ITEMS OPENSSL OPENSSL_SSL_H MBEDTLS)
    if(RELEVENT_MBEDTLS OR (RELEVENT_TLS AND NOT name STREQUAL "MBEDTLS"))
      list(APPEND lines "#define EVENT__HAVE_${name} 1")
    else()
      list(APPEND lines "/* #undef EVENT__HAVE_${name} */")
    endif()
  endforeach()
  list(APPEND lines "#define EVENT__TIME_WITH_SYS_TIME 1")
  list(TRANSFORM RELEVENT_FACT_ABSENT REPLACE "(.+)" "/* #undef EVENT__\\1 */"
    OUTPUT_VARIABLE absent)
  list(APPEND lines ${absent})
  list(JOIN lines "\n" RELEVENT_CONFIG_FACTS)

  list(TRANSFORM RELEVENT_CONFIG_FEATURE_MACROS REPLACE "(.+)" "#ifndef \\1\n#define \\1 1\n#endif"
    OUTPUT_VARIABLE features)
  list(JOIN features "\n" RELEVENT_CONFIG_FEATURES)

  configure_file("${PROJECT_SOURCE_DIR}/include/event2/event-config.h.in"
    "${PROJECT_BINARY_DIR}/include/event2/event-config.h" @ONLY)
endfunction()

# 2.1.12 -> 0x02010c00
string(REGEX MATCH "^([0-9]+)[.]([0-9]+)[.]([0-9]+)" _ "${RELEVENT_COMPAT_VERSION}")
math(EXPR RELEVENT_COMPAT_NUMERIC
  "(${CMAKE_MATCH_1} << 24) + (${CMAKE_MATCH_2} << 16) + (${CMAKE_MATCH_3} << 8)"
  OUTPUT_FORMAT HEXADECIMAL)
string(REPLACE "0x" "0x0" RELEVENT_COMPAT_NUMERIC "${RELEVENT_COMPAT_NUMERIC}")

relevent_config_header()

# relevent.h is not generated, so that it reads well where it is; its version must not be forgotten.
file(STRINGS "${PROJECT_SOURCE_DIR}/include/event2/relevent.h" RELEVENT_VERSION_LINE
  REGEX "^#define RELEVENT_VERSION ")
if(NOT RELEVENT_VERSION_LINE MATCHES "\"${PROJECT_VERSION}\"")
  message(FATAL_ERROR "relevent: include/event2/relevent.h does not say version ${PROJECT_VERSION}")
endif()
