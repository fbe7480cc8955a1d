// At -O0 the table of an abstract class names the language run-time's handler for pure virtual
// calls, and we link without that run-time. Weak, so that archives can be linked into C++ programs.
#include <cstdlib>

extern "C" __attribute__((weak, visibility("hidden"))) void __cxa_pure_virtual() { std::abort(); }
