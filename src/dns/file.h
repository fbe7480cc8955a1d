#pragma once

#include "surface/memory.h"

namespace relevent::dns {

// Reads a regular file whole, with a NUL behind it. Returns an EVDNS_ERROR_* value.
int read_file(const char* path, GrowArray<char>& content);

// Takes the next line out of a text, and ends it with a NUL. Null at the end.
char* next_line(char*& text);
// Takes the next word out of a line; blanks are spaces and tabs. Null at the end.
char* next_word(char*& line);

}  // namespace relevent::dns
