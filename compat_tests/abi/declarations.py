"""What a set of headers declares: read from clang's syntax tree and from the preprocessor.

Nothing here knows which names to expect; whatever the headers hold is found.
"""

import json
import pathlib
import re
from typing import NamedTuple

import abi_tools as abi

# The headers see what most programs see.
STANDARD = "-std=gnu11"


class Field(NamedTuple):
    path: str  # "ev_timeout_pos.min_heap_idx"
    type: str  # as C text; "" if the type has no name
    is_bitfield: bool


class Record(NamedTuple):
    name: str  # "struct event"
    header: str
    fields: tuple


class Constant(NamedTuple):
    name: str
    header: str


class Named(NamedTuple):
    """A function or a typedef."""

    name: str
    header: str
    type: str  # as C text


class Declarations(NamedTuple):
    records: dict
    enums: dict  # "enum x" -> Constant
    constants: dict
    functions: dict
    typedefs: dict


class Macro(NamedTuple):
    name: str
    parameters: object  # number of parameters, or None for an object-like macro
    text: str


# Not all ev*.h: other libraries (libev, libevhtp) have such names, too.
OLD_HEADERS = ("evdns.h", "event.h", "evhttp.h", "evrpc.h", "evutil.h")


def header_names(include_dirs):
    """The public headers in these directories, as one writes them in an #include."""
    found = set()
    for directory in map(pathlib.Path, include_dirs):
        found |= {name for name in OLD_HEADERS if (directory / name).exists()}
        found |= {f"event2/{p.name}" for p in (directory / "event2").glob("*.h")}
    return sorted(found)


def include_lines(headers):
    return "".join(f"#include <{h}>\n" for h in headers)


def include_flags(include_dirs):
    return [f"-I{d}" for d in include_dirs]


def name_in(include_dirs, path):
    """The header's name if the file lies in one of the directories and is ours to compare."""
    for directory in include_dirs:
        prefix = f"{str(directory).rstrip('/')}/"
        if path.startswith(prefix):
            name = path[len(prefix):]
            if re.fullmatch(r"event2/\w[\w-]*\.h|ev\w+\.h|uses_\w+\.h", name):
                return name
    return None


def _type_text(node):
    # va_list as a parameter is a pointer to a struct that only the compiler can name.
    return node["type"]["qualType"].replace("struct __va_list_tag *", "va_list")


class _TreeReader:
    """Walks clang's JSON tree, in order: clang names a file only where it changes."""

    def __init__(self, include_dirs):
        self.include_dirs = include_dirs
        self.file = ""
        self.result = Declarations({}, {}, {}, {}, {})

    def read(self, tree):
        for node in tree["inner"]:
            self._follow_files(node.get("loc", {}))
            header = name_in(self.include_dirs, self.file)
            if header:
                self._add(node, header)
            self._follow_files({k: v for k, v in node.items() if k != "loc"})
        return self.result

    def _follow_files(self, node):
        if isinstance(node, dict):
            self.file = node.get("file", self.file)
            for key, value in node.items():
                if key != "includedFrom":
                    self._follow_files(value)
        elif isinstance(node, list):
            for value in node:
                self._follow_files(value)

    def _add(self, node, header):
        kind, name = node["kind"], node.get("name")
        if kind == "RecordDecl" and name and node.get("completeDefinition"):
            full = f"{node['tagUsed']} {name}"
            self.result.records[full] = Record(full, header, tuple(_fields(node, "")))
        elif kind == "EnumDecl":
            if name:
                self.result.enums[f"enum {name}"] = Constant(f"enum {name}", header)
            for constant in node.get("inner", []):
                if constant["kind"] == "EnumConstantDecl":
                    self.result.constants[constant["name"]] = Constant(constant["name"], header)
        elif kind in ("FunctionDecl", "TypedefDecl"):
            found = self.result.functions if kind == "FunctionDecl" else self.result.typedefs
            # The first declaration counts: a header may repeat another's.
            found.setdefault(name, Named(name, header, _type_text(node)))


def _fields(record, prefix):
    """The members of a record, those of unnamed structs within it one by one."""
    unnamed = None
    for node in record.get("inner", []):
        if node["kind"] == "RecordDecl":
            unnamed = None if node.get("name") else node
        elif node["kind"] == "FieldDecl" and node.get("name"):
            path, type_text = prefix + node["name"], _type_text(node)
            if "(unnamed" in type_text or "(anonymous" in type_text:
                yield Field(path, "", False)
                if unnamed:
                    yield from _fields(unnamed, path + ".")
            else:
                yield Field(path, type_text, node.get("isBitfield", False))


def parse(include_dirs, headers):
    """Everything that these headers declare together."""
    tree = abi.output_of(
        ["clang", STANDARD, "-w", "-fsyntax-only", "-Xclang", "-ast-dump=json", "-x", "c",
         *include_flags(include_dirs), "-"], input=include_lines(headers))
    return _TreeReader(include_dirs).read(json.loads(tree))


class View(NamedTuple):
    """What a program sees that includes one header."""

    macros: dict
    headers: set  # the public headers that come with it
    system: set  # the system's headers that the public headers include themselves
    all_files: set  # every file that comes with it


_DEFINE = re.compile(r"#define (\w+)(\([^)]*\))?\s?(.*)")
_LINE_MARK = re.compile(r'# \d+ "([^"]+)"(.*)')


def view(include_dirs, header):
    """Preprocesses the header alone; only macros of public headers are kept."""
    text = abi.output_of(["gcc", STANDARD, "-E", "-dD", "-x", "c", *include_flags(include_dirs),
                          "-"], input=include_lines([header]))
    result, file = View({}, set(), set(), set()), ""
    for line in text.splitlines():
        if mark := _LINE_MARK.match(line):
            entered_from, file = file, mark[1]
            result.all_files.add(file)
            own = name_in(include_dirs, file)
            if own:
                result.headers.add(own)
            elif " 1" in mark[2] and name_in(include_dirs, entered_from):
                result.system.add(file)
        elif (define := _DEFINE.match(line)) and name_in(include_dirs, file):
            name, parameters, text_of_it = define.groups()
            count = None if parameters is None else len(parameters.strip("()").split(","))
            result.macros[name] = Macro(name, count, text_of_it)
        elif line.startswith("#undef "):
            result.macros.pop(line.split()[1], None)
    return result
