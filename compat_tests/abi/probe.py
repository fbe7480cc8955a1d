"""Generates and runs the C programs that look at headers: one per header and side.

A probe is one statement about one item (a field, a macro, a function). It prints a value, which is
then compared with the other side's, or asserts a type, or both. Each probe stands on a line of
its own whose file name, as far as the compiler knows, is the item's name: so every error message
names its item, and what fails on one side is one finding among others.
"""

import pathlib
import re
from typing import NamedTuple

import abi_tools as abi
import declarations

_COMPILE = ["clang", declarations.STANDARD, "-w", "-ferror-limit=0", "-fno-caret-diagnostics"]
_ERROR = re.compile(r"([^:\n]+):\d+:\d+: (?:fatal )?error: (.*)")


class HeaderError(Exception):
    """A header cannot be compiled at all."""


class Probe(NamedTuple):
    item: str
    code: str
    type: str = ""  # the type that the code asserts, if any


def of_record(record):
    yield Probe(record.name, f'SHOW_SIZE("{record.name}", {record.name});')
    for field in record.fields:
        item = f"{record.name}.{field.path}"
        place = f"{record.name}, {field.path}"
        if field.is_bitfield:
            yield Probe(item, f'SHOW_BITFIELD("{item}", {place});')
            continue
        code = f'SHOW_FIELD("{item}", {place});'
        if field.type:
            code += f" SAME_TYPE(__typeof__((({record.name}*)0)->{field.path}), {field.type});"
        yield Probe(item, code, field.type)


def of_enum(enum):
    yield Probe(enum.name, f'SHOW_ENUM("{enum.name}", {enum.name});')


def of_constant(constant):
    yield Probe(constant.name, f'SHOW_VALUE("{constant.name}", {constant.name});')


def of_function(function):
    # Parentheses keep a macro of the same name away.
    yield Probe(f"{function.name}()", f"SAME_TYPE(__typeof__((({function.name}))), "
                                      f"{function.type});", function.type)


def of_typedef(typedef):
    yield Probe(f"typedef {typedef.name}", f"SAME_TYPE({typedef.name}, {typedef.type});",
                typedef.type)


def of_macro(macro, all_macros):
    """The ways to look at an object-like macro; the first that compiles on the reference counts."""
    name = macro.name
    yield Probe(name, f'SHOW_VALUE("{name}", {name});')
    yield Probe(name, f"SAME_TYPE(__typeof__({name}), __typeof__({macro.text}));")
    if macro.text.isidentifier() and macro.text not in all_macros:
        yield Probe(name, f'SAME_TYPE(struct {name}, struct {macro.text}); '
                          f'SHOW_SIZE("{name}", struct {name});')


def _source(headers, probes):
    # A struct that first appears among a function's parameters would be another one each time.
    tags = sorted({tag for p in probes for tag in re.findall(r"\bstruct \w+", p.type)})
    lines = [f"{tag};\n" for tag in tags]
    lines.append(f"{declarations.include_lines(headers)}#include <probe.h>\nint main(void) {{\n")
    # The number tells several probes of one item apart.
    for number, probe in enumerate(probes):
        lines.append(f'#line 1 "{number} {probe.item}"\n{{ {probe.code} }}\n')
    return "".join(lines) + '#line 1 "end"\nreturn 0; }\n'


def _errors(include_dirs, headers, probes, arguments):
    """Compiles the probes; {index of a probe: its first error}."""
    flags = declarations.include_flags([*include_dirs, abi.HERE / "probes"])
    done = abi.run([*_COMPILE, *arguments, "-x", "c", *flags, "-"], input=_source(headers, probes))
    errors = {}
    for file, text in _ERROR.findall(done.stderr):
        number = file.split(" ")[0]
        if not number.isdigit():
            raise HeaderError(f"<{headers[-1]}> does not compile: {file}: {text}")
        errors.setdefault(int(number), text)
    if done.returncode != 0 and not errors:
        raise abi.ToolError(done.stderr)
    return errors


def working(include_dirs, headers, probes):
    """The probes that compile after these headers."""
    errors = _errors(include_dirs, headers, probes, ["-fsyntax-only"])
    return [p for i, p in enumerate(probes) if i not in errors]


def run(include_dirs, headers, probes, directory):
    """Compiles and runs the probes: {item: printed value}, {item: error}."""
    program = pathlib.Path(directory) / re.sub(r"\W", "_", headers[-1])
    errors = _errors(include_dirs, headers, probes, ["-o", program])
    if errors:
        good = [p for i, p in enumerate(probes) if i not in errors]
        if again := _errors(include_dirs, headers, good, ["-o", program]):
            raise abi.ToolError(f"<{headers[-1]}>: {again}")
    values = dict(line.split("\t", 1) for line in abi.output_of([program]).splitlines())
    return values, {probes[i].item: text for i, text in errors.items()}
