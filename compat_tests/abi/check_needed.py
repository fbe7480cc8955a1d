#!/usr/bin/env python3
"""Checks what the shared objects take from others: libc, and what each is documented to need.

Also their names: soname, versioned file and dev link as Debian's.
"""

import argparse
import os
import pathlib
import re

import abi_tools as abi

# The loader is a part of libc; it gets an entry of its own where thread-local storage needs it.
LIBC = ("libc.so.6", "ld-linux-x86-64.so.2")

# The C++ run-time and the unwinder. __cxa_finalize is libc's and stands in every shared object.
# __cxa_atexit is libc's too, but means a global with a destructor.
FOREIGN = re.compile(r"_Z|__cxa_(?!finalize$)|__gxx_|__gcc_|_Unwind_|__once_proxy|__dynamic_cast")

# Weak, and left undefined by the start-up code of every shared object.
STARTUP = {"_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable", "__gmon_start__",
           "__cxa_finalize"}


def library_path(name, lib_dir):
    """Where the loader would find what a NEEDED entry names."""
    if (lib_dir / name).exists():
        return lib_dir / name
    found = abi.output_of(["gcc", f"-print-file-name={name}"]).strip()
    if not os.path.isabs(found):
        raise abi.ToolError(f"{name}: not found on this system")
    return found


def check_undefined(path, needed):
    """Every undefined symbol must come from a library that is named, and none from libstdc++."""
    provided = STARTUP.copy()
    for name in needed:
        provided |= {s.name for s in
                     abi.dynamic_symbols(library_path(name, path.parent), defined=True)}
    errors = []
    for symbol in sorted(abi.dynamic_symbols(path, defined=False)):
        if FOREIGN.match(symbol.name):
            errors.append(f"{path.name}: {symbol.name} is the C++ run-time's")
        elif symbol.name not in provided:
            errors.append(f"{path.name}: {symbol.name} is in no library that is NEEDED")
    return errors


def check_object(path, an_object):
    section = abi.dynamic_section(path)
    errors = []
    for name in section.get("NEEDED", []):
        if name not in LIBC + an_object.needed:
            errors.append(f"{path.name}: NEEDED {name}")
    if section.get("SONAME") != [an_object.soname]:
        errors.append(f"{path.name}: soname {section.get('SONAME')}, not {an_object.soname}")
    core = [n for n in an_object.needed if "event" in n]
    if not set(core) <= set(section.get("NEEDED", [])) and exports_something(path):
        errors.append(f"{path.name}: does not need {' '.join(core)}")
    return errors + check_undefined(path, section.get("NEEDED", []))


def exports_something(path):
    """An object without functions, as in the beginning, needs no other either."""
    return any(s.is_function for s in abi.dynamic_symbols(path, defined=True))


def check_run_path(lib_dir, objects):
    """What is installed must not look for its libraries in other places than the system does."""
    return [f"{o.soname}: {tag} {value}" for o in objects
            for tag, value in abi.dynamic_section(lib_dir / o.soname).items()
            if tag in ("RPATH", "RUNPATH")]


def check_links(lib_dir, an_object):
    """libevent.so -> libevent-2.1.so.7 -> libevent-2.1.so.7.0.1"""
    file = f"{an_object.soname}.0.1"
    errors = []
    if os.path.realpath(lib_dir / an_object.soname) != os.path.realpath(lib_dir / file):
        errors.append(f"{an_object.soname}: is no link to {file}")
    if os.path.realpath(lib_dir / an_object.dev_link) != os.path.realpath(lib_dir / file):
        errors.append(f"{an_object.dev_link}: does not lead to {file}")
    return errors


def check(lib_dir, objects):
    errors = []
    for an_object in objects:
        path = lib_dir / an_object.soname
        if not path.exists():
            errors.append(f"{path.name}: not built")
            continue
        errors += check_links(lib_dir, an_object) + check_object(path, an_object)
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lib-dir", type=pathlib.Path, required=True)
    parser.add_argument("--objects", nargs="+", default=list(abi.OBJECTS), choices=abi.OBJECTS)
    args = parser.parse_args()
    objects = [abi.OBJECTS[name] for name in args.objects]
    abi.finish("needed", check(args.lib_dir, objects), f"{len(objects)} shared objects")


if __name__ == "__main__":
    abi.main(main)
