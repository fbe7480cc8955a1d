"""redsocks in front of scripted SOCKS4, SOCKS5 and HTTP CONNECT proxies, and its DNS truncator.

What of libevent it exercises: the old bufferevent API (bufferevent_new, evbuffer_write), watermarks by
which a fast side waits for a slow one, half-closed connections, event_init, UDP events, timers.
"""

import base64
import signal
import socket
import struct

from harness import free_port
from libevent import check
from net import (HOST, SECONDS, Server, check_echo, check_echo_to_end, connect, echo, in_parallel,
                 receive, receive_line, wait_for_port)

PACKAGE = "redsocks"
BINARY = "redsocks"
DEADLINE = 60

CLIENTS = 40
SIZE = 200_000
LARGE_SIZE = 8_000_000
LOGIN, PASSWORD = b"joe", b"secret"


def converse(session):
    session.introduce()
    session.step("start")
    kinds = {"socks4": socks4, "socks5": socks5, "http-connect": http_connect}
    ports = {kind: free_port() for kind in kinds}
    dns_port = free_port()
    proxies = {kind: Server(lambda peer, kind=kind: kinds[kind](peer, ports[kind]))
               for kind in kinds}
    process = session.start("-c", str(configuration(session.folder, ports, proxies, dns_port)))
    for port in ports.values():
        wait_for_port(session, process, port)
    session.show_libevent(process)
    for kind, port in ports.items():
        through(session, kind, port)
    dns(session, dns_port)
    session.step("stop")
    status = process.stop(signal.SIGTERM, SECONDS)
    check(status == 0, f"exit status {status} after SIGTERM")
    session.done("SIGTERM: clean end, exit status 0")


def configuration(folder, ports, proxies, dns_port):
    text = "base { log_debug = off; log_info = on; log = stderr; daemon = off; redirector = generic; }\n"
    for kind, port in ports.items():
        login = f'login = "{LOGIN.decode()}"; password = "{PASSWORD.decode()}";'
        text += (f"redsocks {{ local_ip = {HOST}; local_port = {port}; ip = {HOST}; "
                 f"port = {proxies[kind].port}; type = {kind}; {login} }}\n")
    text += f"dnstc {{ local_ip = {HOST}; local_port = {dns_port}; }}\n"
    path = folder / "redsocks.conf"
    path.write_text(text)
    return path


# The proxies. With no packet filter that redirects, a client's destination is redsocks itself.

def socks4(peer, port):
    head = receive(peer, 8)
    user = b"".join(iter(lambda: receive(peer, 1), b"\0"))
    wanted = struct.pack("!BBH4s", 4, 1, port, socket.inet_aton(HOST))
    ok = head == wanted and user == LOGIN
    peer.sendall(struct.pack("!BBHI", 0, 90 if ok else 91, 0, 0))
    if ok:
        echo(peer)


def socks5(peer, port):
    _, count = receive(peer, 2)
    check(2 in receive(peer, count), "no method with a password")
    peer.sendall(b"\5\2")
    login = b"\1" + bytes([len(LOGIN)]) + LOGIN + bytes([len(PASSWORD)]) + PASSWORD
    good = receive(peer, len(login)) == login
    peer.sendall(b"\1\0" if good else b"\1\1")
    wanted = b"\5\1\0\1" + socket.inet_aton(HOST) + struct.pack("!H", port)
    good = good and receive(peer, len(wanted)) == wanted
    # In two pieces, so that the answer is waited for in the middle.
    peer.sendall(b"\5\0\0\1" if good else b"\5\1\0\1")
    peer.sendall(bytes(6))
    if good:
        echo(peer)


def http_connect(peer, port):
    lines = []
    while (line := receive_line(peer)) != b"\r\n":
        lines.append(line.strip())
    if not any(line.startswith(b"Proxy-Authorization: Basic ") for line in lines):
        peer.sendall(b"HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
                     b"Content-Length: 0\r\nConnection: close\r\n\r\n")
        return
    token = base64.b64encode(LOGIN + b":" + PASSWORD)
    good = (lines[0].startswith(f"CONNECT {HOST}:{port} HTTP/1.".encode())
            and b"Proxy-Authorization: Basic " + token in lines)
    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n" if good else b"HTTP/1.1 403 No\r\n\r\n")
    if good:
        echo(peer)


def through(session, kind, port):
    session.step(f"by {kind}")

    def client(number):
        with connect(port) as peer:
            check_echo_to_end(peer, SIZE, number)

    client(0)
    in_parallel(CLIENTS, client)
    with connect(port) as peer:
        check_echo(peer, LARGE_SIZE)
    session.done(f"{kind}: {CLIENTS} clients at once, {LARGE_SIZE / 1e6:.0f} MB there and back")


def dns(session, port):
    """Every question is answered by 'truncated', which sends resolvers to TCP."""
    session.step("DNS")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(SECONDS)
        peer.connect((HOST, port))
        for number in range(500):
            question = b"\4host\4test\0" + struct.pack("!HH", 1, 1)
            peer.send(struct.pack("!6H", number, 0x100, 1, 0, 0, 0) + question)
            reply = peer.recv(512)
            got, flags = struct.unpack("!HH", reply[:4])
            check(got == number and flags & 0x8200 == 0x8200, f"the answer {reply[:12].hex()}")
    session.done("500 DNS questions answered")
