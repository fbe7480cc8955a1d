#!/usr/bin/env python3
"""Compares our public headers with the reference's, as a program sees them.

For every header of the reference, what a program sees that includes just this one (also through
other headers): sizes, alignment and fields of structs, enums, integer and string macros, types
of functions and typedefs, other macros, the system's headers that come along. Ours may have more,
but never less nor different; exceptions, with their reasons, stand in layout_exceptions.txt.
"""

import argparse
import pathlib
import re
import tempfile
from typing import NamedTuple

import abi_tools as abi
import declarations
import probe

PROBE_HEADERS = ["uses_rpc.h"]

# These of the reference cannot be included alone. Ours can, and are.
REFERENCE_NEEDS_FIRST = {
    "event2/buffer_compat.h": ["event2/buffer.h"],
    "event2/bufferevent_compat.h": ["event2/bufferevent.h"],
    "event2/bufferevent_struct.h": ["event2/bufferevent.h"],
    "event2/dns_compat.h": ["event2/dns.h"],
    "event2/http_struct.h": ["event2/http.h"],
    "event2/rpc_struct.h": ["event2/buffer.h", "event2/rpc.h"],
}


class Side(NamedTuple):
    include_dirs: list
    declared: declarations.Declarations

    @staticmethod
    def of(include_dirs):
        dirs = [*map(str, include_dirs), str(abi.HERE / "probes")]
        names = declarations.header_names(include_dirs)
        return Side(dirs, declarations.parse(dirs, names + PROBE_HEADERS))


def is_private(name):
    """Include guards and helpers end in an underscore, as the reference's private functions do."""
    return name.endswith("_")


def on_reference(header):
    return [*REFERENCE_NEEDS_FIRST.get(header, []), header]


def probes_of_declarations(declared, headers):
    """Probes for all that these headers declare."""
    kinds = ((declared.records, probe.of_record), (declared.enums, probe.of_enum),
             (declared.constants, probe.of_constant), (declared.functions, probe.of_function),
             (declared.typedefs, probe.of_typedef))
    return [p for items, make in kinds for item in items.values() if item.header in headers
            for p in make(item)]


def probes_of_macros(reference, header, macros):
    """Probes for the object-like macros that have a meaning of their own in the reference."""
    objects = [m for m in macros.values() if m.parameters is None and m.text
               and not is_private(m.name)]
    candidates = [p for m in objects for p in probe.of_macro(m, macros)]
    good = probe.working(reference.include_dirs, on_reference(header), candidates)
    first = {}
    for candidate in good:
        first.setdefault(candidate.item, candidate)
    return list(first.values())


def compare_values(reference, ours, header, directory):
    """Structs, constants, functions and macros with a value, by running programs on both sides."""
    seen = declarations.view(reference.include_dirs, header)
    probes = probes_of_declarations(reference.declared, seen.headers)
    probes += probes_of_macros(reference, header, seen.macros)
    expected, failed = probe.run(reference.include_dirs, on_reference(header), probes,
                                 directory / "reference")
    if failed:
        raise abi.ToolError(f"probes fail on the reference: {failed}")
    found, failed = probe.run(ours.include_dirs, [header], probes, directory / "ours")
    findings = {item: explain(item, error, reference, ours) for item, error in failed.items()}
    for item, value in expected.items():
        if item not in findings and found[item] != value:
            findings[item] = f"the reference has {value}, ours {found[item]}"
    return findings


def explain(item, error, reference, ours):
    """What to say about an item that does not compile with our headers."""
    name = re.sub(r"^typedef |\(\)$", "", item)
    theirs, own = (side.declared.functions.get(name) or side.declared.typedefs.get(name)
                   for side in (reference, ours))
    if theirs and own and theirs.type != own.type:
        return f"the reference has '{theirs.type}', ours '{own.type}'"
    return error.replace("static_assert failed due to requirement", "another type:")


def compare_views(reference, ours, header):
    """Macros that are no values, and the system headers."""
    theirs = declarations.view(reference.include_dirs, header)
    own = declarations.view(ours.include_dirs, header)
    findings = {}
    for macro in theirs.macros.values():
        if is_private(macro.name):
            continue
        match = own.macros.get(macro.name)
        if match is None:
            findings[macro.name] = "the macro is not defined"
        elif match.parameters != macro.parameters:
            findings[macro.name] = (f"the reference's macro takes {macro.parameters} parameters, "
                                    f"ours {match.parameters}")
    for file in theirs.system - own.all_files:
        findings[f"#include of {file}"] = "does not come along"
    return findings


def compare_header(reference, ours, header, directory):
    try:
        return (compare_values(reference, ours, header, directory)
                | compare_views(reference, ours, header))
    except (probe.HeaderError, abi.ToolError) as error:
        return {header: str(error)}


def compare_undefined(reference_dirs, our_dirs):
    """Programs also test that a macro of event-config.h is *not* defined."""
    (text,) = [path.read_text() for d in reference_dirs
               if (path := pathlib.Path(d) / "event2/event-config.h").exists()]
    undefined = set(re.findall(r"/\* #undef (EVENT__\w+) \*/", text))
    ours = declarations.view(our_dirs, "event2/event-config.h").macros
    return {n: "the reference leaves this macro undefined" for n in undefined & set(ours)}


def check(reference_dirs, our_dirs, exceptions, only=None):
    """All findings; exceptions is {item: reason}. `only` some headers, if given."""
    headers = declarations.header_names(reference_dirs)
    absent = set(headers) - set(declarations.header_names(our_dirs))
    if absent:
        # The compiler would take the system's instead, and compare the reference with itself.
        return [f"{header}: we have no such header" for header in sorted(absent)]
    reference, ours = Side.of(reference_dirs), Side.of(our_dirs)
    compared = only or headers + PROBE_HEADERS
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        (directory / "reference").mkdir()
        (directory / "ours").mkdir()
        results = abi.in_parallel(
            lambda h: compare_header(reference, ours, h, directory), compared)
    findings = {}  # (item, what) -> headers that show it
    for header, found in zip(compared, results):
        for item, what in found.items():
            findings.setdefault((item, what), []).append(header)
    for item, what in compare_undefined(reference_dirs, our_dirs).items():
        findings[item, what] = ["event2/event-config.h"]
    return report(findings, exceptions)


def report(findings, exceptions):
    errors = []
    for (item, what), headers in sorted(findings.items()):
        if item not in exceptions:
            more = f" and {len(headers) - 1} more" if len(headers) > 1 else ""
            errors.append(f"{item}: {what} (seen through {headers[0]}{more})")
    used = {item for item, _ in findings}
    errors += [f"{item}: listed as an exception, but there is no difference"
               for item in sorted(set(exceptions) - used)]
    return errors


def read_exceptions(path):
    exceptions = dict(map(str.strip, line.partition(": ")[::2]) for line in abi.read_lines(path))
    for item, reason in exceptions.items():
        if not reason:
            raise abi.ToolError(f"{path}: '{item}' has no reason")
    return exceptions


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--include", action="append", required=True, help="our directories")
    parser.add_argument("--reference-include", default="/usr/include")
    parser.add_argument("--without-tls", action="store_true",
                        help="our headers are those of a build without libevent_openssl")
    args = parser.parse_args()
    exceptions = read_exceptions(abi.HERE / "layout_exceptions.txt")
    if args.without_tls:
        exceptions |= read_exceptions(abi.HERE / "layout_exceptions_without_tls.txt")
    errors = check([args.reference_include], args.include, exceptions)
    abi.finish("layout", errors, f"{len(exceptions)} exceptions")


if __name__ == "__main__":
    abi.main(main)
