#!/usr/bin/env python3
"""Compares what each shared object and archive exports with the reference's.

Every function of the reference whose name has no trailing underscore must be there, unversioned,
except those that missing/<part>.txt lists; and what those lists name must really be missing, so
that they can only shrink. So must be the data that programs use though no header declares it. Of an
object that the reference has not, additions.txt has all. Beyond that an object may export relevent_*
and what additions.txt names. With --update, entries of missing/ that are now exported are removed.
"""

import argparse
import pathlib

import abi_tools as abi
import declarations

# Helpers of the reference's hash table that leaked out; nothing calls them.
NOT_REQUIRED_PREFIX = "event_debug_map_HT_"
OWN_PREFIX = "relevent_"

# Data that programs use: libverto's module for libevent shares the base of the 1.4 API.
REQUIRED_DATA = {"event_global_current_base_"}

# Code that has no libstdc++ must bring this itself, hidden: what runs if a pure virtual function is
# called.
OWN_STUBS = {"__cxa_pure_virtual"}


def required_names(reference_object):
    """What the reference's object exports and ours must."""
    symbols = abi.dynamic_symbols(reference_object, defined=True)
    if any(s.name.startswith(OWN_PREFIX) for s in symbols):
        raise abi.ToolError(f"{reference_object} is relevent itself, not the reference")
    return {s.name for s in symbols if s.name in REQUIRED_DATA or (
        s.is_function and not s.name.endswith("_")
        and not s.name.startswith(NOT_REQUIRED_PREFIX))}


def compare(where, exported, required, additions, missing):
    """The findings for one object: exported is a set of names, the others say what it should be."""
    def finding(names, what):
        return [f"{where}: {what}: {' '.join(sorted(names))}"] if names else []

    stray = {n for n in exported - required - additions if not n.startswith(OWN_PREFIX)}
    return (finding(required - exported - missing, "not exported")
            + finding(exported & missing, "exported, so take it off the list of missing names")
            + finding(stray, "exported, but the reference has no such function"))


def check_shared(path, required, additions, missing):
    symbols = abi.dynamic_symbols(path, defined=True)
    errors = compare(path.name, {s.name for s in symbols}, required, additions, missing)
    errors += [f"{path.name}: {s.name} is exported as data, not as a function" for s in symbols
               if s.name in (required | additions) - REQUIRED_DATA and not s.is_function]
    errors += [f"{path.name}: {s.name} has the version {s.version}" for s in symbols if s.version]
    return errors


def check_archive(path, required, additions, missing):
    """An archive must define the same. What C++ shares between objects is allowed: it is hidden or
    weak, and mangled, so it meets no name of the program's."""
    def is_internal(symbol):
        if symbol.name.startswith("_Z"):
            return symbol.binding != "GLOBAL" or symbol.visibility == "HIDDEN"
        return symbol.name in OWN_STUBS and symbol.visibility == "HIDDEN"

    names = {s.name for s in abi.archive_symbols(path) if s.defined and not is_internal(s)}
    return compare(path.name, names, required, additions, missing)


def check_same_surface(lib_dir):
    """libevent exports what core and extra do, private names too. If a name were in core alone, a
    call of it would end up in core, and so in a second copy of the state."""
    names = {}
    for name in ("event_core", "event_extra", "event"):
        path = lib_dir / abi.OBJECTS[name].soname
        if not path.exists():
            return []
        names[name] = {s.name for s in abi.dynamic_symbols(path, defined=True)}
    different = names["event"] ^ (names["event_core"] | names["event_extra"])
    if not different:
        return []
    return ["exported by libevent alone, or by libevent_core and libevent_extra alone: "
            + " ".join(sorted(different))]


class Lists:
    """The committed lists: what is still missing, and what is ours in addition."""

    def __init__(self, missing_dir, additions_file):
        self.missing_dir = pathlib.Path(missing_dir)
        self.additions_file = pathlib.Path(additions_file)
        self.additions = abi.read_sections(additions_file)

    def missing_file(self, part):
        return self.missing_dir / f"{part}.txt"

    def missing_of(self, an_object):
        return {n for part in an_object.parts if not an_object.is_new
                for n in abi.read_lines(self.missing_file(part))}

    def additions_of(self, an_object):
        return {n for part in an_object.parts for n in self.additions.get(part, [])}


def check(lib_dir, reference_dir, lists, objects):
    """All findings about the objects and archives in lib_dir."""
    errors = check_same_surface(lib_dir)
    for an_object in objects:
        additions, missing = lists.additions_of(an_object), lists.missing_of(an_object)
        required = (additions if an_object.is_new
                    else required_names(reference_dir / an_object.soname))
        errors += [f"{an_object.name}: {n} is listed as missing, but the reference lacks it too"
                   for n in sorted(missing - required)]
        for path, checker in ((lib_dir / an_object.soname, check_shared),
                              (lib_dir / an_object.archive, check_archive)):
            if path.exists():
                errors += checker(path, required, additions, missing & required)
            else:
                errors.append(f"{path.name}: not built")
    return errors


def check_additions_are_declared(lists, objects, declared):
    """The headers declare what the objects that are built have."""
    names = {n for an_object in objects for n in lists.additions_of(an_object)}
    return [f"{lists.additions_file.name}: {n} is declared in no public header"
            for n in sorted(names - declared)]


def update(lib_dir, lists, objects):
    """Takes off missing/ what is exported by now. Never adds. Returns the removed names."""
    removed = []
    for an_object in objects:
        if len(an_object.parts) != 1 or an_object.is_new:
            continue
        path = lists.missing_file(an_object.parts[0])
        exported = {s.name for s in abi.dynamic_symbols(lib_dir / an_object.soname, defined=True)}
        kept = [line for line in path.read_text().splitlines() if line.strip() not in exported]
        removed += [n for n in abi.read_lines(path) if n in exported]
        path.write_text("".join(line + "\n" for line in kept))
    return removed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lib-dir", type=pathlib.Path, required=True)
    parser.add_argument("--reference-lib-dir", type=pathlib.Path, required=True)
    parser.add_argument("--include", action="append", default=[], help="our include directories")
    parser.add_argument("--objects", nargs="+", default=list(abi.OBJECTS), choices=abi.OBJECTS)
    parser.add_argument("--update", action="store_true")
    args = parser.parse_args()

    lists = Lists(abi.HERE / "missing", abi.HERE / "additions.txt")
    objects = [abi.OBJECTS[name] for name in args.objects]
    if args.update:
        for name in update(args.lib_dir, lists, objects):
            print(f"no longer missing: {name}")
    errors = check(args.lib_dir, args.reference_lib_dir, lists, objects)
    if args.include:
        functions = declarations.parse(args.include, declarations.header_names(args.include))
        errors += check_additions_are_declared(lists, objects, set(functions.functions))
    missing = sum(len(lists.missing_of(o)) for o in objects if len(o.parts) == 1)
    abi.finish("exports", errors,
               f"{len(objects)} shared objects and archives, {missing} functions still missing")


if __name__ == "__main__":
    abi.main(main)
