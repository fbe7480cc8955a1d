"""What the tools share: where things are, how a configuration is built."""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
REFERENCE_DIR = pathlib.Path("/usr/lib") / f"{os.uname().machine}-linux-gnu"

# How ninja and CMake begin the line of a step that succeeded.
PROGRESS = re.compile(r"\[\d+/\d+\] |-- ")


def cores():
    return len(os.sched_getaffinity(0))


def install_deps(*groups):
    """Installs the Debian packages of these groups that are missing, or says which and ends."""
    done = subprocess.run([ROOT / "tools" / "install-deps", *groups], check=False)
    if done.returncode:
        sys.exit(done.returncode)


def run_logged(command, log, **options):
    """Runs a command with its output in the file; returns its exit status."""
    with log.open("ab") as output:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output,
                              stderr=subprocess.STDOUT, check=False, **options).returncode


def build(folder, arguments, targets=()):
    """Configures and builds; returns None, or the last lines of a log that says why not."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "build.log"
    log.unlink(missing_ok=True)
    configure = ["cmake", "-G", "Ninja", "-S", str(ROOT), "-B", str(folder), *arguments]
    # Sanitized compilations of Catch2 tests take over a gigabyte each, so no more jobs than cores.
    compile_all = ["cmake", "--build", str(folder), "-j", str(cores())]
    if targets:
        compile_all += ["--target", *targets]
    # Goes on after an error, so that one run shows them all.
    compile_all += ["--", "-k", "0"]
    if run_logged(configure, log) == 0 and run_logged(compile_all, log) == 0:
        return None
    lines = [line for line in log.read_text(errors="replace").splitlines()
             if not PROGRESS.match(line)]
    return "\n".join(lines[-80:])


def commit():
    """The commit that is checked out, marked if the tree differs from it."""
    try:
        result = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT,
                                capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return result.stdout.strip() or "unknown"
