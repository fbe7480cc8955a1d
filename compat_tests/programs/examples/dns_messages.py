"""DNS messages, made and read by hand (RFC 1035), for those who talk to the DNS example."""

import dataclasses
import socket
import struct

A, CNAME, PTR, TXT, AAAA = 1, 5, 12, 16, 28
INTERNET = 1
ASKED, ANSWERED, NO_SUCH_NAME = 0x0100, 0x8180, 0x8183


@dataclasses.dataclass
class Record:
    name: str
    kind: int
    ttl: int
    value: str


@dataclasses.dataclass
class Message:
    number: int
    flags: int
    questions: list = dataclasses.field(default_factory=list)  # (name, kind)
    answers: list = dataclasses.field(default_factory=list)

    def encode(self):
        sizes = len(self.questions), len(self.answers), 0, 0
        text = struct.pack(">6H", self.number, self.flags, *sizes)
        for name, kind in self.questions:
            text += encode_name(name) + struct.pack(">2H", kind, INTERNET)
        for record in self.answers:
            data = encode_value(record.kind, record.value)
            text += encode_name(record.name) + struct.pack(
                ">2HIH", record.kind, INTERNET, record.ttl, len(data)) + data
        return text


def encode_name(name):
    labels = [label.encode() for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def encode_value(kind, value):
    if kind in (A, AAAA):
        return socket.inet_pton(socket.AF_INET if kind == A else socket.AF_INET6, value)
    return encode_name(value)


def decode(text):
    number, flags, questions, answers, _, _ = struct.unpack_from(">6H", text)
    message, at = Message(number, flags), 12
    for _ in range(questions):
        name, at = decode_name(text, at)
        message.questions.append((name, struct.unpack_from(">H", text, at)[0]))
        at += 4
    for _ in range(answers):
        name, at = decode_name(text, at)
        kind, _, ttl, size = struct.unpack_from(">2HIH", text, at)
        at += 10
        message.answers.append(Record(name, kind, ttl, decode_value(text, at, kind, size)))
        at += size
    if at != len(text):
        raise ValueError(f"{len(text) - at} bytes follow the message")
    return message


def decode_name(text, at):
    """The name and where it ends; pointers lead to where it goes on."""
    labels, end = [], None
    while size := text[at]:
        if size >= 0xc0:
            end = end or at + 2
            at = struct.unpack_from(">H", text, at)[0] & 0x3fff
        else:
            labels.append(text[at + 1:at + 1 + size].decode())
            at += 1 + size
    return ".".join(labels), end or at + 1


def decode_value(text, at, kind, size):
    if kind in (A, AAAA):
        family = socket.AF_INET if kind == A else socket.AF_INET6
        return socket.inet_ntop(family, text[at:at + size])
    return decode_name(text, at)[0]
