# relevent_library(<name> OUTPUT <base name> LAYERS ... [NEEDS <name>...] [LINK ...])
#   Makes the shared object lib<base name>-2.1.so.7 (target `<name>`), the archive lib<base name>.a
#   (target `<name>_static`) and the dev link lib<base name>.so.
# Both are linked by the C driver, so that no libstdc++ can slip in, and a version script hides
# everything but the C API and the private C surface between our own objects.
function(relevent_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OUTPUT" "LAYERS;NEEDS;LINK")
  relevent_layer_objects(objects ${arg_LAYERS})
  set(exports "${PROJECT_SOURCE_DIR}/src/api/exports.map")

  add_library(${name} SHARED ${objects} "${PROJECT_SOURCE_DIR}/src/api/ident.c")
  set_target_properties(${name} PROPERTIES
    OUTPUT_NAME "${arg_OUTPUT}-${RELEVENT_ABI}"
    SOVERSION ${RELEVENT_SOVERSION}
    VERSION ${RELEVENT_SOFILE}
    LINKER_LANGUAGE C
    LINK_DEPENDS "${exports}")
  target_link_options(${name} PRIVATE "LINKER:--version-script=${exports}")
  if(NOT RELEVENT_SANITIZE)
    target_link_options(${name} PRIVATE LINKER:-z,defs LINKER:--as-needed)
  endif()

  add_library(${name}_static STATIC ${objects} "${PROJECT_SOURCE_DIR}/src/api/ident.c")
  set_target_properties(${name}_static PROPERTIES
    OUTPUT_NAME "${arg_OUTPUT}" LINKER_LANGUAGE C)

  if(RELEVENT_LTO_ACTIVE)
    target_link_options(${name} PRIVATE -flto=auto)
    add_custom_command(TARGET ${name}_static POST_BUILD
      COMMAND "${CMAKE_OBJCOPY}" --remove-section=.gnu.lto_* --remove-section=.gnu.debuglto_*
        "$<TARGET_FILE:${name}_static>"
      VERBATIM)
  endif()

  foreach(target IN ITEMS ${name} ${name}_static)
    target_compile_definitions(${target} PRIVATE RELEVENT_VERSION_STRING="${PROJECT_VERSION}")
    target_include_directories(${target} INTERFACE
      "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
      "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>"
      "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  endforeach()
  target_link_libraries(${name} PRIVATE ${arg_LINK})
  target_link_libraries(${name}_static PUBLIC ${arg_LINK})
  foreach(needed IN LISTS arg_NEEDS)
    target_link_libraries(${name} PUBLIC ${needed})
    target_link_libraries(${name}_static PUBLIC ${needed}_static)
  endforeach()

  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND "${CMAKE_COMMAND}" -E create_symlink
      "$<TARGET_FILE_NAME:${name}>" "${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/lib${arg_OUTPUT}.so"
    VERBATIM)
endfunction()
