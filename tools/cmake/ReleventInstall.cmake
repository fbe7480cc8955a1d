# Install rules: shared objects, archives, headers, pkg-config files and the CMake package, under
# the names and with the contents that libevent 2.1 has.
include(CMakePackageConfigHelpers)

# Components: `runtime` has the shared objects, `development` the rest. What is for Mbed TLS has two
# of its own, `mbedtls` and `mbedtls_development`: not everybody's package shall need Mbed TLS.
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)

set(RELEVENT_COMPONENTS core extra pthreads)
if(RELEVENT_TLS)
  list(APPEND RELEVENT_COMPONENTS openssl)
endif()
set(RELEVENT_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/libevent")

# relevent_install_library(<name> <base name> <runtime component> <targets>): the shared object with
# its soname link, the archive, and the dev link. That does not bear the name CMake would give it,
# libevent_core-2.1.so. <targets> is for relevent_install_targets().
function(relevent_install_library name base runtime targets)
  install(TARGETS ${name} EXPORT ${targets}-shared
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT ${runtime} NAMELINK_SKIP)
  set_target_properties(${name}_static PROPERTIES EXPORT_NAME ${name})
  install(TARGETS ${name}_static EXPORT ${targets}-static
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(FILES "${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/lib${base}.so"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  add_library(libevent::${name} ALIAS ${name})
endfunction()

# relevent_install_targets(<targets>): files of the CMake package that begin with this name and
# describe these libraries; they find them relative to themselves.
function(relevent_install_targets targets)
  foreach(kind IN ITEMS shared static)
    install(EXPORT ${targets}-${kind} NAMESPACE libevent:: DESTINATION "${RELEVENT_CMAKE_DIR}")
  endforeach()
endfunction()

relevent_install_library(event event runtime LibeventTargets)
foreach(component IN LISTS RELEVENT_COMPONENTS)
  relevent_install_library(${component} event_${component} runtime LibeventTargets)
endforeach()
relevent_install_targets(LibeventTargets)

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/" "${PROJECT_BINARY_DIR}/include/"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")
install(PROGRAMS "${PROJECT_SOURCE_DIR}/tools/event_rpcgen.py" DESTINATION "${CMAKE_INSTALL_BINDIR}")

string(REGEX MATCH "^[0-9.]+" RELEVENT_PACKAGE_VERSION "${RELEVENT_COMPAT_VERSION}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/tools/cmake/LibeventConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/package/LibeventConfig.cmake"
  INSTALL_DESTINATION "${RELEVENT_CMAKE_DIR}" PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/LibeventConfigVersion.cmake"
  VERSION "${RELEVENT_PACKAGE_VERSION}" COMPATIBILITY SameMajorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/package/LibeventConfig.cmake"
  "${PROJECT_BINARY_DIR}/package/LibeventConfigVersion.cmake"
  DESTINATION "${RELEVENT_CMAKE_DIR}")

# relevent_install_pc(<name> <description> [REQUIRES <package>] [REQUIRES_PRIVATE <package>]
#   [PRIVATE <flags>]): the pkg-config file of lib<name>. Its prefix is filled in by
#   `cmake --install`, which may be given another one.
function(relevent_install_pc library description)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "REQUIRES;REQUIRES_PRIVATE;PRIVATE" "")
  set(RELEVENT_PREFIX "@RELEVENT_PREFIX@")
  set(RELEVENT_PC_NAME "lib${library}")
  set(RELEVENT_PC_LIBRARY "${library}")
  set(RELEVENT_PC_DESCRIPTION "${description}")
  set(RELEVENT_PC_REQUIRES "${arg_REQUIRES}")
  set(RELEVENT_PC_REQUIRES_PRIVATE "${arg_REQUIRES_PRIVATE}")
  set(RELEVENT_PC_PRIVATE "${arg_PRIVATE}")
  cmake_path(APPEND RELEVENT_PC_LIBDIR "\${prefix}" "${CMAKE_INSTALL_LIBDIR}")
  cmake_path(APPEND RELEVENT_PC_INCLUDEDIR "\${prefix}" "${CMAKE_INSTALL_INCLUDEDIR}")
  set(pattern "${PROJECT_BINARY_DIR}/package/lib${library}.pc.in")
  set(file "${PROJECT_BINARY_DIR}/package/lib${library}.pc")
  configure_file("${PROJECT_SOURCE_DIR}/tools/cmake/libevent.pc.in" "${pattern}" @ONLY)
  install(CODE "
    set(RELEVENT_PREFIX \"\${CMAKE_INSTALL_PREFIX}\")
    configure_file(\"${pattern}\" \"${file}\" @ONLY)")
  install(FILES "${file}" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()

relevent_install_pc(event "Event notification library: core, DNS, HTTP and RPC (relevent)")
relevent_install_pc(event_core "Event notification library: core (relevent)")
relevent_install_pc(event_extra "Event notification library: DNS, HTTP and RPC (relevent)"
  REQUIRES_PRIVATE libevent_core)
relevent_install_pc(event_pthreads "Event notification library: locking by POSIX threads (relevent)"
  REQUIRES libevent)
if(RELEVENT_TLS)
  relevent_install_pc(event_openssl "Event notification library: TLS by OpenSSL (relevent)"
    REQUIRES libevent PRIVATE "-lssl -lcrypto")
endif()
if(RELEVENT_MBEDTLS)
  block()
    set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME mbedtls_development)
    relevent_install_library(mbedtls event_mbedtls mbedtls LibeventTargets-mbedtls)
    relevent_install_targets(LibeventTargets-mbedtls)
    relevent_install_pc(event_mbedtls "Event notification library: TLS by Mbed TLS (relevent)"
      REQUIRES libevent PRIVATE "-lmbedtls -lmbedx509 -lmbedcrypto")
    install(FILES "${PROJECT_SOURCE_DIR}/tools/cmake/FindMbedTLS.cmake"
      DESTINATION "${RELEVENT_CMAKE_DIR}")
  endblock()
endif()
