# Mbed TLS, whose release 2.28 brings no CMake package: sets MbedTLS_FOUND, MbedTLS_VERSION, and the
# targets MbedTLS::mbedtls, MbedTLS::mbedx509 and MbedTLS::mbedcrypto.
#
# It is installed too, for programs that link the archive libevent_mbedtls.a.
find_path(MbedTLS_INCLUDE_DIR mbedtls/ssl.h)
mark_as_advanced(MbedTLS_INCLUDE_DIR)
if(MbedTLS_INCLUDE_DIR)
  file(STRINGS "${MbedTLS_INCLUDE_DIR}/mbedtls/version.h" _mbedtls_version
    REGEX "MBEDTLS_VERSION_STRING +\"")
  string(REGEX MATCH "[0-9.]+" MbedTLS_VERSION "${_mbedtls_version}")
  unset(_mbedtls_version)
endif()

set(_mbedtls_parts mbedcrypto mbedx509 mbedtls)  # each needs those before it
foreach(_mbedtls_part IN LISTS _mbedtls_parts)
  find_library(MbedTLS_${_mbedtls_part}_LIBRARY ${_mbedtls_part})
  mark_as_advanced(MbedTLS_${_mbedtls_part}_LIBRARY)
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MbedTLS
  REQUIRED_VARS MbedTLS_mbedtls_LIBRARY MbedTLS_mbedx509_LIBRARY MbedTLS_mbedcrypto_LIBRARY
    MbedTLS_INCLUDE_DIR
  VERSION_VAR MbedTLS_VERSION HANDLE_VERSION_RANGE)

if(MbedTLS_FOUND)
  set(_mbedtls_below)
  foreach(_mbedtls_part IN LISTS _mbedtls_parts)
    if(NOT TARGET MbedTLS::${_mbedtls_part})
      add_library(MbedTLS::${_mbedtls_part} UNKNOWN IMPORTED)
      set_target_properties(MbedTLS::${_mbedtls_part} PROPERTIES
        IMPORTED_LOCATION "${MbedTLS_${_mbedtls_part}_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${MbedTLS_INCLUDE_DIR}"
        INTERFACE_LINK_LIBRARIES "${_mbedtls_below}")
    endif()
    list(PREPEND _mbedtls_below MbedTLS::${_mbedtls_part})
  endforeach()
  unset(_mbedtls_below)
endif()
unset(_mbedtls_part)
unset(_mbedtls_parts)
