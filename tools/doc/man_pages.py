"""Checks the man pages: by mandoc, and against the headers.

A synopsis must have each function as the header declares it, every function that a page names must
have been declared, every one that is not deprecated must be in a page, and a reference to a page must
lead to one.
"""

import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAN = ROOT / "tools" / "doc" / "man"
# Pages of the system that ours refer to, and those that are built elsewhere.
OTHERS = {"accept(2)", "bind(2)", "epoll(7)", "fork(2)", "getaddrinfo(3)", "listen(2)",
          "malloc(3)", "pthreads(7)", "relevent-run(1)", "resolv.conf(5)", "sendfile(2)",
          "signal(7)", "ssl(7ssl)"}

# The comment above a function, and its declaration; not those that macros make.
DECLARATION = re.compile(r"/\*\*((?:(?!\*/).)*)\*/\s*EVENT2_EXPORT_SYMBOL\s+([^;{\\]+?);", re.S)


def declarations():
    """The functions that the headers declare, each by its name as text without needless blanks, and the
    names of those that have to have a page. Macros that look like functions are None."""
    found, needed = {}, set()
    for header in sorted([*ROOT.glob("include/event2/*.h"), *ROOT.glob("include/*.h")]):
        text = header.read_text()
        for name in re.findall(r"^#define (\w+)\(", text, flags=re.M):
            found.setdefault(name, None)
        for match in DECLARATION.finditer(text):
            declaration = re.sub(r"#ifdef __GNUC__.*?#endif", "", match[2], flags=re.S)
            name = re.search(r"\b(\w+)\(", declaration)[1]
            found[name] = compact(declaration)
            if not (header.stem.endswith("_compat") or "@deprecated" in match[1]
                    or "windows" in name):
                needed.add(name)
    return found, needed


def compact(declaration):
    return re.sub(r"\s*([*,()\[\]])\s*", r"\1", " ".join(declaration.split()))


def synopsis(text):
    """The functions in a page's synopsis, by name."""
    found = {}
    section = re.search(r"^\.Sh SYNOPSIS\n(.*?)^\.Sh ", text, flags=re.S | re.M)
    kind, name, arguments = "", None, []
    for line in (section[1] if section else "").splitlines():
        macro, _, rest = line.partition(" ")
        if macro == ".Ft":
            kind = rest.strip('"')
        elif macro == ".Fo":
            name, arguments = rest, []
        elif macro == ".Fa":
            arguments.append(rest.strip('"'))
        elif macro == ".Fc":
            found[name] = compact(f"{kind} {name}({', '.join(arguments)})")
    return found


def names(text):
    """The names of a page, the first of which is the file's own."""
    section = re.search(r"^\.Sh NAME\n(.*?)^\.Nd ", text, flags=re.S | re.M)
    return re.findall(r"^\.Nm (\S+)", section[1], flags=re.M)


def complaints():
    pages = {path.name: path.read_text() for path in sorted(MAN.glob("*.[37]"))}
    declared, needed = declarations()
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "style", *sorted(pages)], cwd=MAN,
                          capture_output=True, text=True, check=False)
    # Whether a page exists is checked below; mandoc would look for it on this machine.
    found = [line for line in done.stdout.splitlines() if "referenced manual not found" not in line]
    known = set(OTHERS)
    for file, text in pages.items():
        section = file.rpartition(".")[2]
        known |= {f"{name}({section})" for name in names(text)}
        needed -= set(names(text))
    found += [f"{name}: no man page has it" for name in sorted(needed)]
    for file, text in pages.items():
        found += [f"{file}: {text}" for text in complaints_of(file, text, declared, known)]
    return found


def complaints_of(file, text, declared, known):
    stem, _, section = file.rpartition(".")
    if names(text)[0] != stem:
        yield f"its first name is {names(text)[0]}"
    if section == "3":
        yield from (f"{name} is not declared" for name in names(text) if name not in declared)
    shown = synopsis(text)
    for name, declaration in shown.items():
        if declaration != declared.get(name):
            yield f"{name}: {declaration} is declared as {declared.get(name)}"
        if name not in names(text):
            yield f"{name} is missing among the names"
    for name in re.findall(r"^\.Fn (\w+)|\bFn (\w+)", text, flags=re.M):
        name = name[0] or name[1]
        # What the program gives to the library, and what is the C library's, has no declaration.
        if name.startswith(("ev", "bufferevent", "relevent", "libevent")) and name not in declared:
            yield f"{name} is not declared"
    for name, number in re.findall(r"^\.Xr (\S+) (\S+)", text, flags=re.M):
        if f"{name}({number})" not in known:
            yield f"no page {name}({number})"
