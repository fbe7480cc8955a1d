"""What several conversations need of the network: clients, and scripted servers behind the program."""

import os
import pwd
import random
import socket
import subprocess
import threading

from libevent import Failure, check

SECONDS = 20
HOST = "127.0.0.1"


def connect(port):
    peer = socket.create_connection((HOST, port), SECONDS)
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


def wait_for_port(session, process, port):
    """Waits until the program listens there."""

    def listens():
        check(process.running(), "the program ended at once")
        try:
            connect(port).close()
            return True
        except OSError:
            return False

    session.wait_until(listens, SECONDS, f"port {port} listens")


def receive(peer, size):
    """Exactly this many bytes."""
    data = bytearray()
    while len(data) < size:
        part = peer.recv(min(size - len(data), 1 << 16))
        check(part, f"the connection ended after {len(data)} of {size} bytes")
        data += part
    return bytes(data)


def receive_line(peer):
    line = bytearray()
    while not line.endswith(b"\n"):
        line += receive(peer, 1)
    return bytes(line)


def receive_all(peer):
    """What comes until the connection ends."""
    return b"".join(iter(lambda: peer.recv(1 << 16), b""))


def check_echo(peer, size, seed=1):
    """Sends this many bytes while it reads as many, which must be the same."""
    data = random.Random(seed).randbytes(size)
    sender = threading.Thread(target=peer.sendall, args=(data,), daemon=True)
    sender.start()
    check(receive(peer, size) == data, "the echo differs")
    sender.join()


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
    extensions = ["-addext", f"subjectAltName=DNS:{name}"] if not authority else []
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-keyout", key, "-out", certificate, *extensions],
                   check=True, capture_output=True, timeout=SECONDS)
    return certificate, key
