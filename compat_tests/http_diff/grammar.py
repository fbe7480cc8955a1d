"""Conversations with an HTTP server: valid ones, and ones that are wrong in every way we know.

A message is put together from slots. Each slot has values that are all right, which come first, and
values that are not. `single_faults()` tries each value of each slot in an otherwise plain message,
`random_conversations()` combines them and damages bytes here and there.
"""

import dataclasses

METHODS = [b"GET", b"POST", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"PATCH",
           b"get", b"FOO", b"", b"G(T", b"G\x01T", b"G\x00T", b"GET,", b"GET\t", b"M" * 300]
TARGETS = [b"/", b"/a/b?c=d&e", b"/%41", b"*", b"http://h/x", b"https://h:8080/x?y", b"/a%zz",
           b"//h/x", b"/#f", b"", b"a", b"/a b", b"/\x01", b"/\x00", b"/\t", b"/\xff", b"/\x7f",
           b"http://h:99999/", b"http://", b"http://[::1]/", b"http://[::1/", b"/?\"<>", b"h:80",
           b"/" + b"a" * 5000]
SPACES = [b" ", b"  ", b"\t", b""]
VERSIONS = [b"HTTP/1.1", b"HTTP/1.0", b"HTTP/1.2", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/1.1 ",
            b"http/1.1", b"HTTP/1", b"HTTP/1.", b"HTTP/.1", b"HTTP/01.1", b"HTTP/1.10",
            b"HTTP/+1.1", b"HTTP/-1.1", b"HTTP/1.1x", b"HTTP/1.1\t", b"HTTP 1.1", b"HTTP/1,1",
            b"HTTP/300.1", b""]
LINE_ENDS = [b"\r\n", b"\n", b"\r", b"\r\r\n", b"\n\r", b"\r\n\r"]
HEAD_ENDS = [*LINE_ENDS, b"\0\r\n\r\n", b" \r\n\r\n"]
STARTS = [b"", b"\r\n", b"\n", b" ", b"\x00", b"\r\n\r\n"]
HOSTS = [b"Host: h\r\n", b"", b"Host: h\r\nHost: h\r\n", b"Host: h\r\nHost: g\r\n", b"Host:\r\n",
         b"Host: h:80\r\n", b"host: H\r\n", b"Host: a b\r\n", b"Host : h\r\n"]
FIELDS = [b"", b"X: y\r\n", b"X:y\r\n", b"X:\r\n", b"X: \t y \t\r\n", b"X: y\r\nX: z\r\n",
          b"X: y\r\n z\r\n", b"X: y\r\n\tz\r\n", b"X: y\r\n \r\n", b"X: y\r\n  z  \r\n w\r\n",
          b"X: y\n z\n", b" X: y\r\n", b"X\r\n", b": y\r\n", b"X : y\r\n", b"X\t: y\r\n",
          b"X Y: z\r\n", b"X(: y\r\n", b"X\x00: y\r\n", b"X\x01: y\r\n", b"X\xff: y\r\n",
          b"X: a\x00b\r\n", b"X: a\x01b\r\n", b"X: a\x7fb\r\n", b"X: a\xffb\r\n", b"X: a\tb\r\n",
          b"X: a\rb\r\n", b"X: a\r\r\n", b"X: y\r\n\x01z\r\n", b"X: y\r\n z\x01\r\n",
          b"X: y\r\n z: w\r\n", b"X: y\n", b"\rX: y\r\n", b"X: " + b"y" * 5000 + b"\r\n",
          b"X: y\r\n" * 100, b"X;Y: z\r\n", b"X:: y\r\n", b"X: y\x0b\r\n", b"X: y\x0c\r\n"]
CONNECTIONS = [b"", b"Connection: close\r\n", b"Connection: keep-alive\r\n",
               b"Connection: Close\r\n", b"Connection: x, close\r\n",
               b"Connection: keep-alive, close\r\n", b"Connection: closed\r\n",
               b"Connection: close\r\nConnection: keep-alive\r\n",
               b"Proxy-Connection: close\r\n", b"Proxy-Connection: keep-alive\r\n"]
EXPECTATIONS = [b"", b"Expect: 100-continue\r\n", b"Expect: 100-Continue\r\n", b"Expect: x\r\n",
                b"Expect:\r\n", b"Expect: 100-continue, x\r\n"]

BODY = b"0123456789abc"
# What says how long the body is, %d being its length, and whether the body comes in chunks.
FRAMINGS = [
    (b"", None), (b"Content-Length: %d\r\n", False), (b"Transfer-Encoding: chunked\r\n", True),
    (b"content-length:%d\r\n", False), (b"Content-Length: 0\r\n", None),
    (b"Transfer-Encoding: CHUNKED\r\n", True), (b"transfer-encoding:\tChunked \r\n", True),
    (b"Content-Length: 0%d\r\n", False), (b"Content-Length: +%d\r\n", False),
    (b"Content-Length: -%d\r\n", False), (b"Content-Length: 0x%d\r\n", False),
    (b"Content-Length: %d \r\n", False), (b"Content-Length: %dx\r\n", False),
    (b"Content-Length: %d, %d\r\n", False), (b"Content-Length: %d %d\r\n", False),
    (b"Content-Length: %d.0\r\n", False), (b"Content-Length:\r\n", False),
    (b"Content-Length: \"%d\"\r\n", False), (b"Content-Length : %d\r\n", False),
    (b"Content-Length\t: %d\r\n", False), (b" Content-Length: %d\r\n", False),
    (b"Content-Length: 1\r\n 3\r\n", False), (b"Content-Length:\r\n %d\r\n", False),
    (b"Content-Length: %d\r\nContent-Length: %d\r\n", False),
    (b"Content-Length: %d\r\nContent-Length: 1%d\r\n", False),
    (b"Content-Length: %d\r\nContent-Length: x\r\n", False),
    (b"Content-Length: 9223372036854775807\r\n", False),
    (b"Content-Length: 9223372036854775808\r\n", False),
    (b"Content-Length: 18446744073709551629\r\n", False),
    (b"Content-Length: 99999999999999999999999\r\n", False),
    (b"Content-Length: 4294967309\r\n", False),
    (b"Content-Length: 1%d\r\n", False), (b"Content-Length: 5\r\n", False),
    (b"Content-Length: %d\x00\r\n", False), (b"Content-Length: \x0b%d\r\n", False),
    (b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n", True),
    (b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n", True),
    (b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n", False),
    (b"Content-Length: %d\r\nTransfer-Encoding: identity\r\n", False),
    (b"Transfer-Encoding: identity\r\n", None), (b"Transfer-Encoding:\r\n", None),
    (b"Transfer-Encoding: gzip, chunked\r\n", True),
    (b"Transfer-Encoding: chunked, gzip\r\n", True),
    (b"Transfer-Encoding: chunked, chunked\r\n", True),
    (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", True),
    (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", True),
    (b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", True),
    (b"Transfer-Encoding: xchunked\r\n", True), (b"Transfer-Encoding: chunkedx\r\n", True),
    (b"Transfer-Encoding: chunked;q=1\r\n", True), (b"Transfer-Encoding: \"chunked\"\r\n", True),
    (b"Transfer-Encoding : chunked\r\n", True), (b" Transfer-Encoding: chunked\r\n", True),
    (b"Transfer-Encoding:\r\n chunked\r\n", True), (b"Transfer-Encoding: chunked\x00\r\n", True),
    (b"Transfer-Encoding: \x0bchunked\r\n", True), (b"Transfer_Encoding: chunked\r\n", True),
]
# Each in place of the line that says "5".
CHUNK_LINES = [b"5\r\n", b"05\r\n", b"0000000000000000000005\r\n", b"5;n\r\n", b"5;n=v\r\n",
               b"5;n=\"v;w\"\r\n", b"5 ;n\r\n", b"5; n = v\r\n", b"5;\r\n", b"+5\r\n", b"-5\r\n",
               b"0x5\r\n", b"0X5\r\n", b" 5\r\n", b"\t5\r\n", b"5 \r\n", b"5\t\r\n", b"5x\r\n",
               b"5,\r\n", b"5\x00\r\n", b"5;\x01\r\n", b"5;\x00\r\n", b"5\x0b\r\n", b"5\n",
               b"5\r", b"5\r\r\n", b"\r\n5\r\n", b"\r\n\r\n5\r\n", b"5;n\n", b"x\r\n", b";\r\n",
               b"ffffffffffffffff\r\n", b"10000000000000005\r\n", b"8000000000000000\r\n",
               b"7fffffffffffffff\r\n", b"100000005\r\n", b"-\r\n", b"0x\r\n", b"4\r\n", b"6\r\n",
               b"5;" + b"n" * 5000 + b"\r\n"]
CHUNK_ENDS = [b"\r\n", b"\n", b"\r", b"", b"x\r\n", b"\r\n\r\n", b"\r\r\n"]
LAST_CHUNKS = [b"0\r\n", b"000\r\n", b"0;n=v\r\n", b"0\n", b"0 \r\n", b"-0\r\n", b"+0\r\n",
               b"0x0\r\n", b"\r\n", b""]
TRAILERS = [b"\r\n", b"T: u\r\n\r\n", b"T: u\r\n v\r\n\r\n", b"Content-Length: 5\r\n\r\n",
            b"T: u\r\n\n", b"\n", b"T\r\n\r\n", b": u\r\n\r\n", b" T: u\r\n\r\n",
            b"T: \x01\r\n\r\n", b"T : u\r\n\r\n", b"T: u", b""]


@dataclasses.dataclass
class Message:
    """A request, by its slots. Those that nobody sets are all right."""

    start: bytes = STARTS[0]
    method: bytes = METHODS[0]
    space: bytes = SPACES[0]
    target: bytes = TARGETS[0]
    second_space: bytes = SPACES[0]
    version: bytes = VERSIONS[0]
    line_end: bytes = LINE_ENDS[0]
    host: bytes = HOSTS[0]
    fields: bytes = FIELDS[0]
    connection: bytes = CONNECTIONS[0]
    expectation: bytes = EXPECTATIONS[0]
    framing: tuple = FRAMINGS[0]
    head_end: bytes = HEAD_ENDS[0]
    chunk_line: bytes = CHUNK_LINES[0]
    chunk_end: bytes = CHUNK_ENDS[0]
    last_chunk: bytes = LAST_CHUNKS[0]
    trailer: bytes = TRAILERS[0]

    def __bytes__(self):
        said, chunked = self.framing
        length = len(BODY)
        return b"".join([
            self.start, self.method, self.space, self.target, self.second_space, self.version,
            self.line_end, self.host, self.fields, self.connection, self.expectation,
            said.replace(b"%d", b"%d" % length), self.head_end, self._body(chunked)])

    def _body(self, chunked):
        if chunked is None:
            return b""
        if not chunked:
            return BODY
        return b"".join([self.chunk_line, BODY[:5], self.chunk_end, b"8\r\n", BODY[5:], b"\r\n",
                         self.last_chunk, self.trailer])


SLOTS = {"start": STARTS, "method": METHODS, "space": SPACES, "target": TARGETS,
         "second_space": SPACES, "version": VERSIONS, "line_end": LINE_ENDS, "host": HOSTS,
         "fields": FIELDS, "connection": CONNECTIONS, "expectation": EXPECTATIONS,
         "framing": FRAMINGS, "head_end": HEAD_ENDS, "chunk_line": CHUNK_LINES,
         "chunk_end": CHUNK_ENDS, "last_chunk": LAST_CHUNKS, "trailer": TRAILERS}
PLAIN_FRAMINGS = FRAMINGS[:3]
NEXT = bytes(Message(target=b"/next"))


def core_conversations():
    """Well-formed requests alone, in pairs and in threes, which are split everywhere."""
    for method in (b"GET", b"POST", b"HEAD"):
        for framing in PLAIN_FRAMINGS:
            yield bytes(Message(method=method, framing=framing))
    chunks = Message(method=b"PUT", framing=FRAMINGS[2], trailer=TRAILERS[1])
    length = Message(method=b"POST", framing=FRAMINGS[1])
    yield bytes(chunks) + NEXT
    yield bytes(length) + NEXT + bytes(chunks)
    yield bytes(dataclasses.replace(length, expectation=EXPECTATIONS[1]))
    yield bytes(dataclasses.replace(chunks, expectation=EXPECTATIONS[1])) + NEXT
    yield bytes(Message(version=b"HTTP/1.0", host=b"", connection=CONNECTIONS[2])) + NEXT
    yield bytes(Message(version=b"HTTP/1.0", host=b"")) + NEXT
    yield bytes(Message(version=b"HTTP/0.9", connection=CONNECTIONS[2]))
    yield bytes(Message(connection=CONNECTIONS[1])) + NEXT
    yield bytes(dataclasses.replace(chunks, trailer=TRAILERS[2]))
    yield bytes(Message(fields=b"X: \t y \t\r\nX: z\r\n w\r\n", line_end=b"\n"))
    yield bytes(Message(target=b"http://h/x?y"))


def single_faults():
    """Each value of each slot, in a message that is all right otherwise; another one follows."""
    for name, values in SLOTS.items():
        for value in values:
            for framing in PLAIN_FRAMINGS:
                message = Message(method=b"POST", framing=framing)
                setattr(message, name, value)
                yield bytes(message) + NEXT


def random_message(random):
    message = Message()
    for name in random.sample(list(SLOTS), random.randrange(1, 5)):
        values = SLOTS[name]
        # Mostly what is all right, or nearly: wrong twice is refused at the first.
        setattr(message, name, random.choice(values if random.random() < 0.5 else values[:6]))
    if random.random() < 0.3:
        message.framing = random.choice(FRAMINGS)
    return bytes(message)


def damage(random, text):
    at = random.randrange(len(text))
    what = random.randrange(4)
    if what == 0:
        return text[:at] + text[at + 1:]
    if what == 1:
        return text[:at] + bytes([random.choice(b"\x00\x01\t\n\r !:;,09aA\x7f\xff")]) + text[at:]
    if what == 2:
        return text[:at] + text[at:at + 8] + text[at:]
    return text[:at]


def random_conversations(random, count):
    for _ in range(count):
        text = b"".join(random_message(random) for _ in range(random.choice((1, 1, 2, 3))))
        if random.random() < 0.4 and text:
            text = damage(random, text)
        yield text


def in_pieces(text, *cuts):
    """The text, cut there."""
    ends = [0, *sorted(cuts), len(text)]
    return tuple(text[begin:end] for begin, end in zip(ends, ends[1:]))


def all_conversations(random, count):
    """What is sent, as tuples of pieces."""
    for text in core_conversations():
        for at in range(1, len(text)):
            yield in_pieces(text, at)
        yield in_pieces(text, *range(1, len(text)))
    for texts, samples in ((single_faults(), 3), (random_conversations(random, count), 2)):
        for text in texts:
            yield (text,)
            for _ in range(samples if len(text) > 1 else 0):
                yield in_pieces(text, random.randrange(1, len(text)))
