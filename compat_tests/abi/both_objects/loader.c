/* A program that knows nothing of libevent loads a module that uses it, as a plug-in would. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char** argv) {
  int (*check)(const char*);
  void* module;
  if (argc != 3) {
    printf("usage: %s <module> <directory of the libraries>\n", argv[0]);
    return 2;
  }
  module = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (module == NULL) {
    printf("%s\n", dlerror());
    return 1;
  }
  *(void**)&check = dlsym(module, "check_both_objects");
  return check == NULL || check(argv[2]) != 0;
}
