"""Builds the documentation: the API reference in build/doc/html, and checks it and the man pages.

Every public header, function, macro and parameter has to be documented, and every reference has to
lead somewhere. mandoc must find nothing wrong with a man page, whose synopsis has to be that of the
headers. The links of README.md and its like have to lead somewhere too, and the tools and options
that they name have to be there.

Installs what is missing (Debian packages; needs root or sudo for that only).
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import project
import readme
from project import ROOT

DOC = ROOT / "tools" / "doc"
sys.path.insert(1, str(DOC))
import man_pages


def version():
    header = (ROOT / "include" / "event2" / "relevent.h").read_text()
    return re.search(r'#define RELEVENT_VERSION "(.*)"', header)[1]


def build_reference(output):
    """Runs doxygen; returns what it complains of."""
    shutil.rmtree(output / "html", ignore_errors=True)
    output.mkdir(parents=True, exist_ok=True)
    settings = (DOC / "Doxyfile.in").read_text()
    for name, value in {"ROOT": ROOT, "OUTPUT": output, "VERSION": version()}.items():
        settings = settings.replace(f"@{name}@", str(value))
    done = subprocess.run(["doxygen", "-"], input=settings, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, check=False)
    complaints = done.stderr.splitlines()
    if done.returncode != 0 and not complaints:
        complaints = [f"doxygen: exit status {done.returncode}"]
    return complaints


def main():
    parser = argparse.ArgumentParser(prog="tools/docs", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="keep nothing")
    options = parser.parse_args()
    project.install_deps("doc")
    with tempfile.TemporaryDirectory() as scratch:
        output = pathlib.Path(scratch) if options.check else ROOT / "build" / "doc"
        complaints = [*build_reference(output), *man_pages.complaints(), *readme.complaints()]
    for line in complaints:
        print(line.replace(f"{ROOT}/", ""))
    if complaints:
        return 1
    print("No complaints." if options.check else f"Written: {output / 'html' / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
