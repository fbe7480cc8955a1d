// relevent-run: runs a program that was built for libevent 2.1 on relevent; see relevent-run(1).
#include <fcntl.h>
#include <getopt.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "objects.h"
#include "plan.h"
#include "program.h"
#include "report.h"
#include "watch.h"

namespace relevent::run {
namespace {

constexpr const char* kUsage =
    "usage: relevent-run [-v] [--later] [--lib-dir DIR] PROGRAM [ARGUMENT]...\n"
    "       relevent-run --check [--later] [--lib-dir DIR] PROGRAM\n"
    "Runs a program that was built for libevent 2.1 on relevent.\n"
    "\n"
    "  -c, --check        run nothing; say how the program would get relevent, and whether\n"
    "                     relevent has each function that it imports\n"
    "  -v, --verbose      say on standard error what was chosen, and what is mapped\n"
    "  -l, --later        the program does not need libevent itself, but loads it, or something\n"
    "                     that needs it, while it runs\n"
    "  -d, --lib-dir DIR  where relevent's libraries are, if not where this was installed\n"
    "  -h, --help         print this\n"
    "  -V, --version      print the version of relevent\n"
    "\n"
    "The exit status is the program's; 125, 126 or 127 if relevent-run cannot run it.\n";

struct Options {
  bool check = false;
  bool later = false;
  bool is_verbose = false;
  std::string folder;
};

// An exit status if there is nothing more to do, or else -1.
int parse(int argc, char** argv, Options& options) {
  const option names[] = {{"check", no_argument, nullptr, 'c'},
                          {"verbose", no_argument, nullptr, 'v'},
                          {"later", no_argument, nullptr, 'l'},
                          {"lib-dir", required_argument, nullptr, 'd'},
                          {"help", no_argument, nullptr, 'h'},
                          {"version", no_argument, nullptr, 'V'},
                          {}};
  int letter;
  // What follows the program's name is the program's.
  while ((letter = getopt_long(argc, argv, "+cvld:hV", names, nullptr)) != -1) {
    switch (letter) {
      case 'c':
        options.check = true;
        break;
      case 'v':
        options.is_verbose = true;
        break;
      case 'l':
        options.later = true;
        break;
      case 'd':
        options.folder = optarg;
        break;
      case 'h':
        std::fputs(kUsage, stdout);
        return 0;
      case 'V':
        std::puts("relevent-run " RELEVENT_VERSION_STRING);
        return 0;
      default:
        return kFailed;
    }
  }
  if (optind == argc) {
    std::fputs(kUsage, stderr);
    return kFailed;
  }
  return -1;
}

// What we open must not become a standard file that the program's starter has closed. The program
// finds them closed as they were.
void occupy_standard_files() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(number, F_GETFD) < 0 && open("/dev/null", O_RDWR | O_CLOEXEC) != number) {
      throw Obstacle{kFailed, "/dev/null cannot be opened for a standard file that is closed"};
    }
  }
}

// Comes back only if the program was not run.
int run(const Options& options, char** command) {
  occupy_standard_files();
  const std::string folder = find_libraries(options.folder);
  const Program program = Program::find(command[0]);
  const Plan plan = Plan::make(program, folder, options.later);
  if (options.check) {
    return report(program, plan, folder) ? 0 : 1;
  }
  plan.apply();
  if (options.is_verbose) {
    std::fprintf(stderr, "relevent-run: %s=%s\n", plan.variable.c_str(), plan.value.c_str());
  }
  if (!start_watch({.folder = folder, .objects = plan.objects, .is_verbose = options.is_verbose})) {
    throw Obstacle{kFailed, "there can be no process that looks at the memory map"};
  }
  // In place, so that whoever started us has the program itself: its number, signals and status.
  execv(program.path.c_str(), command);
  throw Obstacle{kCannotRun, program.path + ": " + std::strerror(errno)};
}

}  // namespace
}  // namespace relevent::run

int main(int argc, char** argv) {
  using namespace relevent::run;
  Options options;
  if (const int status = parse(argc, argv, options); status >= 0) {
    return status;
  }
  try {
    return run(options, argv + optind);
  } catch (const Obstacle& obstacle) {
    std::fprintf(stderr, "relevent-run: %s\n", obstacle.text.c_str());
    return obstacle.status;
  }
}
