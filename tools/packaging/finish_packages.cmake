# Runs when CPack has gathered the files and before it packs them: archives lose their debug symbols
# (CMake strips shared objects only), manual pages are compressed, as Debian's policy asks, and
# dpkg-shlibdeps is told in which package libevent_mbedtls finds libevent_core.
file(GLOB_RECURSE archives "${CPACK_TEMPORARY_DIRECTORY}/*.a")
foreach(archive IN LISTS archives)
  execute_process(COMMAND "${CPACK_RELEVENT_STRIP}" --strip-debug "${archive}"
    COMMAND_ERROR_IS_FATAL ANY)
endforeach()

file(GLOB_RECURSE pages "${CPACK_TEMPORARY_DIRECTORY}/*.[1-8]")
list(FILTER pages INCLUDE REGEX "/share/man/")
if(pages)
  execute_process(COMMAND gzip -9n ${pages} COMMAND_ERROR_IS_FATAL ANY)
endif()

if(CPACK_RELEVENT_MBEDTLS_NEEDS)
  # CPack takes this folder away when it has asked dpkg-shlibdeps.
  file(WRITE "${CPACK_TEMPORARY_DIRECTORY}/mbedtls/debian/shlibs.local"
    "${CPACK_RELEVENT_MBEDTLS_NEEDS}\n")
endif()
