// Text in the forms that URIs and HTML need. What is returned is a block of the library's memory
// with a NUL behind the text; null if there is no memory.
#pragma once

#include <cstddef>
#include <string_view>

#include "surface/memory.h"

namespace relevent::http {

// Percent-encodes all but the unreserved characters of RFC 3986; a space may become '+'.
OwnedString percent_encode(std::string_view text, bool space_to_plus);

// Where a '+' stands for a space.
enum class Plus { kNowhere, kInQuery, kEverywhere };

// Decodes percent-encoded bytes into `out`, which has room for text.size() bytes, and returns how
// many it has written. A percent sign that no two hexadecimal digits follow stays.
std::size_t percent_decode(std::string_view text, Plus plus, char* out);

// The same into a new block; `length` is set on success.
OwnedString percent_decode(std::string_view text, Plus plus, std::size_t& length);

// Writes the characters that mean something in HTML as references.
OwnedString escape_html(std::string_view text);

}  // namespace relevent::http
