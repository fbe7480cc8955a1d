"""The intended differences between relevent and the reference, as rows.

A row explains a difference if its pattern occurs in what the client said, and if its `fate` matches
"REFERENCE | OURS", each a text such as "200 400 closed; closed": the status codes and what became
of the connection, and the same again once the client had ended its output.
"""

import dataclasses
import re

COMPAT, SAFE = "compat", "safe"
ALIKE = r"(.*) \| \1"
# Whatever the reference did, relevent has refused the next one of the requests.
REFUSED = r"((?:\d+ )*).* \| (?:\1)400 closed; closed"


@dataclasses.dataclass(frozen=True)
class Difference:
    reason: str
    said: bytes
    fate: str
    modes: tuple = (COMPAT, SAFE)

    def explains(self, mode, said, reference, ours):
        return (mode in self.modes and re.fullmatch(self.fate, f"{reference} | {ours}") is not None
                and re.search(self.said, said, re.DOTALL | re.IGNORECASE) is not None)


def refused(reason, said, fate=REFUSED):
    """What only "compat" puts up with: somebody else may understand it otherwise."""
    return Difference(reason, said, fate, modes=(SAFE,))


DIFFERENCES = [
    # In every mode.
    Difference("that the connection of a request to a proxy ends is announced",
               rb" https?://", ALIKE),
    Difference("values lose tabs, too, and blanks on either side of a fold",
               rb":[ \t]*\t|\n[ \t]+\r?\n|:[ \t]*\r?\n[ \t]|[ \t]\r?\n[ \t]", ALIKE),
    Difference("and so they may mean something",
               rb"(connection|content-length|transfer-encoding|expect):"
               rb"([ \t]*\t|[^\n]*[ \t]\r?\n|[^\n]*\n[ \t])", r".* \| .*"),
    Difference("errors are told in HTTP/1.1, whatever the request said",
               rb" HTTP/(?!1\.1\r?\n)", r"(.*[45]\d\d closed; closed) \| \1"),
    Difference("a body of HEAD or TRACE is not the next request",
               rb"(HEAD|TRACE) .*(content-length|transfer-encoding)",
               r"((?:\d+ )*)200 .* \| (?:\1).*"),
    Difference("chunks may have extensions", rb"chunked.*[0-9a-f][ \t]*;",
               r".*413 closed; closed \| (?!.*413).*"),
    Difference("\"close\" may stand in a list", rb"connection:[^\n]*,[ \t]*close",
               r".* \| .*closed; closed"),
    Difference("which of two faults is told", rb"",
               r"(.*)(400|501) closed; closed \| (?:\1)(400|501) closed; closed"),
    Difference("what is wrong with the first line is told when all of the header section is there",
               rb"", r"(.*)(400|501) closed; closed \| (?:\1)open; closed"),

    Difference("a folded trailer may come in two pieces", rb"chunked.*\n0[^\n]*\n.*\n[ \t]",
               r".*413 closed; closed \| .*200 .*"),

    Difference("what keeps a connection of HTTP/0.9 alive says so, and its length",
               rb" HTTP/0\.9", ALIKE),

    # What relevent does not put up with even then.
    Difference("a version with a sign, a blank or a NUL", rb"HTTP/(\d+\.)?([-\t\r\x0b\x0c]|\d+\0)",
               REFUSED, (COMPAT,)),
    Difference("a NUL or CR within a line", rb"\0|\r(?!\n)",
               r".* \| (.* )?4\d\d closed; closed", (COMPAT,)),
    Difference("a length behind a vertical tab or form feed",
               rb"content-length:[^\n]*[\x0b\x0c]", REFUSED, (COMPAT,)),
    Difference("a chunk of -0 bytes", rb"\n-0", r".* \| (.* )?413 closed; closed", (COMPAT,)),

    # Requests that two programs may understand in two ways.
    refused("Content-Length does not fit into 63 bits", rb"content-length:[ \t]*\d{19,}"),
    refused("Content-Length says two things", rb"content-length.*content-length"),
    refused("Content-Length is not digits only", rb"content-length:(?![ \t]*\d+[ \t]*\r?\n)"),
    refused("Transfer-Encoding more than once", rb"transfer-encoding.*transfer-encoding"),
    refused("Transfer-Encoding is not just chunked",
            rb"transfer-encoding:(?![ \t]*chunked[ \t]*\r?\n)"),
    refused("Transfer-Encoding before HTTP/1.1",
            rb" HTTP/(1\.0|0\.\d)[ \t]*\r?\n.*transfer-encoding"),
    refused("two Host fields", rb"\nhost:.*\nhost:"),
    refused("a name that is no token", rb"\n([^\n:]*[^!#$%&'*+.^_`|~0-9a-z\n:-][^\n:]*)?:"),
    refused("a control character",
            rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)| [^\n]*\t[^\n]* HTTP/"),
    refused("a malformed method",
            rb"(^|\n)([^ \n]*[^!#$%&'*+.^_`|~0-9a-z \n-][^ \n]*)? [^\n]* HTTP/"),
    refused("a malformed version", rb" HTTP/(?!\d\.\d *\r?\n)"),
    refused("the code says what is too long", rb".{1000}",
            r"(.*)400 closed; closed \| (?:\1)(414|431) closed; closed"),
    refused("a malformed chunk is not a long one", rb"chunked",
            r"(.*)413 closed; closed \| (?:\1)400 closed; closed"),
    refused("a chunk whose size or end is malformed", rb"chunked.*\n(?![0-9a-f]+(;[^\n]*)?\r\n)"),
]
