"""A WebSocket client (RFC 6455) upon a plain socket, so that it shares nothing with what is tested."""

import base64
import hashlib
import os
import struct

from sample import connect, expect

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Client:
    def __init__(self, port, path):
        self.socket = connect(port)
        self.stream = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16))
        self.socket.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                            b"Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
                            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n")
        expect(self.stream.readline(), b"HTTP/1.1 101 Switching Protocols\r\n")
        fields = {}
        while (line := self.stream.readline()) not in (b"\r\n", b""):
            name, value = line.split(b":", 1)
            fields[name.lower()] = value.strip()
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        expect(fields.get(b"sec-websocket-accept"), accept)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()

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
