#!/usr/bin/env python3
"""Installs the build into a directory of its own and uses it from there.

The same files as Debian's packages; then a C program by pkg-config (shared and --static) and by
CMake's find_package (shared and static), each run, with a look at what it was linked to. The same
again, shared, from an installation that was gathered by DESTDIR and moved.
"""

import argparse
import pathlib
import shlex
import tempfile

import abi_tools as abi
import check_exports
import check_needed
import declarations

CALLS = abi.HERE / "calls.c"

# pkg-config packages that a program names together, and the components of the same.
PACKAGES = {
    "libevent": "event",
    "libevent_core": "event_core",
    "libevent_core libevent_extra": "event_extra",
    "libevent_pthreads": "event_pthreads",
    "libevent_openssl": "event_openssl",
    "libevent_mbedtls": "event_mbedtls",
}
# Packages that the reference has not, and those of its own that they are to be like.
MODELS = {"libevent_mbedtls": "libevent_openssl"}
COMPONENTS = {"core": "event_core", "extra": "event_extra", "pthreads": "event_pthreads",
              "openssl": "event_openssl", "mbedtls": "event_mbedtls"}

# What calls.c may call, and from which object; only once it is implemented.
MACROS = {"USE_EXTRA": "evtag_init", "USE_PTHREADS": "evthread_use_pthreads",
          "USE_OPENSSL": "bufferevent_openssl_socket_new",
          "USE_MBEDTLS": "bufferevent_mbedtls_socket_new"}


class Installation:
    def __init__(self, prefix, pkg_config_options=()):
        self.prefix = prefix
        self._pkg_config_options = pkg_config_options
        found = list(prefix.rglob("libevent_core.a"))
        if len(found) != 1:
            raise abi.ToolError(f"no libevent_core.a under {prefix}")
        self.lib_dir = found[0].parent
        self.include = prefix / "include"

    def pkg_config(self, *arguments):
        return reference_pkg_config(*self._pkg_config_options, *arguments,
                                    path=self.lib_dir / "pkgconfig")

    def files(self):
        return {path.relative_to(self.prefix) for path in self.prefix.rglob("*")}

    def macros(self, objects):
        """The macros for calls.c that these objects can serve by now."""
        exported = {s.name for name in objects for s in
                    abi.dynamic_symbols(self.lib_dir / abi.OBJECTS[name].soname, defined=True)}
        return [macro for macro, call in MACROS.items() if call in exported]


def install(build_dir, prefix, destdir=""):
    abi.output_of(["env", f"DESTDIR={destdir}", "cmake", "--install", build_dir,
                   "--prefix", prefix])


def reference_pkg_config(*arguments, path=None):
    where = ["env", f"PKG_CONFIG_LIBDIR={path}"] if path else []
    return shlex.split(abi.output_of([*where, "pkg-config", *arguments]))


def check_files(there, objects):
    """The headers and pkg-config files of libevent-dev; the libraries are checked by name below."""
    headers = declarations.header_names(["/usr/include"])
    files = [there.include / h for h in headers]
    files += [there.lib_dir / "pkgconfig" / f"lib{o.name}.pc" for o in objects]
    return [f"{f.relative_to(there.prefix)}: not installed" for f in files if not f.exists()]


def check_program(program, title, there, linked_to):
    """Runs a program and checks which of our libraries it was linked to, and loads."""
    done = abi.run(["env", f"LD_LIBRARY_PATH={there.lib_dir}", program])
    if done.returncode != 0:
        return [f"{title}: the program fails: {done.stdout}{done.stderr}"]
    needed = {n for n in abi.dynamic_section(program).get("NEEDED", []) if "event" in n}
    if needed != linked_to:
        return [f"{title}: linked to {sorted(needed)}, not {sorted(linked_to)}"]
    return []


def check_pkg_config(there, packages, is_static, directory):
    title = f"pkg-config {'--static ' if is_static else ''}{packages}"
    names, program = packages.split(), directory / "program"
    kind = ["--static"] if is_static else []
    libraries = there.pkg_config("--libs-only-l", *names)
    model = MODELS.get(packages, packages)
    expected = [flag.replace(model.removeprefix("lib"), packages.removeprefix("lib"))
                for flag in reference_pkg_config("--libs-only-l", *model.split())]
    if libraries != expected:
        return [f"{title}: links {libraries}, the reference's {expected}"]
    flags = there.pkg_config(*kind, "--cflags", "--libs", *names)
    objects = {flag[2:] for flag in libraries if flag.startswith("-levent")}
    done = abi.run(["gcc", "-std=c11", "-Wall", "-o", program, *(["-static"] if is_static else []),
                    *(f"-D{macro}" for macro in there.macros(objects)), "-Wl,--no-as-needed", CALLS,
                    *flags])
    if done.returncode != 0:
        return [f"{title}: {done.stderr[-800:]}"]
    linked_to = set() if is_static else {abi.OBJECTS[o].soname for o in objects}
    return check_program(program, title, there, linked_to)


def check_find_package(there, components, is_static, directory):
    title = f"find_package {'static' if is_static else 'shared'}"
    objects = [COMPONENTS[c] for c in components]
    configured = abi.run([
        "cmake", "-G", "Ninja", "-S", abi.HERE / "consumer", "-B", directory,
        f"-DCMAKE_PREFIX_PATH={there.prefix}", f"-DCOMPONENTS={';'.join(components)}",
        f"-DCALLS={CALLS}", f"-DMACROS={';'.join(there.macros(objects))}",
        f"-DLIBEVENT_STATIC_LINK={'ON' if is_static else 'OFF'}",
        "-DCMAKE_EXE_LINKER_FLAGS=-Wl,--no-as-needed"])
    if configured.returncode != 0:
        return [f"{title}: {configured.stderr[-800:]}"]
    built = abi.run(["cmake", "--build", directory])
    if built.returncode != 0:
        return [f"{title}: {built.stdout[-800:]}"]
    linked_to = set() if is_static else {abi.OBJECTS[o].soname for o in objects}
    return [error for name in ("by_target", "by_variable") for error in
            check_program(directory / name, f"{title}, {name}", there, linked_to)]


def check_moved(build_dir, original, directory):
    """DESTDIR gathers the same files, for the prefix that is named; moved, they still serve."""
    stage, prefix, moved = directory / "stage", pathlib.Path("/opt/relevent"), directory / "moved"
    install(build_dir, prefix, destdir=stage)
    (stage / prefix.relative_to("/")).rename(moved)
    there = Installation(moved, [f"--define-variable=prefix={moved}"])
    errors = [f"DESTDIR: {path} is not in both installations"
              for path in sorted(original.files() ^ there.files())]
    stated = Installation(moved).pkg_config("--variable=prefix", "libevent")
    if stated != [str(prefix)]:
        errors.append(f"DESTDIR: the prefix is {stated}, not {prefix}")
    errors += check_pkg_config(there, "libevent", False, directory)
    return errors + check_find_package(there, ["core", "extra"], False, directory / "consumer-moved")


def check(build_dir, reference_lib_dir, objects, directory):
    install(build_dir, directory / "prefix")
    there = Installation(directory / "prefix")
    lists = check_exports.Lists(abi.HERE / "missing", abi.HERE / "additions.txt")
    errors = check_files(there, objects)
    errors += check_needed.check(there.lib_dir, objects)
    errors += check_needed.check_run_path(there.lib_dir, objects)
    errors += check_exports.check(there.lib_dir, reference_lib_dir, lists, objects)
    names = {o.name for o in objects}
    components = [c for c, name in COMPONENTS.items() if name in names]
    for is_static in (False, True):
        for packages, name in PACKAGES.items():
            if name in names:
                errors += check_pkg_config(there, packages, is_static, directory)
        errors += check_find_package(there, components, is_static,
                                     directory / f"consumer{is_static}")
    return errors + check_moved(build_dir, there, directory)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build-dir", type=pathlib.Path, required=True)
    parser.add_argument("--reference-lib-dir", type=pathlib.Path, required=True)
    parser.add_argument("--objects", nargs="+", default=list(abi.OBJECTS), choices=abi.OBJECTS)
    args = parser.parse_args()
    objects = [abi.OBJECTS[name] for name in args.objects]
    with tempfile.TemporaryDirectory() as directory:
        errors = check(args.build_dir, args.reference_lib_dir, objects, pathlib.Path(directory))
    abi.finish("install", errors, "pkg-config and CMake, shared and static, moved")


if __name__ == "__main__":
    abi.main(main)
