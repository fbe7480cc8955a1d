# Install rules: shared objects, archives, headers, pkg-config files and the CMake package.
