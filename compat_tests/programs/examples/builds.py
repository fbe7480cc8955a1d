"""Compiles the examples that libevent-dev ships, where they lie, on relevent and on the reference."""

import dataclasses
import os
import pathlib
import shlex
import shutil
import subprocess

from libevent import REFERENCE_DIR, Libevent, check, clean_environment

EXAMPLES_DIR = pathlib.Path("/usr/share/doc/libevent-dev/examples")
CONSUMER = pathlib.Path(__file__).parent / "consumer"
SYSTEM_HEADERS = pathlib.Path("/usr/include")
# Stand for headers of libevent's source tree that programs include.
ABSENT_HEADERS = pathlib.Path(__file__).parent / "absent"
ABSENT_FOLDERS = (ABSENT_HEADERS, ABSENT_HEADERS / "sample")
# One of them is from the days of an older OpenSSL.
WARNINGS = ("-Wall", "-Werror", "-Wno-deprecated-declarations")
# What needs more than the core.
TLS_PROGRAMS = {"https-client", "le-proxy"}
# What a program has besides the source of its name.
MORE_SOURCES = {"https-client": ["hostcheck", "openssl_hostname_validation"]}


@dataclasses.dataclass
class Build:
    """The programs as compiled in one way, and the library that they run on."""

    name: str
    folder: pathlib.Path
    lib_dir: pathlib.Path
    needs_library_path: bool = True

    def libevent(self, program):
        mode = "reference" if self.lib_dir == REFERENCE_DIR else "relevent-path"
        return Libevent(mode, self.lib_dir, self.folder / program)

    def environment(self, program):
        libevent = self.libevent(program)
        return libevent.environment() if self.needs_library_path else clean_environment()


def output_of(*command, **settings):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          env=clean_environment() | settings)
    check(done.returncode == 0, f"{shlex.join(map(str, command))}:\n{done.stdout}{done.stderr}")
    return done.stdout


def all_builds(programs, build_dir, scratch):
    prefix = scratch / "prefix"
    output_of("cmake", "--install", build_dir, "--prefix", prefix)
    lib_dir = next(prefix.rglob("libevent_core.so")).parent
    reference = by_pkg_config("the reference by pkg-config", programs, scratch / "reference")
    return [
        reference,
        Build("built on the reference, run on relevent", reference.folder, lib_dir),
        by_pkg_config("relevent by pkg-config", programs, scratch / "pkg-config", prefix, lib_dir),
        by_find_package("relevent by find_package", programs, scratch / "find-package", prefix,
                        lib_dir),
    ]


def by_pkg_config(name, programs, folder, prefix=None, lib_dir=REFERENCE_DIR):
    folder.mkdir()
    settings = {"PKG_CONFIG_LIBDIR": str(lib_dir / "pkgconfig")}
    for program in programs:
        is_tls = program in TLS_PROGRAMS
        package = "libevent_openssl" if is_tls else "libevent"
        needed = shlex.split(output_of("pkg-config", "--cflags", "--libs", package, **settings))
        needed += ["-lssl", "-lcrypto"] if is_tls else []
        found = ""
        for part in (*MORE_SOURCES.get(program, []), program):
            dependencies = folder / f"{part}.d"
            output_of("cc", *WARNINGS, "-MD", "-MF", dependencies, "-c",
                      "-o", folder / f"{part}.o", EXAMPLES_DIR / f"{part}.c",
                      *(f"-I{folder}" for folder in ABSENT_FOLDERS), *needed)
            found += dependencies.read_text()
        objects = [folder / f"{part}.o" for part in (program, *MORE_SOURCES.get(program, []))]
        output_of("cc", "-o", folder / program, *objects, *needed)
        check_headers(name, found, prefix)
    return Build(name, folder, lib_dir)


def by_find_package(name, programs, folder, prefix, lib_dir):
    output_of("cmake", "-G", "Ninja", "-S", CONSUMER, "-B", folder,
              f"-DCMAKE_C_FLAGS={' '.join(WARNINGS)}",
              f"-DCMAKE_PREFIX_PATH={prefix}", f"-DEXAMPLES_DIR={EXAMPLES_DIR}",
              f"-DPROGRAMS={';'.join(programs)}",
              f"-DTLS_PROGRAMS={';'.join(TLS_PROGRAMS)}",
              f"-DABSENT_FOLDERS={';'.join(map(str, ABSENT_FOLDERS))}")
    output_of("cmake", "--build", folder)
    check_headers(name, output_of(shutil.which("ninja"), "-C", folder, "-t", "deps"), prefix)
    # The path to the library is in the programs, as CMake leaves them in a build tree.
    return Build(name, folder, lib_dir, needs_library_path=False)


def check_headers(name, dependencies, prefix):
    """All of libevent's headers come from the prefix, or all from the system."""
    found = {os.path.realpath(word) for word in dependencies.split()
             if "/event2/" in word or pathlib.Path(word).name in ("event.h", "evutil.h")}
    check(found, f"{name}: no header of libevent was read")
    wanted = prefix.resolve() / "include" if prefix else SYSTEM_HEADERS
    foreign = [path for path in found if not path.startswith(f"{wanted}/")]
    check(not foreign, f"{name}: headers from elsewhere: {foreign}")
