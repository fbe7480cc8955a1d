#!/usr/bin/env python3
"""Compiles each public header alone, in every language standard, with gcc and clang.

Each is included twice, as nothing but itself, with all warnings as errors. All headers together
are compiled forwards and backwards. In C++, every function must have C linkage, also where the
header that declares it is the first to be included.
"""

import argparse

import abi_tools as abi
import declarations

WARNINGS = ["-pedantic", "-Wall", "-Wextra", "-Wundef", "-Werror"]
C_STANDARDS = ["c90", "c99", "c11", "c17"]
CXX_STANDARDS = ["c++11", "c++14", "c++17", "c++20"]
COMPILERS = {"c": ["gcc", "clang"], "c++": ["g++", "clang++"]}


def ways():
    """(compiler, language, standard): what each header must pass."""
    for language, standards in (("c", C_STANDARDS), ("c++", CXX_STANDARDS)):
        for compiler in COMPILERS[language]:
            for standard in standards:
                yield compiler, language, standard


def compile_source(source, way, include_dirs, arguments=("-fsyntax-only",)):
    """The compiler's messages; empty if all is well."""
    compiler, language, standard = way
    done = abi.run([compiler, f"-std={standard}", *WARNINGS, *arguments, "-x", language,
                    *declarations.include_flags(include_dirs), "-"],
                   input=source + "extern int not_an_empty_file;\n")
    return "" if done.returncode == 0 else done.stderr.strip() or "fails without a message"


def first_error(messages):
    lines = messages.splitlines()
    return next((line for line in lines if "error" in line), lines[0])


def check_each_alone(include_dirs, headers):
    """One finding per header: in how many ways it fails, and the first message."""
    jobs = [(header, way) for header in headers for way in ways()]
    messages = abi.in_parallel(
        lambda job: compile_source(declarations.include_lines([job[0]]) * 2, job[1], include_dirs),
        jobs)
    failures = {}
    for (header, way), message in zip(jobs, messages):
        if message:
            failures.setdefault(header, []).append(
                f"{way[0]} -std={way[2]}: {first_error(message)}")
    return [f"<{header}> alone: {found[0]} ({len(found)} such failures)"
            for header, found in failures.items()]


def check_together(include_dirs, headers):
    errors = []
    for order in (headers, headers[::-1]):
        for way in (("gcc", "c", "c90"), ("clang++", "c++", "c++20")):
            message = compile_source(declarations.include_lines(order), way, include_dirs)
            if message:
                errors.append(f"all headers from <{order[0]}> to <{order[-1]}>: "
                              f"{way[0]} -std={way[2]}: {first_error(message)}")
    return errors


def check_linkage(include_dirs, header, functions):
    """Declares the functions once more, as extern "C": an error if the header did not."""
    source = declarations.include_lines([header])
    for function in functions:
        source += (f'#line 1 "{function}"\nextern "C" {{ extern decltype({function}) '
                   f"{function}; }}\n")
    message = compile_source(source, ("clang++", "c++", "c++20"), include_dirs)
    return [f"<{header}> in C++: {first_error(message)}"] if message else []


def check(include_dirs):
    headers = declarations.header_names(include_dirs)
    errors = check_each_alone(include_dirs, headers) + check_together(include_dirs, headers)
    if errors:
        return errors
    functions = declarations.parse(include_dirs, headers).functions.values()
    by_header = {h: [f.name for f in functions if f.header == h] for h in headers}
    found = abi.in_parallel(lambda h: check_linkage(include_dirs, h, by_header[h]), headers)
    return [error for errors in found for error in errors]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--include", action="append", required=True, help="our directories")
    args = parser.parse_args()
    abi.finish("headers", check(args.include),
               f"{len(declarations.header_names(args.include))} headers, each in "
               f"{len(list(ways()))} ways")


if __name__ == "__main__":
    abi.main(main)
