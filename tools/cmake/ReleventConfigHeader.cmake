# event2/event-config.h is generated into the build tree: what this system has and how the library
# was built, under the names that programs test.
configure_file("${PROJECT_SOURCE_DIR}/include/event2/event-config.h.in"
  "${PROJECT_BINARY_DIR}/include/event2/event-config.h" @ONLY)
