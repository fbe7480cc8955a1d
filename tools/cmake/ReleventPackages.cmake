# Debian packages, made by CPack (see tools/package): what is in each, and what it says of itself.
#
#   component            package               holds
#   beside               relevent              the shared objects in their own folder, relevent-run
#   runtime              relevent-libevent     the shared objects in the place of libevent's
#   development          relevent-dev          headers, archives, pkg-config files, CMake package
#   mbedtls              relevent-mbedtls      libevent_mbedtls: no package of libevent's has it
#   mbedtls_development  relevent-mbedtls-dev  its archive, pkg-config file and CMake targets
#   symbols              relevent-dbgsym       the debug symbols of the shared objects
#
# What only packages have is not installed by `cmake --install`.
set(RELEVENT_PACKAGING_DIR "${PROJECT_SOURCE_DIR}/tools/packaging")
set(RELEVENT_PACKAGE_REVISION 1)
set(RELEVENT_DEB_VERSION "${PROJECT_VERSION}-${RELEVENT_PACKAGE_REVISION}")
# The version of libevent's packages that ours stand for; programs depend on one at least as old.
set(RELEVENT_DEB_COMPAT_VERSION "${RELEVENT_COMPAT_VERSION}-8")

# Where relevent-run looks first. libevent_mbedtls is not there: a program that needs it was built
# with relevent's packages, and depends on the one that has it.
set(RELEVENT_BESIDE_DIR "${CMAKE_INSTALL_FULL_LIBDIR}/relevent")
foreach(component IN ITEMS event ${RELEVENT_COMPONENTS})
  install(TARGETS ${component} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/relevent"
    COMPONENT beside NAMELINK_SKIP EXCLUDE_FROM_ALL)
  list(APPEND RELEVENT_PACKAGED_OBJECTS "$<TARGET_FILE:${component}>")
endforeach()
if(RELEVENT_MBEDTLS)
  list(APPEND RELEVENT_PACKAGED_OBJECTS "$<TARGET_FILE:mbedtls>")
endif()

install(CODE "
  set(CMAKE_OBJCOPY \"${CMAKE_OBJCOPY}\")
  set(CMAKE_READELF \"${CMAKE_READELF}\")
  set(RELEVENT_OBJECTS \"${RELEVENT_PACKAGED_OBJECTS}\")"
  COMPONENT symbols EXCLUDE_FROM_ALL)
install(SCRIPT "${RELEVENT_PACKAGING_DIR}/install_symbols.cmake"
  COMPONENT symbols EXCLUDE_FROM_ALL)

# relevent_package(<component> <name> SECTION <section> DESCRIPTION <line>... [SHLIBDEPS]
#   [DEPENDS <packages>] [SUGGESTS <packages>] [REPLACES <packages>] [PROVIDES <packages>]
#   [CONTROL <file>...])
# Who replaces a package conflicts with it too: both have the same files.
function(relevent_package component name)
  cmake_parse_arguments(PARSE_ARGV 2 arg "SHLIBDEPS" "SECTION;DEPENDS;SUGGESTS;REPLACES;PROVIDES"
    "DESCRIPTION;CONTROL")
  string(TOUPPER "${component}" key)
  list(JOIN arg_DESCRIPTION "\n" description)
  set(CPACK_COMPONENT_${key}_DESCRIPTION "${description}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_NAME "${name}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_SECTION "${arg_SECTION}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_SHLIBDEPS "${arg_SHLIBDEPS}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_DEPENDS "${arg_DEPENDS}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_SUGGESTS "${arg_SUGGESTS}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_CONFLICTS "${arg_REPLACES}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_REPLACES "${arg_REPLACES}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_PROVIDES "${arg_PROVIDES}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_CONTROL_EXTRA "${arg_CONTROL}" PARENT_SCOPE)
  set(CPACK_COMPONENTS_ALL ${CPACK_COMPONENTS_ALL} ${component} PARENT_SCOPE)

  install(FILES "${RELEVENT_PACKAGING_DIR}/copyright"
    "${PROJECT_BINARY_DIR}/package/changelog.Debian.gz"
    DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/doc/${name}" COMPONENT ${component} EXCLUDE_FROM_ALL)
endfunction()

file(STRINGS "${RELEVENT_PACKAGING_DIR}/changelog" newest LIMIT_COUNT 1)
string(FIND "${newest}" "(${RELEVENT_DEB_VERSION})" position)
if(position EQUAL -1)
  message(FATAL_ERROR "relevent: tools/packaging/changelog lacks ${RELEVENT_DEB_VERSION}")
endif()
# Without the time of day (-n): the same source gives the same packages.
execute_process(COMMAND gzip -9nc "${RELEVENT_PACKAGING_DIR}/changelog"
  OUTPUT_FILE "${PROJECT_BINARY_DIR}/package/changelog.Debian.gz" COMMAND_ERROR_IS_FATAL ANY)

set(replaced "libevent-${RELEVENT_ABI}-${RELEVENT_SOVERSION}")
foreach(component IN LISTS RELEVENT_COMPONENTS)
  list(APPEND replaced "libevent-${component}-${RELEVENT_ABI}-${RELEVENT_SOVERSION}")
endforeach()
list(TRANSFORM replaced APPEND " (= ${RELEVENT_DEB_COMPAT_VERSION})" OUTPUT_VARIABLE provided)
list(JOIN replaced ", " replaced)
list(JOIN provided ", " provided)

# relevent_shlibs(<package> <component>...): writes what packages that were built with these objects
# depend on; they may use additions of ours. Sets <package>_SHLIBS to the file.
function(relevent_shlibs package)
  set(lines)
  foreach(component IN LISTS ARGN)
    get_target_property(object ${component} OUTPUT_NAME)
    string(APPEND lines "lib${object} ${RELEVENT_SOVERSION} ${package} (>= ${PROJECT_VERSION})\n")
  endforeach()
  # dpkg wants the file by this name.
  set(file "${PROJECT_BINARY_DIR}/package/${package}/shlibs")
  file(WRITE "${file}" "${lines}")
  set(${package}_SHLIBS "${file}" PARENT_SCOPE)
endfunction()

relevent_package(beside relevent SECTION libs SHLIBDEPS
  DESCRIPTION "run programs on relevent instead of libevent"
    "relevent is a drop-in replacement for libevent 2.1, an event notification"
    "library. This package puts it beside the system's libevent, which stays as"
    "it is: relevent-run starts a single program on relevent.")
relevent_shlibs(relevent-libevent event ${RELEVENT_COMPONENTS})
relevent_package(runtime relevent-libevent SECTION libs SHLIBDEPS
  REPLACES "${replaced}" PROVIDES "${provided}"
  # CPack adds scripts that call ldconfig; the trigger is what Debian's policy asks for.
  CONTROL "${RELEVENT_PACKAGING_DIR}/triggers" "${relevent-libevent_SHLIBS}"
  DESCRIPTION "event notification library, in the place of libevent"
    "relevent is a drop-in replacement for libevent 2.1, an event notification"
    "library. This package takes the place of libevent's packages: all programs"
    "of the system that use libevent run on relevent.")
relevent_package(development relevent-dev SECTION libdevel
  DEPENDS "relevent-libevent (= ${RELEVENT_DEB_VERSION}), python3" SUGGESTS libssl-dev
  REPLACES libevent-dev PROVIDES "libevent-dev (= ${RELEVENT_DEB_COMPAT_VERSION})"
  DESCRIPTION "event notification library (development files)"
    "relevent is a drop-in replacement for libevent 2.1, an event notification"
    "library. This package has its headers, its archives, and its files for"
    "pkg-config and CMake, in the place of libevent's.")
if(RELEVENT_MBEDTLS)
  relevent_shlibs(relevent-mbedtls mbedtls)
  # For finish_packages.cmake: the libevent_core that it needs has to be ours, and of this version.
  get_target_property(core core OUTPUT_NAME)
  set(CPACK_RELEVENT_MBEDTLS_NEEDS
    "lib${core} ${RELEVENT_SOVERSION} relevent-libevent (= ${RELEVENT_DEB_VERSION})")
  relevent_package(mbedtls relevent-mbedtls SECTION libs SHLIBDEPS
    CONTROL "${RELEVENT_PACKAGING_DIR}/triggers" "${relevent-mbedtls_SHLIBS}"
    DESCRIPTION "event notification library, TLS by Mbed TLS"
      "relevent is a drop-in replacement for libevent 2.1, an event notification"
      "library. This package has TLS connections by Mbed TLS, for programs that use"
      "that instead of OpenSSL.")
  set(this_version "(= ${RELEVENT_DEB_VERSION})")
  relevent_package(mbedtls_development relevent-mbedtls-dev SECTION libdevel
    DEPENDS "relevent-mbedtls ${this_version}, relevent-dev ${this_version}, libmbedtls-dev"
    DESCRIPTION "event notification library, TLS by Mbed TLS (development files)"
      "relevent is a drop-in replacement for libevent 2.1, an event notification"
      "library. This package has what relevent-dev has not, because it needs Mbed"
      "TLS: the archive, and files for pkg-config and CMake.")
endif()
relevent_package(symbols relevent-dbgsym SECTION debug
  DEPENDS "relevent (= ${RELEVENT_DEB_VERSION}) | relevent-libevent (= ${RELEVENT_DEB_VERSION})"
  DESCRIPTION "debug symbols for relevent"
    "The symbols of the shared objects in relevent and relevent-libevent, which"
    "are the same; debuggers find them by themselves.")

set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
# The pkg-config files say the prefix for which they are installed, not where CPack gathers files.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_RELEVENT_STRIP "${CMAKE_STRIP}")
set(CPACK_PRE_BUILD_SCRIPTS "${RELEVENT_PACKAGING_DIR}/finish_packages.cmake")
set(CPACK_PACKAGE_CONTACT "The relevent authors <relevent@packages.invalid>")
# Each description begins with a summary of its own.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${RELEVENT_PACKAGE_REVISION})
set(CPACK_DEBIAN_PACKAGE_SOURCE relevent)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
# An object in the first folder that needs another of ours is no reason to depend on libevent's
# package. In the second is the libevent_core for libevent_mbedtls.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS
  "${RELEVENT_BESIDE_DIR}" "${CMAKE_LIBRARY_OUTPUT_DIRECTORY}")
include(CPack)
