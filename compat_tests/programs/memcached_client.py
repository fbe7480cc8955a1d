"""A client of memcached's text protocol that compares everything it reads."""

import asyncio
import hashlib
import socket
import struct

from libevent import check


def value_of(key, version=0):
    """The value that belongs to a key: 1 to 512 arbitrary bytes, line breaks among them."""
    digest = hashlib.blake2b(b"%d %s" % (version, key)).digest()
    return (digest * 8)[:1 + int.from_bytes(digest[:2], "big") % 512]


def storage_command(verb, key, value, *, expiry=0, noreply=False):
    tail = b" noreply" if noreply else b""
    return b"%s %s 7 %d %d%s\r\n%s\r\n" % (verb, key, expiry, len(value), tail, value)


class Client:
    """One connection."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, port):
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 20))

    async def close(self):
        self.writer.close()
        await self.writer.wait_closed()

    def reset(self):
        """Ends the connection with RST instead of FIN."""
        self.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def line(self):
        line = await self.reader.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError(f"the server closed the connection after {line!r}")
        return line[:-2]

    async def expect(self, *lines):
        for wanted in lines:
            got = await self.line()
            check(got == wanted, f"the server answered {got!r}, not {wanted!r}")

    async def command(self, text):
        """Sends one line and returns the line of the answer."""
        self.writer.write(text + b"\r\n")
        return await self.line()

    async def stats(self, kind=b""):
        """The server's figures as a dictionary."""
        self.writer.write(b"stats " + kind + b"\r\n" if kind else b"stats\r\n")
        figures = {}
        while (line := await self.line()) != b"END":
            _, name, value = line.split(b" ", 2)
            figures[name.decode()] = value.decode()
        return figures

    async def store(self, key, value, verb=b"set", expiry=0):
        self.writer.write(storage_command(verb, key, value, expiry=expiry))
        await self.writer.drain()
        return await self.line()

    async def fetch(self, *keys):
        """The values of those keys that the server has."""
        self.writer.write(b"get " + b" ".join(keys) + b"\r\n")
        return await self.values()

    async def values(self):
        """Reads the answer to one get."""
        found = {}
        while (line := await self.line()) != b"END":
            word, key, flags, size = line.split()
            check(word == b"VALUE" and flags == b"7", f"unexpected line {line!r}")
            data = await self.reader.readexactly(int(size) + 2)
            check(data.endswith(b"\r\n"), f"the value of {key!r} does not end with a line break")
            found[key] = data[:-2]
        return found

    async def store_many(self, keys, version=0):
        """Pipelined sets; every second batch of ten without replies."""
        for at in range(0, len(keys), 10):
            quiet = at // 10 % 2 == 1
            batch = keys[at:at + 10]
            self.writer.write(b"".join(
                storage_command(b"set", key, value_of(key, version), noreply=quiet)
                for key in batch))
            await self.writer.drain()
            if not quiet:
                await self.expect(*[b"STORED"] * len(batch))
        check((await self.command(b"version")).startswith(b"VERSION "), "no version")

    async def verify_many(self, keys, version=0):
        """Gets the keys, by turns 25 in one get and 25 gets in one packet; compares each value."""
        for at in range(0, len(keys), 25):
            batch = keys[at:at + 25]
            if at // 25 % 2 == 0:
                found = await self.fetch(*batch)
            else:
                self.writer.write(b"".join(b"get %s\r\n" % key for key in batch))
                found = {}
                for _ in batch:
                    found |= await self.values()
            check(len(found) == len(batch), f"{len(found)} of {len(batch)} values came back")
            for key in batch:
                check(found.get(key) == value_of(key, version), f"{key!r} has another value")
        return len(keys)
