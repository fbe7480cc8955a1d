"""Rebuilds Debian source packages on relevent and on libevent, and compares their test suites.

Each program is built twice from the same source: with relevent's headers and libraries before the
system's (by CPPFLAGS, LDFLAGS and PKG_CONFIG_PATH, as a user would), and with the system's
libevent-dev. A case of its suite that passes on libevent must pass on relevent.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

import project
from rebuild_programs import PROGRAMS

FOLDER = project.ROOT / "build" / "rebuild"
# Begins a string that every object of relevent holds (src/api/ident.c).
RELEVENT_MARK = b"$relevent: "
LIBEVENT = re.compile(r"(\S*/libevent\S*-2\.1\.so\S*)")


class Failure(Exception):
    """A step on the way to the tests did not succeed."""


def logged(command, log, **options):
    if project.run_logged(command, log, **options):
        lines = log.read_text(errors="replace").splitlines()[-40:]
        raise Failure("\n".join([f"{command} failed (log: {log})", *lines]))


def as_nobody(command, folder):
    """The command as it is run by nobody, whom the folder is given."""
    subprocess.run(["chown", "-R", "nobody:nogroup", str(folder)], check=True)
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
            "env", "USER=nobody", f"HOME={folder}", *command]


class Sources:
    """Source packages by apt-get, with files of our own, so that apt's stay as they are."""

    def __init__(self, folder):
        self._folder = folder
        self._log = folder / "apt.log"
        for name in ("parts", "lists", "cache"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        targets = subprocess.run(
            ["apt-get", "indextargets", "--format", "deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)",
             "Created-By: Packages", "Origin: Debian"], check=True, capture_output=True, text=True)
        lines = sorted(set(targets.stdout.splitlines()))
        (folder / "sources.list").write_text("\n".join(lines) + "\n")
        self._apt("update")

    def _apt(self, *arguments):
        logged(["apt-get", "-qq", "-o", f"Dir::Etc::sourcelist={self._folder}/sources.list",
                "-o", f"Dir::Etc::sourceparts={self._folder}/parts",
                "-o", f"Dir::State::lists={self._folder}/lists",
                "-o", f"Dir::Cache={self._folder}/cache", *arguments], self._log, cwd=self._folder)

    def fetch(self, name):
        """Unpacks a source package, with Debian's patches; returns its folder."""
        for old in self._folder.glob(f"{name}-*/"):
            shutil.rmtree(old)
        self._apt("source", name)
        return next(self._folder.glob(f"{name}-*/"))


class Side:
    """One of the two libraries that programs are built on."""

    def __init__(self, name, prefix=None):
        self.name = name
        self.is_relevent = prefix is not None
        self.environment = {key: value for key, value in os.environ.items()
                            if not key.startswith(("LD_", "EVENT_"))}
        if self.is_relevent:
            lib = next(prefix.rglob("libevent_core.a")).parent
            self.environment |= {
                "CPPFLAGS": f"-I{prefix}/include", "LDFLAGS": f"-L{lib}",
                "PKG_CONFIG_PATH": f"{lib}/pkgconfig", "LD_LIBRARY_PATH": str(lib)}

    def results(self, program, source):
        """Builds and tests a program; returns the outcome of each case, by name."""
        folder = self._folder(program)
        log = folder.with_suffix(".log")
        shutil.rmtree(folder, ignore_errors=True)
        log.unlink(missing_ok=True)
        shutil.copytree(source, folder, symlinks=True)
        print(f"{program.name} on {self.name}: building", flush=True)
        logged(["sh", "-c", program.build], log, cwd=folder, env=self.environment)
        self._check_linked(folder / program.binary)
        print(f"{program.name} on {self.name}: testing", flush=True)
        tests = folder.with_suffix(".tests.log")
        tests.unlink(missing_ok=True)
        found = self._test(program, program.test)
        if not found:
            raise Failure(f"no test of {program.name} ran (log: {tests})")
        return found

    def results_again(self, program, cases):
        """Tests these cases once more; returns the outcomes of all."""
        print(f"{program.name} on {self.name}: once more: {' '.join(cases)}", flush=True)
        return self._test(program, program.again, *cases)

    def _folder(self, program):
        return FOLDER / self.name / program.name

    def _test(self, program, script, *arguments):
        """Runs tests; returns the last outcome of each case in the log."""
        folder = self._folder(program)
        log = folder.with_suffix(".tests.log")
        command = ["sh", "-c", script, "sh", *arguments]
        if program.refuses_root and os.geteuid() == 0:
            command = as_nobody(command, folder)
        project.run_logged(command, log, cwd=folder, env=self.environment)
        return {match["name"]: match["outcome"]
                for match in program.case.finditer(log.read_text(errors="replace"))}

    def _check_linked(self, binary):
        trace = subprocess.run([str(binary)], check=True, capture_output=True, text=True,
                               env=self.environment | {"LD_TRACE_LOADED_OBJECTS": "1"}).stdout
        files = LIBEVENT.findall(trace)
        if not files:
            raise Failure(f"{binary} is not linked to libevent")
        for file in files:
            with open(file, "rb") as stream:
                if (RELEVENT_MARK in stream.read()) != self.is_relevent:
                    raise Failure(f"{binary} on {self.name} loads {file}")


def installed_relevent():
    """Builds relevent and installs it in a folder of its own."""
    print("relevent: building", flush=True)
    folder, prefix = FOLDER / "build", FOLDER / "prefix"
    failure = project.build(folder, ["-DCMAKE_BUILD_TYPE=Release", "-DRELEVENT_BUILD_TESTS=OFF"])
    if failure:
        raise Failure(failure)
    logged(["cmake", "--install", str(folder), "--prefix", str(prefix)], FOLDER / "install.log")
    return prefix


class Comparison:
    """What the cases of a program came to on both libraries."""

    def __init__(self, program, relevent, libevent):
        self.name = program.name
        self._relevent, self._libevent = relevent, libevent
        self._good = program.passed
        self.expected = [case for case in libevent if self._passes(case, libevent)]
        self.failed = [case for case in self.expected if not self._passes(case, relevent)]
        self.others = libevent.keys() - self.expected
        self.unlike = self.failed + [case for case in self.others if self._passes(case, relevent)]

    def _passes(self, case, outcomes):
        return outcomes.get(case) in self._good

    def row(self):
        return (f"| {self.name} | {len(self._libevent)} | {len(self.expected)} | "
                f"{len(self.expected) - len(self.failed)} | {len(self.others)} | "
                f"{sum(self._passes(case, self._relevent) for case in self.others)} |")

    def print_failures(self):
        for case in self.failed:
            outcome = self._relevent.get(case, "did not run")
            print(f"FAILED: {self.name}: {case}: {outcome}, but {self._libevent[case]} on libevent")


def compare(program, source, sides):
    """Builds and tests on both; cases that differ have a second chance on both."""
    comparison = Comparison(program, *(side.results(program, source) for side in sides))
    if comparison.unlike and program.again:
        cases = comparison.unlike
        comparison = Comparison(program, *(side.results_again(program, cases) for side in sides))
    return comparison


def compare_all(names, prefix):
    """Returns a comparison for each program that could be built, and the number of the others."""
    sources = Sources(FOLDER / "sources")
    sides = Side("relevent", prefix), Side("libevent")
    compared, errors = [], 0
    for name in names:
        program = PROGRAMS[name]
        try:
            compared.append(compare(program, sources.fetch(name), sides))
        except Failure as failure:
            print(f"FAILED: {name}: {failure}")
            errors += 1
    return compared, errors


def parse(arguments):
    parser = argparse.ArgumentParser(prog="tools/rebuild", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs="*", metavar="PROGRAM",
                        help=f"some of {', '.join(PROGRAMS)} (default: all)")
    parser.add_argument("--relevent", metavar="PREFIX",
                        help="where relevent is installed (default: it is built)")
    options = parser.parse_args(arguments)
    unknown = set(options.programs) - set(PROGRAMS)
    if unknown:
        parser.error(f"no such program: {', '.join(sorted(unknown))}")
    return options


def main():
    options = parse(sys.argv[1:])
    project.install_deps("build", "rebuild")
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        prefix = (pathlib.Path(options.relevent).resolve() if options.relevent
                  else installed_relevent())
        compared, errors = compare_all(options.programs or PROGRAMS, prefix)
    except Failure as failure:
        print(f"FAILED: {failure}")
        compared, errors = [], 1
    print("\n| program | cases | pass on libevent | of these on relevent "
          "| do not pass on libevent | of these on relevent |")
    print("|---|--:|--:|--:|--:|--:|")
    for comparison in compared:
        print(comparison.row())
    for comparison in compared:
        comparison.print_failures()
    failed = sum(len(comparison.failed) for comparison in compared)
    passed = sum(len(comparison.expected) for comparison in compared) - failed
    print(f"{passed} passed, {failed + errors} failed")
    return 1 if failed or errors else 0


if __name__ == "__main__":
    sys.exit(main())
