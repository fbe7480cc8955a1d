"""What several conversations need of the network: clients, and scripted servers behind the program."""

import contextlib
import os
import pwd
import random
import select
import socket
import ssl
import subprocess
import threading

from libevent import Failure, check

SECONDS = 20
HOST = "127.0.0.1"
NOT_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def connect(port):
    peer = socket.create_connection((HOST, port), SECONDS)
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


def wait_for_port(session, process, port):
    """Waits until the program listens there."""

    def listens():
        try:
            connect(port).close()
            return True
        except OSError:
            return False

    session.wait_for_start(process, listens, SECONDS, f"port {port} listens")


def receive(peer, size):
    """Exactly this many bytes."""
    data = bytearray()
    while len(data) < size:
        part = peer.recv(min(size - len(data), 1 << 16))
        check(part, f"the connection ended after {len(data)} of {size} bytes")
        data += part
    return bytes(data)


def receive_line(peer):
    """A line and its end; what comes behind that stays in the socket."""
    line = b""
    while not line.endswith(b"\n"):
        part = peer.recv(1 << 16, socket.MSG_PEEK)
        check(part, f"the connection ended after {line!r}")
        line += receive(peer, part.find(b"\n") + 1 or len(part))
    return line


def receive_all(peer):
    """What comes until the connection ends."""
    return b"".join(iter(lambda: peer.recv(1 << 16), b""))


def check_echo(peer, size, seed=1):
    """Sends this many bytes while it reads as many, which must be the same. In one thread, since a TLS
    socket of Python's is not for two."""
    data = random.Random(seed).randbytes(size)
    sent, got = 0, bytearray()
    peer.setblocking(False)
    while len(got) < size:
        before = sent + len(got)
        if sent < size:
            with contextlib.suppress(*NOT_YET):
                sent += peer.send(data[sent:sent + (1 << 16)])
        with contextlib.suppress(*NOT_YET):
            part = peer.recv(1 << 16)
            check(part, f"the connection ended after {len(got)} of {size} bytes")
            got += part
        if sent + len(got) == before:
            ready = select.select([peer], [peer] if sent < size else [], [], SECONDS)
            check(any(ready), f"nothing moves after {len(got)} of {size} bytes")
    check(got == data, "the echo differs")
    peer.settimeout(SECONDS)


def check_echo_to_end(peer, size, seed=1):
    """The same, and then each side ends what it sends."""
    check_echo(peer, size, seed)
    peer.shutdown(socket.SHUT_WR)
    check(receive_all(peer) == b"", "more came back than was sent")


def echo(peer):
    """A handler for Server: sends back what comes."""
    while data := peer.recv(1 << 16):
        peer.sendall(data)


def in_parallel(count, work):
    """Calls work(number) in as many threads; one that fails fails all."""
    failures = []

    def guarded(number):
        try:
            work(number)
        except Exception as failure:  # to be reported by the main thread
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(not failures, f"{len(failures)} of {count} clients failed: {failures[:1]}")


class Server:
    """Listens on a port of the kernel's choice; calls handler(socket) in a thread for each connection."""

    def __init__(self, handler):
        self.accepted = 0
        self._handler = handler
        self._listener = socket.create_server((HOST, 0), backlog=256)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            peer, _ = self._listener.accept()
            self.accepted += 1
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        with peer:
            try:
                self._handler(peer)
            except (OSError, Failure):
                pass  # The other end may leave at any time; the client's side is what is checked.


def user():
    return pwd.getpwuid(os.getuid()).pw_name


def make_certificate(folder, name, authority=False):
    """A self-signed certificate and its key, for a while; returns their paths."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    extensions = ["-addext", f"subjectAltName=DNS:{name}"] if not authority else []
    subprocess.run(["openssl", "req", "-x509", *kind, "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-keyout", key, "-out", certificate, *extensions],
                   check=True, capture_output=True, timeout=SECONDS)
    return certificate, key
