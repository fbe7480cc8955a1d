"""Has the player hold conversations on one of the libraries, and makes its answers comparable."""

import dataclasses
import os
import re
import struct
import subprocess

STATUS = re.compile(rb"HTTP/[-\d.]+ (\d{3}) ")
DATE = re.compile(rb"Date: [^\r]*\r\n")
# An error, whose page is in each library's own words.
ERROR = re.compile(rb"(HTTP/[-\d.]+ [45]\d\d [^\r]*\r\n)((?:[^\r]+\r\n)*)\r\n<HTML>.*?</HTML>\n",
                   re.DOTALL)
LENGTH = b"Content-Length: "


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of a conversation."""

    requests: bytes  # as the server's callback saw them
    replies: bytes  # and at its end "open" or "closed"
    at_end: bytes  # the same once the client has ended its output

    def __str__(self):
        """The status codes and the connection's fate, such as "200 400 closed; closed"."""
        return "; ".join(" ".join([*(code.decode() for code in STATUS.findall(text)),
                                   "closed" if text.endswith(b"closed") else "open"])
                         for text in (self.replies, self.at_end))


def comparable(replies):
    return ERROR.sub(comparable_error, DATE.sub(b"", replies))


def comparable_error(match):
    fields = sorted(line for line in match[2].splitlines(keepends=True)
                    if not line.startswith(LENGTH))
    return match[1] + b"".join(fields) + b"\r\nPAGE"


def hold(player, library_dir, conversations, **settings):
    """The outcome of each conversation, on the library in that folder."""
    numbers = struct.Struct("=I")
    said = b"".join(numbers.pack(len(pieces)) +
                    b"".join(numbers.pack(len(piece)) + piece for piece in pieces)
                    for pieces in conversations)
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("LD_", "EVENT_", "RELEVENT_"))}
    done = subprocess.run([player], input=said, stdout=subprocess.PIPE, check=True,
                          env=environment | settings | {"LD_LIBRARY_PATH": str(library_dir)})
    texts, at = [], 0
    while at < len(done.stdout):
        length, = numbers.unpack_from(done.stdout, at)
        at += numbers.size
        texts.append(done.stdout[at:at + length])
        at += length
    outcomes = [Outcome(requests, comparable(replies), comparable(at_end))
                for requests, replies, at_end in zip(texts[::3], texts[1::3], texts[2::3])]
    if len(outcomes) != len(conversations):
        raise ValueError(f"{len(outcomes)} outcomes of {len(conversations)} conversations")
    return outcomes
