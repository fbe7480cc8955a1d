#!/usr/bin/env python3
"""Builds the libraries afresh with one compiler and optimisation, and checks what came out.

What the C++ compiler leaves behind differs with both: at -O0 nothing is inlined and unused code
stays, at -O2 calls are turned into others. The build directory is kept, so that a second run only
builds what changed.
"""

import argparse
import pathlib

import abi_tools as abi
import check_archives
import check_exports
import check_needed

COMPILERS = {"gcc": ("gcc", "g++"), "clang": ("clang", "clang++")}


def build(source, directory, compiler, optimisation, with_tls):
    c, cxx = COMPILERS[compiler]
    abi.output_of(["cmake", "-G", "Ninja", "-S", source, "-B", directory,
                   f"-DCMAKE_C_COMPILER={c}", f"-DCMAKE_CXX_COMPILER={cxx}",
                   "-DCMAKE_BUILD_TYPE=None", f"-DCMAKE_C_FLAGS=-{optimisation}",
                   f"-DCMAKE_CXX_FLAGS=-{optimisation}", "-DRELEVENT_BUILD_TESTS=OFF",
                   f"-DRELEVENT_TLS={'ON' if with_tls else 'OFF'}"])
    abi.output_of(["cmake", "--build", directory, "-j", "2"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--scratch", type=pathlib.Path, required=True, help="kept between runs")
    parser.add_argument("--compiler", choices=COMPILERS, required=True)
    parser.add_argument("--optimisation", choices=["O0", "O2"], required=True)
    parser.add_argument("--objects", nargs="+", default=list(abi.OBJECTS), choices=abi.OBJECTS)
    parser.add_argument("--reference-lib-dir", type=pathlib.Path, required=True)
    args = parser.parse_args()

    name = f"{args.compiler}-{args.optimisation}"
    directory = args.scratch / name
    build(args.source, directory, args.compiler, args.optimisation,
          with_tls="event_openssl" in args.objects)

    objects, lib_dir = [abi.OBJECTS[name] for name in args.objects], directory / "lib"
    include = [args.source / "include", directory / "include"]
    lists = check_exports.Lists(abi.HERE / "missing", abi.HERE / "additions.txt")
    errors = check_exports.check(lib_dir, args.reference_lib_dir, lists, objects)
    errors += check_needed.check(lib_dir, objects)
    errors += check_archives.check(lib_dir, include, objects)
    abi.finish(f"build {name}", errors, "exports, needed, archives")


if __name__ == "__main__":
    abi.main(main)
