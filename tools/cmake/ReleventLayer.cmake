# A layer is a folder under src/. Its objects are compiled once, position independent, and go into
# every shared object and archive that holds the layer.

# relevent_add_layers(<folder>...): descend into each folder.
function(relevent_add_layers)
  foreach(layer IN LISTS ARGN)
    if(EXISTS "${PROJECT_SOURCE_DIR}/src/${layer}/CMakeLists.txt")
      add_subdirectory("src/${layer}")
    endif()
  endforeach()
endfunction()

# relevent_layer(<folder> SOURCES ... TESTS ... [LINK ...])
#   SOURCES  the layer's .cpp files; none for a layer of headers only
#   TESTS    unit tests (Catch2), which are linked statically into the program `unit_tests`
#   LINK     what the sources are compiled against besides libc
function(relevent_layer layer)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;TESTS;LINK")
  string(REPLACE "/" "_" name "${layer}")
  if(arg_SOURCES)
    add_library(relevent_${name} OBJECT ${arg_SOURCES})
    set_target_properties(relevent_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_link_libraries(relevent_${name} PRIVATE relevent_library_flags ${arg_LINK})
    set_property(GLOBAL APPEND PROPERTY RELEVENT_UNIT_OBJECTS relevent_${name})
    set_property(GLOBAL APPEND PROPERTY RELEVENT_UNIT_LINK ${arg_LINK})
  endif()
  list(TRANSFORM arg_TESTS PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
  set_property(GLOBAL APPEND PROPERTY RELEVENT_UNIT_TESTS ${arg_TESTS})
endfunction()

# relevent_layer_objects(<variable> <folder>...): the object libraries of these layers that exist.
function(relevent_layer_objects out)
  set(objects)
  foreach(layer IN LISTS ARGN)
    string(REPLACE "/" "_" name "${layer}")
    if(TARGET relevent_${name})
      list(APPEND objects $<TARGET_OBJECTS:relevent_${name}>)
    endif()
  endforeach()
  set(${out} "${objects}" PARENT_SCOPE)
endfunction()

# relevent_select_tests(<variable of files>): under the thread sanitizer only files that have threaded
# cases are worth the time that they take to compile.
function(relevent_select_tests variable)
  if(NOT RELEVENT_TEST_SPEC)
    return()
  endif()
  set(selected)
  foreach(file IN LISTS ${variable})
    file(STRINGS "${file}" cases REGEX "\\[threads\\]")
    if(cases)
      list(APPEND selected "${file}")
    endif()
  endforeach()
  set(${variable} "${selected}" PARENT_SCOPE)
endfunction()

# relevent_unit_tests(): one program of all layers' objects and unit tests.
function(relevent_unit_tests)
  get_property(tests GLOBAL PROPERTY RELEVENT_UNIT_TESTS)
  get_property(layers GLOBAL PROPERTY RELEVENT_UNIT_OBJECTS)
  get_property(link GLOBAL PROPERTY RELEVENT_UNIT_LINK)
  relevent_select_tests(tests)
  if(NOT tests)
    return()
  endif()
  find_package(Catch2 2.13 REQUIRED)
  include(Catch)
  find_package(Threads REQUIRED)
  set(objects)
  foreach(layer IN LISTS layers)
    list(APPEND objects $<TARGET_OBJECTS:${layer}>)
  endforeach()
  add_executable(unit_tests ${tests} ${objects})
  target_precompile_headers(unit_tests PRIVATE <catch2/catch.hpp>)
  target_include_directories(unit_tests PRIVATE
    "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/include")
  target_compile_definitions(unit_tests PRIVATE _GNU_SOURCE)
  if(RELEVENT_LTO_ACTIVE)
    target_link_options(unit_tests PRIVATE -fno-lto)
  endif()
  # Catch2's macros take long to optimize, most of all when they are instrumented.
  target_compile_options(unit_tests PRIVATE -O0)
  if(RELEVENT_SANITIZE MATCHES "undefined")
    # The library has no RTTI, which this check takes for a wrong object.
    target_compile_options(unit_tests PRIVATE -fno-sanitize=vptr)
  endif()
  target_link_libraries(unit_tests PRIVATE
    relevent_warnings Catch2::Catch2WithMain Threads::Threads ${link})
  catch_discover_tests(unit_tests TEST_PREFIX "unit:" TEST_SPEC ${RELEVENT_TEST_SPEC}
    EXTRA_ARGS -w NoTests
    PROPERTIES TIMEOUT 60 LABELS unit)
endfunction()
