"""The two ways to talk to a tmux server: commands over its socket, and a client in a terminal."""

import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time

from harness import cpu_seconds, die_with_parent
from libevent import Failure, check

ESCAPES = re.compile(rb"\x1b(?:\[[0-9;:?<=>]*[ -/]*[@-~]|[()][0-9A-B]|[\]Pk].*?(?:\x07|\x1b\\)|.)",
                     re.DOTALL)
# Of what is drawn on a terminal; a screen is far smaller.
KEPT_BYTES = 100_000


class Tmux:
    """The server behind one socket; it reads no configuration but what is set here."""

    def __init__(self, session, name):
        self.session = session
        self.socket = session.folder / name
        # A pane's shell gets this too, with the library's path, and finds the server by itself.
        self.environment = {name: value for name, value in session.libevent.environment().items()
                            if not name.startswith("TMUX")}
        self.environment |= {"SHELL": "/bin/sh", "HOME": str(session.folder), "ENV": "",
                             "PS1": "$ ", "LC_ALL": "C.UTF-8", "TERM": "screen"}

    def line(self, *arguments):
        """The command line of a client."""
        return [str(self.session.binary), "-S", str(self.socket), "-f", "/dev/null", "-u",
                *arguments]

    def command(self, *arguments, data=b"", status=0, seconds=60):
        """Runs one client without a terminal; returns what it printed."""
        done = subprocess.run(self.line(*arguments), env=self.environment, input=data,
                              capture_output=True, timeout=seconds, preexec_fn=die_with_parent)
        check(done.returncode == status,
              f"tmux {' '.join(arguments)[:200]}: exit status {done.returncode}, {done.stderr!r}")
        return done.stdout if data else done.stdout.decode()

    def start(self, *arguments):
        """Starts a client that stays."""
        return self.session.start(*self.line(*arguments)[1:], environment=self.environment)

    def attach(self, *arguments, columns=80, rows=24):
        """Starts a client in a terminal."""
        return self.session.watch(Terminal(
            self.line("attach-session", *arguments), self.environment, self.session.new_log(),
            columns, rows))

    def value(self, target, text):
        """What a format string says about a pane, a window or a session."""
        return self.command("display-message", "-p", "-t", target, text).rstrip("\n")

    def values(self, listing, *arguments):
        return self.command(listing, *arguments).split()

    def screen(self, pane, history=0):
        return self.command("capture-pane", "-p", "-t", pane, "-S", str(-history)).splitlines()

    def lines(self, pane):
        """What is on the screen, without prompts: a shell's may come after what was typed ahead."""
        return [line.lstrip("$ ") for line in self.screen(pane)]

    def keys(self, pane, text):
        """Types a line."""
        self.command("send-keys", "-t", pane, "-l", text, ";", "send-keys", "-t", pane, "Enter")

    def until(self, condition, text, seconds=40):
        """Asks the server until the answer is right; each question is a process of its own."""
        limit = time.monotonic() + seconds
        while not (value := condition()):
            check(time.monotonic() < limit, f"not within {seconds} s: {text}")
            time.sleep(0.05)
        return value

    def until_line(self, pane, line):
        try:
            self.until(lambda: line in self.lines(pane), f"{pane} shows {line!r}")
        except Failure as failure:
            raise Failure(f"{failure}, but {self.screen(pane)}") from None

    def until_size(self, pane):
        """Waits until the pane's terminal has its size; the server sets it with some delay."""
        def same():
            width, height, name = self.value(
                pane, "#{pane_width} #{pane_height} #{pane_tty}").split()
            with open(name) as terminal:
                return os.get_terminal_size(terminal.fileno()) == (int(width), int(height))
        self.until(same, f"the terminal of {pane} has the size of the pane")

    def new_pane(self, how, *arguments):
        """Makes a window or splits one; returns the pane's name and its process."""
        answer = self.command(how, "-d", "-P", "-F", "#{pane_id} #{pane_pid}", *arguments)
        pane, pid = answer.split()
        return pane, int(pid)


class Daemon:
    """A server that has put itself into the background, and so became a child of the harness."""

    def __init__(self, pid, log):
        self.pid = pid
        self.log = log
        log.touch()
        self.status = None

    def running(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is None

    def cpu_seconds(self):
        return cpu_seconds(self.pid)

    def signal(self, number):
        check(self.running(), "the server has ended")
        os.kill(self.pid, number)

    def kill(self):
        if self.running():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.status = -signal.SIGKILL


class Terminal:
    """A client inside a terminal; a thread reads what it draws, unless told to pause."""

    def __init__(self, command, environment, log, columns, rows):
        self._master, slave = pty.openpty()
        self._drawn = b""
        self._condition = threading.Condition()
        self._reading = threading.Event()
        self._reading.set()
        self._hung_up = False
        self.log = log
        self.resize(columns, rows)
        self._popen = subprocess.Popen(command, env=environment, stdin=slave, stdout=slave,
                                       stderr=slave, preexec_fn=take_terminal)
        os.close(slave)
        self.pid = self._popen.pid
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        with self.log.open("wb", buffering=0) as log:
            while not self._hung_up:
                self._reading.wait()
                if not select.select([self._master], [], [], 0.05)[0]:
                    continue
                try:
                    data = os.read(self._master, 65536)
                except OSError:  # The last process has left the terminal.
                    break
                with self._condition:
                    self._drawn = (self._drawn + data)[-KEPT_BYTES:]
                    self._condition.notify_all()
                log.write(ESCAPES.sub(b"", data))
        os.close(self._master)

    def resize(self, columns, rows):
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def type(self, keys):
        os.write(self._master, keys)

    def pause(self):
        """From now on nobody reads the terminal."""
        self._reading.clear()

    def resume(self):
        self._reading.set()

    def forget(self):
        """Only what is drawn from now on counts."""
        with self._condition:
            self._drawn = b""

    def expect(self, text, seconds=40):
        """Waits until the text was drawn, apart from colours and moves of the cursor."""
        with self._condition:
            if not self._condition.wait_for(lambda: text in ESCAPES.sub(b"", self._drawn), seconds):
                raise Failure(f"the terminal did not show {text!r} within {seconds} s")

    def running(self):
        return self._popen.poll() is None

    def status(self, seconds=40):
        """The exit status, once the client ends by itself."""
        try:
            status = self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"the client did not end within {seconds} s") from None
        self._thread.join(seconds)
        return status

    def hang_up(self):
        """The terminal goes away, as when its window is closed."""
        self._hung_up = True
        self._thread.join()

    def kill(self):
        self._popen.kill()
        self._popen.wait()


class ControlClient:
    """A client in control mode: commands go in by lines, answers and output come out by lines."""

    def __init__(self, tmux, *arguments):
        self.log = tmux.session.new_log()
        with self.log.open("wb") as log:
            self._popen = subprocess.Popen(
                tmux.line("-C", "attach-session", *arguments), env=tmux.environment,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                preexec_fn=die_with_parent)
        self.pid = self._popen.pid
        self._outputs = {}
        tmux.session.watch(self)
        self._answer()

    def command(self, text):
        """Runs a command on the server; returns the lines of its answer."""
        self._popen.stdin.write(text.encode() + b"\n")
        self._popen.stdin.flush()
        return self._answer()

    def _answer(self):
        lines = []
        while not (line := self._line()).startswith(b"%begin"):
            pass
        while not (line := self._line()).startswith((b"%end", b"%error")):
            lines.append(line)
        check(line.startswith(b"%end"), f"control mode: {lines}")
        return lines

    def _line(self):
        line = self._popen.stdout.readline()
        check(line.endswith(b"\n"), "the control client ended")
        if line.startswith(b"%output "):
            _, pane, text = line[:-1].split(b" ", 2)
            self._outputs.setdefault(pane.decode(), bytearray()).extend(unescape(text))
        return line[:-1]

    def output(self, pane, ending):
        """All that the pane has put out, which must come to this ending."""
        while not self._outputs.get(pane, b"").endswith(ending):
            self._line()
        return bytes(self._outputs[pane])

    def close(self, seconds=40):
        """Ends the input; returns the exit status."""
        self._popen.communicate(timeout=seconds)
        return self._popen.returncode

    def running(self):
        return self._popen.poll() is None

    def kill(self):
        self._popen.kill()
        self._popen.wait()


def unescape(text):
    """Bytes below blank and the backslash come as three octal digits."""
    return re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), text)


def take_terminal():
    """In the child: its standard input is the terminal that controls it."""
    die_with_parent()
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def process_exists(pid):
    return pathlib.Path(f"/proc/{pid}").exists()
