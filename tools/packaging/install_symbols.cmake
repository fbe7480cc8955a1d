# Puts the debug symbols of RELEVENT_OBJECTS where debuggers look for them: by the build-id, which
# stripping leaves alone.
foreach(object IN LISTS RELEVENT_OBJECTS)
  execute_process(COMMAND "${CMAKE_READELF}" -n "${object}" OUTPUT_VARIABLE notes
    COMMAND_ERROR_IS_FATAL ANY)
  if(NOT notes MATCHES "Build ID: ([0-9a-f][0-9a-f])([0-9a-f]+)")
    message(FATAL_ERROR "relevent: ${object} has no build-id")
  endif()
  set(folder "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/debug/.build-id/${CMAKE_MATCH_1}")
  set(file "${folder}/${CMAKE_MATCH_2}.debug")
  file(MAKE_DIRECTORY "${folder}")
  execute_process(
    COMMAND "${CMAKE_OBJCOPY}" --only-keep-debug --compress-debug-sections "${object}" "${file}"
    COMMAND_ERROR_IS_FATAL ANY)
  file(CHMOD "${file}" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endforeach()
