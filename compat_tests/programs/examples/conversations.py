"""What is said to each example, and what it has to answer. A conversation returns all it printed."""

import os
import re
import signal
import socket
import time

from builds import EXAMPLES_DIR
from example import SECONDS, Example, port_of_our_own
from libevent import check

PORT = 9995  # It is written into hello-world.c.
GREETING = b"Hello, World!\n"
AT_ONCE = 50
# The programs' own period; how late a tick may be depends on the machine's load.
PERIOD, EARLY, LATE = 2.0, 0.05, 10.0


def event_read_fifo(build, folder):
    fifo = folder / "event.fifo"
    program = "event-read-fifo"

    def start():
        example = Example(build, program, folder)
        example.expect("Write data to event.fifo\n")
        example.until_caught(signal.SIGINT)
        return example

    with start() as example:
        example.check_mapped()
        writer = os.open(fifo, os.O_WRONLY)
        os.write(writer, b"good morning")
        example.expect("Read: good morning\n")
        # More than its buffer holds, so the event has to come again.
        os.write(writer, b"a" * 600)
        example.expect(f"Read: a{{254}}\n(.*\n)Read: a{{254}}\n(.*\n)Read: a{{92}}\n")
        os.close(writer)
        example.expect("Connection closed\n")
        text = example.end(0)
        check(not fifo.exists(), "the pipe is not removed after its end")
    with start() as example:
        example.signal(signal.SIGINT)
        text += example.end(0)
        check(not fifo.exists(), "the pipe is not removed after SIGINT")
    fifo.write_text("not a pipe")
    with Example(build, program, folder) as example:
        text += example.end(1)
        check(fifo.read_text() == "not a pipe", "a file that is in the way is changed")
    return text


def hello_world(build, folder):
    with port_of_our_own(PORT, EXAMPLES_DIR / "hello-world.c"):
        with Example(build, "hello-world", folder) as example:
            example.until_caught(signal.SIGINT)
            example.check_mapped()
            with Example(build, "hello-world", folder) as second:
                text = second.end(1)
            for _ in range(3):
                greeted(example, [connect()])
            greeted(example, [connect() for _ in range(AT_ONCE)])
            start = time.monotonic()
            example.signal(signal.SIGINT)
            example.expect("exiting cleanly in two seconds.\n")
            # In these two seconds it still serves.
            greeted(example, [connect()])
            text += example.end(0)
            elapsed = time.monotonic() - start
            check(PERIOD - EARLY < elapsed < PERIOD + LATE, f"it took {elapsed:.2f} s to end")
            check(text.count("flushed answer\n") == 3 + AT_ONCE + 1, f"it printed {text!r}")
    return text


def connect():
    return socket.create_connection(("127.0.0.1", PORT), SECONDS)


def greeted(example, clients):
    for client in clients:
        with client:
            answer = b"".join(iter(lambda: client.recv(4096), b""))
        check(answer == GREETING, f"a client was told {answer!r}")
    for _ in clients:
        example.expect("flushed answer\n")


def signal_test(build, folder):
    with Example(build, "signal-test", folder) as example:
        example.until_caught(signal.SIGINT)
        example.check_mapped()
        for _ in range(3):
            check(example.running(), "it ended before the third signal")
            example.signal(signal.SIGINT)
            example.expect("signal_cb: got signal 2\n")
        return example.end(0)


def time_test(build, folder, *arguments):
    with Example(build, "time-test", folder, *arguments) as example:
        for number in range(2):
            match = example.expect(r"timeout_cb called at \d+: (\d+\.\d{3}) seconds elapsed.\n")
            elapsed = float(match[1])
            check(PERIOD - EARLY < elapsed < PERIOD + LATE, f"tick {number} after {elapsed} s")
        example.check_mapped()
        # It has no end of its own.
        check(example.running(), "it ended")
        return example.text


def persistent_time_test(build, folder):
    return time_test(build, folder, "-p")


CONVERSATIONS = {
    "event-read-fifo": [event_read_fifo],
    "hello-world": [hello_world],
    "signal-test": [signal_test],
    "time-test": [time_test, persistent_time_test],
}


def comparable(text):
    """The text without addresses and times, which differ from run to run."""
    text = re.sub(r"0x[0-9a-f]+", "ADDRESS", text)
    return re.sub(r"at \d+: \d+\.\d+ seconds", "at TIME: N seconds", text)
