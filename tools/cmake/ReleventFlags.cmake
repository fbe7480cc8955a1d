# Compiler flags. `relevent_library_flags` is for the code that ends in the shared objects: it may
# leave no libstdc++ symbol behind. `relevent_warnings` is for everything.
add_library(relevent_warnings INTERFACE)
target_compile_options(relevent_warnings INTERFACE
  -Wall -Wextra -Wshadow
  $<$<COMPILE_LANGUAGE:CXX>:-Wconversion>
  $<$<BOOL:${RELEVENT_WERROR}>:-Werror>)

add_library(relevent_library_flags INTERFACE)
target_compile_options(relevent_library_flags INTERFACE
  -fvisibility=hidden
  # Callers may throw through us and asynchronous unwinders may walk us.
  -fasynchronous-unwind-tables
  $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti -fno-threadsafe-statics -fvisibility-inlines-hidden>
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wthread-safety>)
# RELEVENT_BUILDING: the public headers mark what they declare as exported.
target_compile_definitions(relevent_library_flags INTERFACE _GNU_SOURCE RELEVENT_BUILDING)
target_include_directories(relevent_library_flags INTERFACE
  "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/include")
target_link_libraries(relevent_library_flags INTERFACE relevent_warnings)

# Calls between the layers are inlined when a shared object is linked. Archives hold plain machine code
# only, which any compiler can link.
option(RELEVENT_LTO "Optimize the shared objects as a whole" ON)
if(RELEVENT_LTO AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT RELEVENT_SANITIZE
    AND CMAKE_BUILD_TYPE MATCHES "^Rel")
  set(RELEVENT_LTO_ACTIVE ON)
  target_compile_options(relevent_library_flags INTERFACE -flto -ffat-lto-objects)
endif()

if(RELEVENT_SANITIZE)
  add_compile_options(-fsanitize=${RELEVENT_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${RELEVENT_SANITIZE})
  if(RELEVENT_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  if(RELEVENT_SANITIZE MATCHES "thread")
    # Without threads there is nothing for it to find.
    set(RELEVENT_TEST_SPEC "[threads]")
  endif()
endif()
