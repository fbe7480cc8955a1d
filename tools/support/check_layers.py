"""Holds the includes in src/ to the layers that src/layers.txt sets.

Fails for an include of a layer that the file's folder may not see, an include that is not written
from src/, and a folder that the table does not know. Warns of files that have grown large.
"""

import argparse
import pathlib
import re
import sys
import tempfile

import project

SOURCE = project.ROOT / "src"
SUFFIXES = {".h", ".c", ".cpp"}
LINE_LIMITS = {".h": 250, ".c": 400, ".cpp": 400}
HARD_LIMIT = 800
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def read_table(path):
    """{folder: what it may include}, and what is wrong with the table itself."""
    table, errors = {}, []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        folder, colon, allowed = line.partition(":")
        if not colon or folder in table:
            errors.append(f"{path.name}:{number}: expected 'folder: folders', each folder once")
            continue
        for entry in allowed.split():
            if owner_of(entry, table) is None:
                errors.append(f"{path.name}:{number}: '{folder}' may include '{entry}', "
                              "which is no folder above it")
        table[folder] = set(allowed.split())
    return table, errors


def owner_of(path, table):
    """The folder of the table that a header or folder belongs to: the longest that matches."""
    path = pathlib.PurePosixPath(path)
    for candidate in (path, *path.parents):
        if str(candidate) in table:
            return str(candidate)
    return None


def check_include(source, folder, quote, included, table):
    """What is wrong with one #include of a file in this folder, or None."""
    is_ours = (source / included).is_file()
    if quote == "<":
        return f"<{included}> is ours: write \"{included}\"" if is_ours else None
    if not is_ours:
        return f'"{included}" is no file of src/; includes are written from there'
    owner = owner_of(included, table)
    if owner == folder or owner in table[folder] or included in table[folder]:
        return None
    return f'{folder} may not include "{included}"'


def check(source):
    """The errors and warnings about a source tree with a layers.txt."""
    table, errors = read_table(source / "layers.txt")
    warnings = []
    for path in sorted(p for p in source.rglob("*") if p.suffix in SUFFIXES):
        name = path.relative_to(source)
        folder = str(name.parent)
        lines = path.read_text().splitlines()
        if folder not in table:
            errors.append(f"src/{name}: the folder '{folder}' is not in layers.txt")
            continue
        for number, line in enumerate(lines, 1):
            if match := INCLUDE.match(line):
                problem = check_include(source, folder, *match.groups(), table)
                if problem:
                    errors.append(f"src/{name}:{number}: {problem}")
        if len(lines) > LINE_LIMITS[path.suffix]:
            limit = HARD_LIMIT if len(lines) > HARD_LIMIT else LINE_LIMITS[path.suffix]
            warnings.append(f"src/{name}: {len(lines)} lines, over {limit}")
    return errors, warnings


GOOD_TREE = {
    "layers.txt": "base:\nmem: base\nloop: base mem\nbuffer: base loop/deferred.h\n"
                  "api/core: base\n",
    "base/list.h": "",
    "mem/hooks.h": '#include "base/list.h"\n#include <stdlib.h>\n#include <event2/event.h>\n',
    "mem/hooks.cpp": '#include "mem/hooks.h"\n',
    "loop/deferred.h": '#include "mem/hooks.h"\n',
    "loop/run.h": "",
    "buffer/chain.h": '#include "loop/deferred.h"\n',
    "api/core/event.cpp": '#include "base/list.h"\n',
}

# What is changed in the good tree, and what check_layers must say.
BREAKAGES = [
    ({"base/list.h": '#include "mem/hooks.h"\n'}, "src/base/list.h:1: base may not include"),
    ({"buffer/chain.h": '#include "loop/run.h"\n'}, "src/buffer/chain.h:1: buffer may not include"),
    ({"mem/hooks.cpp": '\n  #  include "hooks.h"\n'}, 'src/mem/hooks.cpp:2: "hooks.h" is no file'),
    ({"mem/hooks.cpp": "#include <mem/hooks.h>\n"}, "src/mem/hooks.cpp:1: <mem/hooks.h> is ours"),
    ({"gossip/talk.cpp": ""}, "the folder 'gossip' is not in layers.txt"),
    ({"layers.txt": GOOD_TREE["layers.txt"].replace("mem: base", "mem: base loop")},
     "'mem' may include 'loop', which is no folder above it"),
    ({"mem/hooks.h": '#include "api/core/event.cpp"\n'}, "mem may not include"),
]


def self_test():
    """Breaks small trees on purpose. Returns what went unnoticed."""
    def findings(changes):
        with tempfile.TemporaryDirectory() as directory:
            source = pathlib.Path(directory)
            for name, text in {**GOOD_TREE, **changes}.items():
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                (source / name).write_text(text)
            return check(source)

    wrong = [f"the good tree: {text}" for part in findings({}) for text in part]
    for changes, expected in BREAKAGES:
        errors, _ = findings(changes)
        if not any(expected in error for error in errors):
            wrong.append(f"no '{expected}' for {changes}, but {errors}")
    for count, expected in ((251, "251 lines, over 250"), (801, "801 lines, over 800")):
        errors, warnings = findings({"base/list.h": "\n" * count})
        if errors or not any(expected in warning for warning in warnings):
            wrong.append(f"no warning '{expected}', but {errors} {warnings}")
    return wrong


def main():
    parser = argparse.ArgumentParser(prog="tools/check_layers", description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=pathlib.Path, default=SOURCE)
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    errors, warnings = (self_test(), []) if args.self_test else check(args.source)
    for warning in warnings:
        print(f"warning: {warning}")
    for error in errors:
        print(f"FAIL layers: {error}")
    if not errors:
        print("layers: ok")
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
