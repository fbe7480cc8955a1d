"""A nameserver on loopback that knows a few names."""

import ipaddress
import socket
import struct
import threading

AAAA = 28
NO_SUCH_NAME = 3
ADDRESSES = {"one.test": ["192.0.2.1", "2001:db8::1"], "two.test": ["192.0.2.2", "192.0.2.3"]}


class Nameserver:
    """Answers in a thread of its own, within a `with` statement."""

    def __enter__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            question, client = self._socket.recvfrom(512)
            if not question:
                return
            self._socket.sendto(reply(question), client)


def reply(message):
    labels, position = [], 12
    while length := message[position]:
        labels.append(message[position + 1:position + 1 + length].decode().lower())
        position += 1 + length
    question = message[12:position + 5]
    (kind,) = struct.unpack("!H", question[-4:-2])
    known = ADDRESSES.get(".".join(labels))
    addresses = [address.packed for address in map(ipaddress.ip_address, known or ())
                 if address.version == (6 if kind == AAAA else 4)]
    head = message[:2] + struct.pack("!HHHHH", 0x8580 | (0 if known else NO_SUCH_NAME), 1,
                                     len(addresses), 0, 0)
    # 0xc00c: the name in the question.
    records = [struct.pack("!HHHIH", 0xc00c, kind, 1, 60, len(address)) + address
               for address in addresses]
    return head + question + b"".join(records)
