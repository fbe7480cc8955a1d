#!/usr/bin/env python3
"""Builds the chat sample against an installed relevent, and talks to it as browsers would.

The clients are written here upon plain sockets, so that they share nothing with what is tested.
"""

import argparse
import base64
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import urllib.request

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "tools" / "samples" / "ws-chat"
SECONDS = 20
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Failure(Exception):
    pass


def expect(what, expected):
    if what != expected:
        raise Failure(f"expected {expected!r}, got {what!r}")


class Client:
    """A WebSocket client (RFC 6455)."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self.stream = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16))
        self.socket.sendall(b"GET /chat HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                            b"Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                            b"Sec-WebSocket-Key: " + key + b"\r\n\r\n")
        expect(self.stream.readline(), b"HTTP/1.1 101 Switching Protocols\r\n")
        fields = {}
        while (line := self.stream.readline()) not in (b"\r\n", b""):
            name, value = line.split(b":", 1)
            fields[name.lower()] = value.strip()
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        expect(fields.get(b"sec-websocket-accept"), accept)

    def send(self, opcode, payload, final=True):
        key = os.urandom(4)
        length = (struct.pack("!B", 0x80 | len(payload)) if len(payload) < 126 else
                  struct.pack("!BH", 0x80 | 126, len(payload)))
        masked = bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))
        self.socket.sendall(bytes([(0x80 if final else 0) | opcode]) + length + key + masked)

    def receive(self):
        """The opcode and payload of the next frame."""
        first, length = self.stream.read(2)
        if length == 126:
            (length,) = struct.unpack("!H", self.stream.read(2))
        return first & 0x0f, self.stream.read(length)

    def expect(self, opcode, payload):
        expect(self.receive(), (opcode, payload))

    def expect_end(self):
        expect(self.stream.read(1), b"")


def converse(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=SECONDS) as page:
        expect(page.read(), (SAMPLE / "chat.html").read_bytes())
    first = Client(port)
    first.expect(TEXT, b"Guest 1: has come")
    second = Client(port)
    for client in (first, second):
        client.expect(TEXT, b"Guest 2: has come")

    first.send(TEXT, "Grüße".encode())
    second.send(TEXT, b"x" * 1000)
    for client in (first, second):
        lines = {client.receive()[1] for _ in range(2)}
        expect(lines, {"Guest 1: Grüße".encode(), b"Guest 2: " + b"x" * 1000})

    second.send(TEXT, b"in ", final=False)
    second.send(PING, b"are you there?")
    second.send(0, b"parts")
    second.expect(PONG, b"are you there?")
    second.expect(TEXT, b"Guest 2: in parts")
    first.expect(TEXT, b"Guest 2: in parts")

    second.send(CLOSE, struct.pack("!H", 1000))
    second.expect(CLOSE, struct.pack("!H", 1000))
    second.expect_end()
    first.expect(TEXT, b"Guest 2: has left")
    first.send(TEXT, b"\xff")
    first.expect(CLOSE, struct.pack("!H", 1007))
    first.expect_end()


def run(build_dir, scratch):
    prefix = scratch / "installed"
    subprocess.run(["cmake", "--install", build_dir, "--prefix", prefix], check=True,
                   stdout=subprocess.DEVNULL)
    libraries = next(prefix.rglob("libevent.so")).parent
    shutil.copytree(SAMPLE, scratch / "sample")
    subprocess.run(["make", "-s", "-C", scratch / "sample"], check=True,
                   env=os.environ | {"PKG_CONFIG_PATH": str(libraries / "pkgconfig")})
    server = subprocess.Popen([scratch / "sample" / "ws-chat", "0", SAMPLE / "chat.html"],
                              env=os.environ | {"LD_LIBRARY_PATH": str(libraries)},
                              stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().strip()
        converse(int(address.rstrip("/").rsplit(":", 1)[1]))
        server.terminate()
        expect(server.wait(timeout=SECONDS), 0)
    finally:
        server.kill()
        server.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build-dir", type=pathlib.Path, required=True)
    options = parser.parse_args()
    # So that the folder goes away, and the server, when the test is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="relevent-chat-") as folder:
        try:
            run(options.build_dir, pathlib.Path(folder))
        except (Failure, OSError, ValueError, subprocess.SubprocessError) as failure:
            print(f"FAIL: {type(failure).__name__}: {failure}")
            return 1
    print("PASS")
    return 0


if __name__ == "__main__":
    sys.exit(main())
