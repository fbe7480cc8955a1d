"""What is said to each example, and what it has to answer. A conversation returns all it printed."""

import contextlib
import http.server
import os
import re
import signal
import socket
import ssl
import subprocess
import threading
import time

from builds import EXAMPLES_DIR
from dns_conversations import dns_asks, dns_serves
from example import SECONDS, Example, port_of_our_own
from harness import die_with_parent
from http_conversations import http_connect, http_server
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
        due = PERIOD
        for number in range(2):
            match = example.expect(r"timeout_cb called at \d+: (\d+\.\d{3}) seconds elapsed.\n")
            elapsed = float(match[1])
            check(due - EARLY < elapsed < PERIOD + LATE, f"tick {number} after {elapsed} s")
            if "-p" in arguments:
                due += PERIOD - elapsed  # a late tick is nearer to the next
        example.check_mapped()
        # It has no end of its own.
        check(example.running(), "it ended")
        return example.text


def persistent_time_test(build, folder):
    return time_test(build, folder, "-p")


def le_proxy(build, folder, *arguments):
    """Lines through the proxy to a TLS server that turns them round."""
    with tls_server(folder) as upstream:
        port = free_port()
        with Example(build, "le-proxy", folder, "-s", *arguments, f"127.0.0.1:{port}",
                     f"127.0.0.1:{upstream}") as example:
            client = connect_when_up(port)
            example.check_mapped()
            with client, client.makefile("rwb", buffering=0) as stream:
                for line in (b"first", b"second", b"x" * 4000 + b"yz"):
                    stream.write(line + b"\n")
                    check(stream.readline() == line[::-1] + b"\n", f"a wrong answer to {line[:9]}")
            check(example.running(), "it ended")
            return example.text


def le_proxy_by_filter(build, folder):
    return le_proxy(build, folder, "-W")


class Answer(http.server.BaseHTTPRequestHandler):
    """Says what it was sent, in many small pieces."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(b"a good answer to " + self.path.encode() + b"\n")

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for start in range(0, len(body), 700):
            self.wfile.write(body[start:start + 700])

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def https_server(folder):
    """Python's server; gives its port and the certificate."""
    key, certificate = make_certificate(folder, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        server.handle_error = lambda *_: None  # a client that goes is no error
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port, certificate
        finally:
            server.shutdown()
            thread.join()


def https_client(build, folder):
    """What it fetches, and sends, over TLS; and a certificate that it does not know."""
    data = folder / "data.txt"
    data.write_text("0123456789\n" * 5000)
    text = ""
    with https_server(folder) as (port, certificate):
        url = f"https://127.0.0.1:{port}/a/path?and=more"
        known = ("-crt", str(certificate))
        for arguments, wanted in ((known, "a good answer to /a/path[?]and=more\n"),
                                  ((*known, "-data", str(data)), "(0123456789\n){5000}"),
                                  (("-ignore-cert",), "a good answer"),
                                  ((), "certificate verify failed")):
            with Example(build, "https-client", folder, "-url", url, *arguments) as example:
                text += example.end(0)
                example.expect(wanted)
    return text


def make_certificate(folder, name):
    """A key and a certificate of its own, as files."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "2", "-subj", f"/CN={name}"], check=True, capture_output=True)
    return key, certificate


@contextlib.contextmanager
def tls_server(folder):
    """openssl's own server, with a certificate of its own; gives its port."""
    key, certificate = make_certificate(folder, "localhost")
    server = subprocess.Popen(
        ["openssl", "s_server", "-rev", "-accept", "127.0.0.1:0", "-key", key, "-cert",
         certificate],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent)
    try:
        line = next(line for line in server.stdout if line.startswith(b"ACCEPT"))
        yield int(line.rsplit(b":", 1)[1])
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def connect_when_up(port):
    limit = time.monotonic() + SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), SECONDS)
        except ConnectionRefusedError:
            check(time.monotonic() < limit, "it does not listen")
            time.sleep(0.02)


CONVERSATIONS = {
    "dns-example": [dns_asks, dns_serves],
    "event-read-fifo": [event_read_fifo],
    "hello-world": [hello_world],
    "http-connect": [http_connect],
    "http-server": [http_server],
    "https-client": [https_client],
    "le-proxy": [le_proxy, le_proxy_by_filter],
    "signal-test": [signal_test],
    "time-test": [time_test, persistent_time_test],
}


def comparable(text):
    """The text without addresses and times, which differ from run to run."""
    text = re.sub(r"0x[0-9a-f]+", "ADDRESS", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "HOST:PORT", text)
    return re.sub(r"at \d+: \d+\.\d+ seconds", "at TIME: N seconds", text)
