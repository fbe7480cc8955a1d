"""Follows README.md in a fresh Debian 12, as somebody who has nothing else would.

Makes a root with debootstrap from where apt has its packages, clones the repository into it (what
is committed), and runs the commands of README.md's shell blocks as they stand, in their order. Each
must succeed. Where a command starts or builds a program, that has to run on relevent; where
something that was installed is removed again, packages and files have to be as they were before.
"""

import argparse
import dataclasses
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import project
import readme

sys.path.insert(1, str(project.ROOT / "compat_tests" / "packages"))
from check_packages import NAMESPACE, State, check_mapped, run_tmux
from roots import ENVIRONMENT, Failure, FreshRoot, wait_until

HOME = "root/relevent"  # where the repository is in the root
COMMAND_SECONDS = 3600
SHOWN_LINES = 40
# CI does so, and it takes longer than all else.
LONG = re.compile(r"^\./tools/check\b")
# What builds relevent once more, and needs that.
SLOW = re.compile(r"^(\./tools/(demo|package)|apt|relevent-run|tmux)\b")
# Where the programs are that are built.
PROGRAMS = ("build/*", "build/samples*/*", "tools/samples/*")
# How the names of ours begin that a program has which is linked statically.
OUR_SYMBOL = b"_ZN8relevent"
# What is in commands that install something, and in those that remove it without a trace.
UNDONE = (("cmake --install ", "rm -r /opt/relevent"),
          ("apt install ./build/packages/relevent_", "apt purge relevent"),
          ("apt install ./build/packages/relevent-libevent_", " relevent-libevent-"))


class Shell:
    """A bash in the root, which keeps folder and variables from one command to the next."""

    END = "--- end of command"

    def __init__(self, root):
        self._process = subprocess.Popen(
            ["chroot", str(root.folder), "bash"], env=ENVIRONMENT, text=True, errors="replace",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, command):
        """What the command prints; it must succeed."""
        self._process.stdin.write(f"{{ {command}\n}} </dev/null\n"
                                  f"printf '\\n%s %d\\n' '{self.END}' $?\n")
        self._process.stdin.flush()
        timer = threading.Timer(COMMAND_SECONDS, self._process.kill)
        timer.start()
        try:
            lines, status = self._read_output()
        finally:
            timer.cancel()
        if status:
            raise Failure("\n".join([f"exit status {status}", *lines[-SHOWN_LINES:]]))
        return "\n".join(lines).strip()

    def _read_output(self):
        """The lines that a command prints, and its exit status."""
        lines = []
        for line in self._process.stdout:
            if line.startswith(self.END):
                return lines, int(line.split()[-1])
            lines.append(line.rstrip())
        raise Failure("\n".join(["the shell ended, or took too long", *lines[-SHOWN_LINES:]]))


@dataclasses.dataclass
class Trial:
    """Follows commands, and counts what becomes of them."""

    root: FreshRoot
    passed: int = 0
    failed: int = 0

    def __post_init__(self):
        self._shell = Shell(self.root)
        self._shell.run(f"cd /{HOME}")
        self._states = {}

    def step(self, title, function, *arguments):
        """Does something that raises Failure, or not, and says so."""
        start = time.monotonic()
        try:
            function(*arguments)
            outcome, text = "ok", ""
            self.passed += 1
        except (Failure, OSError, subprocess.SubprocessError) as failure:
            outcome, text = "FAIL", f"\n{failure}".replace("\n", "\n    ")
            self.failed += 1
        print(f"{outcome:4} {time.monotonic() - start:4.0f} s  {title}{text}", flush=True)

    def follow(self, line):
        command = readme.without_comment(line)
        for done, undone in UNDONE:
            if done in command:
                self._states[undone] = State(self.root)
        self.step(command, self._do, command)
        for undone in [undone for undone in self._states if undone in command]:
            self.step("     and the system is as it was before",
                      self._states.pop(undone).check_unchanged, command)

    def finish(self):
        """Sums up; fails too if something was not removed, or there was nothing to follow."""
        missing = [f"a command with '{undone}'" for undone in self._states]
        if self.passed + self.failed == 0:
            missing.append("any command")
        for text in missing:
            self.failed += 1
            print(f"FAIL         there is not {text}")
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0

    def _do(self, command):
        """Runs a command as a user would, and looks at what that started or built."""
        if re.search(r"relevent-run memcached\b", command):
            self._serve(command)
        elif command in ("tmux", "relevent-run tmux"):
            *launcher, _ = command.split()
            run_tmux(self.root, *launcher, is_relevent=True, is_beside=bool(launcher))
        else:
            start = time.time()
            self._shell.run(command)
            self._check_programs(start, is_static="static" in command)

    def _serve(self, command):
        """Runs memcached in the background, as it would not return, and talks to it."""
        pid = int(self._shell.run(f"{command} & echo $!").splitlines()[-1])
        given = re.search(r"-p (\d+)", command)
        port = int(given[1]) if given else 11211
        try:
            wait_until(lambda: talks_to_memcached(port), "memcached answers")
            check_mapped(self.root, pid, "memcached", is_relevent=True)
        finally:
            self._shell.run(f"kill {pid}; wait {pid}")

    def _check_programs(self, since, is_static):
        """The programs that have been built are linked with the relevent that was installed."""
        home = self.root.folder / HOME
        for path in (path for pattern in PROGRAMS for path in home.glob(pattern)):
            if path.is_file() and os.access(path, os.X_OK) and path.stat().st_mtime >= since:
                self._check_program(path, path.relative_to(home), is_static)

    def _check_program(self, path, name, is_static):
        listing = self._shell.run(f"LD_LIBRARY_PATH=/opt/relevent/lib ldd {name} 2>&1 || true")
        objects = re.findall(r"=> (\S*/libevent\S*)", listing)
        if is_static and (objects or OUR_SYMBOL not in path.read_bytes()):
            raise Failure(f"{name} is not linked with relevent's archives")
        ours = [file for file in objects if file.startswith("/opt/relevent/lib/")]
        if not is_static and (not ours or ours != objects):
            raise Failure(f"{name} takes {objects}")


def talks_to_memcached(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(b"set key 0 0 5\r\nvalue\r\nget key\r\n")
            expected = b"STORED\r\nVALUE key 0 5\r\nvalue\r\nEND\r\n"
            return client.makefile("rb").read(len(expected)) == expected
    except ConnectionRefusedError:
        return False


def made_root(folder):
    root = FreshRoot(folder)
    root.mount()
    # Who is asked says yes.
    (folder / "etc/apt/apt.conf.d/99yes").write_text('APT::Get::Assume-Yes "true";\n')
    done = subprocess.run(["git", "clone", "-q", project.ROOT, folder / HOME], check=False)
    if done.returncode:
        raise Failure("the repository cannot be cloned")
    return root


def follow_readme(options, folder):
    """Runs within a namespace of its own."""
    print(f"Commit {project.commit()}; making a Debian root in {folder}", flush=True)
    try:
        trial = Trial(made_root(folder))
    except Failure as failure:
        print(f"FAIL {failure}\n0 passed, 1 failed")
        return 1
    text = (options.readme or folder / HOME / "README.md").read_text()
    for line in readme.commands(text):
        if (LONG.search(line) and not options.all) or (SLOW.search(line) and options.quick):
            print(f"not run      {readme.without_comment(line)}")
        else:
            trial.follow(line)
    return trial.finish()


def parse(arguments):
    parser = argparse.ArgumentParser(prog="tools/trial", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="without the demo and the packages")
    parser.add_argument("--all", action="store_true", help="also the long tools/check")
    parser.add_argument("--root", type=pathlib.Path, metavar="DIR",
                        help="make the root there, and keep it")
    parser.add_argument("--readme", type=pathlib.Path, metavar="FILE",
                        help="follow this instead of README.md")
    parser.add_argument("--within", type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.root and options.root.exists() and any(options.root.iterdir()):
        parser.error(f"--root: {options.root} is not empty")
    if options.readme and not options.readme.is_file():
        parser.error(f"--readme: there is no {options.readme}")
    return options


def main():
    options = parse(sys.argv[1:])
    if options.within:
        return follow_readme(options, options.within)
    if os.geteuid():
        sys.exit("tools/trial: only root can make a Debian root and change into it")
    project.install_deps("trial")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    folder = options.root or pathlib.Path(tempfile.mkdtemp(prefix="relevent-trial-"))
    # Mounts and processes end with the namespace: what removes the folder cannot reach them.
    try:
        return subprocess.run([*NAMESPACE, sys.executable, "-B", *sys.argv, "--within",
                               folder.resolve() / "debian"], check=False).returncode
    finally:
        if not options.root:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
