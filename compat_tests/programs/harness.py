"""Starts programs for a conversation, prints what happens, and leaves no process behind."""

import ctypes
import hashlib
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from libevent import Failure, Libevent, check

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LIBC = ctypes.CDLL(None)
SHOWN_LOGS = 6


class Process:
    """A started program. Standard output and error go to a log file."""

    def __init__(self, command, environment, log):
        self.log = log
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, preexec_fn=die_with_parent)
        self.pid = self._popen.pid

    def running(self):
        return self._popen.poll() is None

    def thread_ticks(self):
        """Name and processor time, in clock ticks, of each thread."""
        stats = [path.read_text() for path in pathlib.Path(f"/proc/{self.pid}/task").glob("*/stat")]
        return [(text[text.index("(") + 1:text.rindex(")")], processor_ticks(text))
                for text in stats]

    def cpu_seconds(self):
        return cpu_seconds(self.pid)

    def stop(self, number, seconds):
        """Sends the signal and returns the exit status; a program that lives on is a failure."""
        self.signal(number)
        return self.wait(seconds, f"still running {seconds} s after {signal.Signals(number).name}")

    def signal(self, number):
        self._popen.send_signal(number)

    def wait(self, seconds, text="still running"):
        """The exit status of a program that is about to end."""
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(text) from None

    def kill(self):
        if self.running():
            self._popen.kill()
            self._popen.wait()


class Session:
    """One conversation: the program, the libevent it runs on, a scratch folder and a deadline."""

    def __init__(self, package, binary, mode, lib_dir, deadline, linked=None):
        """`linked`: what needs libevent, if it is not the binary but something that this loads."""
        found = shutil.which(binary)
        check(found and (linked is None or pathlib.Path(linked).exists()),
              f"{package} is not installed; tools/install-deps installs it")
        self.binary = pathlib.Path(found).resolve()
        self.linked = pathlib.Path(linked).resolve() if linked else self.binary
        self.package = package
        self.deadline = deadline
        self.libevent = Libevent(mode, lib_dir, self.linked)
        self._processes = []

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="relevent-program-"))
        self._start_time = time.monotonic()
        self._current = "start"
        # What a program puts into the background becomes our child when its parent ends.
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        signal.signal(signal.SIGALRM, self._on_deadline)
        signal.alarm(self.deadline)
        return self

    def __exit__(self, kind, value, trace):
        signal.alarm(0)
        if kind is not None:
            print(f"  while: {self._current}", flush=True)
            self._print_logs()
        self._clean_up()

    def _on_deadline(self, _number, _frame):
        # An exception could end up in an event loop's handler, so this leaves at once.
        print(f"FAIL: the deadline of {self.deadline} s passed while: {self._current}")
        self._print_logs()
        self._clean_up()
        os._exit(1)

    def _print_logs(self):
        for process in self._processes[-SHOWN_LOGS:]:
            state = "running" if process.running() else "ended"
            print(f"  the log of process {process.pid} ({state}), last lines:")
            for line in process.log.read_text(errors="replace").splitlines()[-20:]:
                print(f"    {line}", flush=True)

    def _clean_up(self):
        for process in self._processes:
            process.kill()
        kill_children()
        shutil.rmtree(self.folder, ignore_errors=True)

    def step(self, text):
        """Names what is done next, for the reports of a failure or a missed deadline."""
        self._current = text

    def done(self, text):
        print(f"  [{time.monotonic() - self._start_time:6.2f} s] {text}", flush=True)

    def introduce(self):
        """Prints which binary this is and that it is the one the package ships."""
        version = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}", self.package],
            check=True, capture_output=True, text=True).stdout
        checksum = hashlib.md5(self.linked.read_bytes()).hexdigest()
        check(checksum == packaged_checksum(self.package, self.linked),
              f"{self.linked} is not the file that the package {self.package} ships")
        print(f"  {self.linked} of {self.package} {version}, unmodified:\n"
              f"           md5 {checksum}, as the package lists it")

    def start(self, *arguments, environment=None):
        """Starts the program on the session's libevent."""
        settings = self.libevent.environment() | (environment or {})
        return self.watch(Process([str(self.binary), *arguments], settings, self.new_log()))

    def new_log(self):
        return self.folder / f"log-{len(self._processes)}"

    def watch(self, process):
        """Takes over a process that was started elsewhere: shows its log, kills it in the end."""
        self._processes.append(process)
        return process

    def show_libevent(self, process):
        """Checks and prints which libevent the running process maps."""
        check(os.path.samefile(f"/proc/{process.pid}/exe", self.binary),
              "the process does not run the packaged binary")
        lines = self.libevent.check_mapped(process.pid)
        way, value = next((name, value) for name, value in self.libevent.environment().items()
                          if name.startswith("LD_"))
        name = "relevent" if self.libevent.is_relevent else "the reference libevent"
        print(f"  process {process.pid} runs on {name}, by {way}={value}\n"
              f"  its memory map has no other libevent than:", flush=True)
        for line in lines:
            print(f"           {line}", flush=True)

    def wait_until(self, condition, seconds, text):
        """Waits for something that no descriptor announces; returns the condition's value."""
        limit = time.monotonic() + seconds
        while not (value := condition()):
            check(time.monotonic() < limit, f"not within {seconds} s: {text}")
            time.sleep(0.01)
        return value

    def wait_for_start(self, process, condition, seconds, text):
        """The same for what a program does when it has started; fails at once if that ends."""
        return self.wait_until(
            lambda: check(process.running(), f"{self.binary.name} ended at once") or condition(),
            seconds, text)


def free_port():
    """A port for UDP and TCP that a program can still take in a moment: the kernel gives none of this
    range to anybody who does not ask for it by number."""
    while True:
        port = random.randrange(20000, 30000)
        try:
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind(("127.0.0.1", port))
            return port
        except OSError:
            continue


def cpu_seconds(pid):
    """User and system time of a process so far."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return processor_ticks(text) / os.sysconf("SC_CLK_TCK")


def processor_ticks(stat):
    """User and system time of a line of /proc/PID/stat."""
    # The fields are counted from the name, which may itself hold blanks.
    fields = stat.rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def die_with_parent():
    """In the child: a harness that is killed takes the program with it."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def kill_children():
    """Kills what is left below us; the children of one that is killed become ours."""
    while children := pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        for pid in map(int, children):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def packaged_checksum(package, binary):
    """The MD5 sum that the package's own list has for this file, or None."""
    for path in pathlib.Path("/var/lib/dpkg/info").glob(f"{package}*.md5sums"):
        if path.stem.partition(":")[0] == package:
            for line in path.read_text().splitlines():
                checksum, name = line.split(maxsplit=1)
                if os.path.realpath(f"/{name}") == str(binary):
                    return checksum
    return None
