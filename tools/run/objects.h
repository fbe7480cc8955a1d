// The shared objects of libevent and of relevent: their names, and whose they are.
#pragma once

#include <string>

namespace relevent::run {

// What the names of libevent 2.1's objects end in.
constexpr const char* kSuffix = "-2.1.so.7";

std::string base_name(const std::string& path);

// Whether this is the name of one of libevent's shared objects, of any version.
bool is_libevent(const std::string& path);

// Whether both names lead to one file.
bool is_same_file(const std::string& one, const std::string& other);

// Whether this is one of the objects in relevent's folder, by whatever name.
bool is_ours(const std::string& path, const std::string& folder);

// The folder with relevent's objects: the given one, or that which belongs to this executable.
// Throws Obstacle.
std::string find_libraries(const std::string& given);

}  // namespace relevent::run
