"""turnserver as STUN and TURN server by UDP, TCP and TLS; the clients are written here (RFC 5389, 5766).

What of libevent it exercises: all of its objects: events on UDP sockets, listeners, socket and TLS
bufferevents, pairs of bufferevents between threads, common timeouts, bases made with a configuration.
"""

import hashlib
import hmac
import os
import signal
import socket
import ssl
import struct

from harness import free_port
from libevent import check
from net import HOST, SECONDS, connect, in_parallel, make_certificate, receive, wait_for_port

PACKAGE = "coturn"
BINARY = "turnserver"
DEADLINE = 60

BINDING, ALLOCATE, REFRESH, SEND, DATA, PERMISSION, CHANNEL = 1, 3, 4, 6, 7, 8, 9
SUCCESS, ERROR, INDICATION = 0x100, 0x110, 0x10
USERNAME, INTEGRITY, ERROR_CODE, LIFETIME, CHANNEL_NUMBER = 6, 8, 9, 0x0D, 0x0C
PEER_ADDRESS, DATA_ATTRIBUTE, REALM, NONCE, RELAYED, TRANSPORT, MAPPED = (
    0x12, 0x13, 0x14, 0x15, 0x16, 0x19, 0x20)
COOKIE = 0x2112A442
FIRST_CHANNEL = 0x4000

CLIENTS = 10
PACKETS = 40
NAME, PASSWORD, DOMAIN = "joe", "secret", "example.test"


def attribute(kind, value):
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def xored(address):
    host, port = address
    number = struct.unpack("!I", socket.inet_aton(host))[0] ^ COOKIE
    return struct.pack("!BBHI", 0, 1, port ^ COOKIE >> 16, number)


def address_of(value):
    _, _, port, number = struct.unpack("!BBHI", value)
    return socket.inet_ntoa(struct.pack("!I", number ^ COOKIE)), port ^ COOKIE >> 16


class Udp:
    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(SECONDS)
        self.socket.connect((HOST, port))

    def receive(self):
        return self.socket.recv(4096)


class Tcp:
    """The same messages one after the other; a channel's data is padded."""

    def __init__(self, port):
        self.socket = connect(port)

    def receive(self):
        kind, size = struct.unpack("!HH", head := receive(self.socket, 4))
        rest = size + -size % 4 if kind >= FIRST_CHANNEL else size + 16
        return head + receive(self.socket, rest)


class Tls(Tcp):
    def __init__(self, port):
        super().__init__(port)
        trust = ssl.create_default_context()
        trust.check_hostname = False
        trust.verify_mode = ssl.CERT_NONE
        self.socket = trust.wrap_socket(self.socket)


class Client:
    def __init__(self, transport):
        self.transport = transport
        self.credentials = b""
        self.key = None

    def send(self, kind, attributes=b""):
        identity = os.urandom(12)
        body = attributes + self.credentials
        if self.key and not kind & INDICATION:
            head = struct.pack("!HHI", kind, len(body) + 24, COOKIE) + identity
            body += attribute(INTEGRITY, hmac.digest(self.key, head + body, "sha1"))
        self.transport.socket.sendall(struct.pack("!HHI", kind, len(body), COOKIE) + identity + body)
        return identity

    def receive(self):
        packet = self.transport.receive()
        kind, size, _ = struct.unpack("!HHI", packet[:8])
        found, at = {}, 20
        while at < 20 + size:
            name, length = struct.unpack("!HH", packet[at:at + 4])
            found[name] = packet[at + 4:at + 4 + length]
            at += 4 + length + -length % 4
        return kind, packet[8:20], found

    def request(self, kind, attributes=b"", wanted=SUCCESS):
        identity = self.send(kind, attributes)
        got, echoed, found = self.receive()
        check(got == kind | wanted, f"request {kind}: answer {got:#x} {found.get(ERROR_CODE)}")
        check(echoed == identity, "the answer to another request")
        return found

    def allocate(self, password=PASSWORD):
        """The address at which the server relays for us."""
        wish = attribute(TRANSPORT, struct.pack("!B3x", 17))
        found = self.request(ALLOCATE, wish, ERROR)
        check(found[ERROR_CODE][2:4] == b"\4\1", "not unauthorized at first")
        self.credentials = (attribute(USERNAME, NAME.encode()) + attribute(REALM, found[REALM]) +
                            attribute(NONCE, found[NONCE]))
        self.key = hashlib.md5(f"{NAME}:{DOMAIN}:{password}".encode()).digest()
        if password != PASSWORD:
            return self.request(ALLOCATE, wish, ERROR)[ERROR_CODE][2:4]
        found = self.request(ALLOCATE, wish)
        check(struct.unpack("!I", found[LIFETIME])[0] == 600, "its lifetime")
        return address_of(found[RELAYED])


def converse(session):
    session.introduce()
    session.step("start")
    certificate, key = make_certificate(session.folder, "localhost")
    port, tls_port = free_port(), free_port()
    process = session.start(
        "-n", "--listening-ip", HOST, "--relay-ip", HOST, "-p", str(port), "--tls-listening-port",
        str(tls_port), "--cert", str(certificate), "--pkey", str(key), "--lt-cred-mech", "-r", DOMAIN,
        "--user", f"{NAME}:{PASSWORD}", "--no-cli", "--no-dtls", "--allow-loopback-peers", "--no-rfc5780",
        "--relay-threads", "3", "--log-file", "stdout", "--simple-log", "--userdb",
        str(session.folder / "users"), "--pidfile", str(session.folder / "pid"))
    wait_for_port(session, process, tls_port)
    session.wait_until(lambda: answers(port), SECONDS, "it answers by UDP")
    session.show_libevent(process)
    for kind, number in ((Udp, port), (Tcp, port), (Tls, tls_port)):
        binding(session, kind, number)
        relay(session, kind, number)
    session.step("stop")
    # It has no handler for this signal.
    status = process.stop(signal.SIGTERM, SECONDS)
    check(status == -signal.SIGTERM, f"exit status {status} after SIGTERM")
    session.done("SIGTERM: it has ended")


def answers(port):
    try:
        return Client(Udp(port)).request(BINDING)
    except ConnectionRefusedError:
        return None


def binding(session, kind, port):
    session.step(f"STUN by {kind.__name__}")
    client = Client(kind(port))
    for _ in range(100):
        mapped = address_of(client.request(BINDING)[MAPPED])
        check(mapped == client.transport.socket.getsockname(), f"we are not {mapped}")
    check(Client(kind(port)).allocate(password="guess") == b"\4\1", "a password that is wrong")
    session.done(f"STUN by {kind.__name__}: 100 questions; a wrong password is refused")


def relay(session, kind, port):
    session.step(f"TURN by {kind.__name__}")

    def work(number):
        client = Client(kind(port))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.settimeout(SECONDS)
            peer.bind((HOST, 0))
            exchange(client, peer, client.allocate(), number)

    in_parallel(CLIENTS, work)
    session.done(f"TURN by {kind.__name__}: {CLIENTS} clients, {CLIENTS * PACKETS * 4} packets relayed")


def exchange(client, peer, relayed, number):
    """Packets to the peer and back, as indications and on a channel."""
    target = attribute(PEER_ADDRESS, xored(peer.getsockname()))
    client.request(PERMISSION, target)
    for turn in range(PACKETS):
        text = b"packet %d of %d" % (turn, number)
        client.send(SEND | INDICATION, target + attribute(DATA_ATTRIBUTE, text))
        check(peer.recvfrom(4096) == (text, relayed), "what the peer got")
        peer.sendto(text[::-1], relayed)
        kind, _, found = client.receive()
        check(kind == DATA | INDICATION and found[DATA_ATTRIBUTE] == text[::-1], "what came back")
    client.request(CHANNEL, attribute(CHANNEL_NUMBER, struct.pack("!HH", FIRST_CHANNEL, 0)) + target)
    for turn in range(PACKETS):
        text = os.urandom(4 * (turn + 1))
        packet = struct.pack("!HH", FIRST_CHANNEL, len(text)) + text
        client.transport.socket.sendall(packet)
        check(peer.recvfrom(4096) == (text, relayed), "what the peer got by the channel")
        peer.sendto(text, relayed)
        check(client.transport.receive() == packet, "what came back by the channel")
    client.request(REFRESH, attribute(LIFETIME, struct.pack("!I", 0)))
