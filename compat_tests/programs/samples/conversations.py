"""What is said to each sample, and what it has to answer."""

import codecs
import select
import signal
import socket
import struct
import subprocess
import time
import urllib.error
import urllib.request

import websocket
from nameserver import Nameserver
from sample import SAMPLES, SECONDS, Server, connect, expect, run
from libevent import check


def echo(build, _folder):
    with Server(build, "echo", 0) as server:
        port = server.port()
        with connect(port) as first, connect(port) as second:
            second.sendall(b"second")
            first.sendall(b"first")
            expect(first.recv(100), b"first")
            expect(second.recv(100), b"second")
            # More than all buffers take, and read only when all of it is sent and the end, too.
            check(all_back(first, 8 * 1024 * 1024), "other bytes come back")
        with connect(port):
            pass


def all_back(client, size):
    """Sends while it can, reads when it cannot; whether the same bytes come back."""
    data = bytes(range(251)) * (size // 251)
    sent, received = 0, bytearray()
    client.setblocking(False)
    while len(received) < len(data):
        # Reads only when it cannot write.
        readable, writable, _ = select.select([client], [client] if sent < len(data) else [], [],
                                              SECONDS)
        if writable:
            sent += client.send(data[sent:sent + 1024 * 1024])
            if sent == len(data):
                client.shutdown(socket.SHUT_WR)
        elif not readable or not (piece := client.recv(1024 * 1024)):
            break
        else:
            received += piece
    return received == data


def line_chat(build, _folder):
    with Server(build, "line-chat", 0) as server:
        port = server.port()
        with connect(port) as first, first.makefile("rb") as to_first:
            expect(to_first.readline(), b"Welcome, you are 1\n")
            with connect(port) as second, second.makefile("rb") as to_second:
                expect(to_second.readline(), b"Welcome, you are 2\n")
                expect(to_first.readline(), b"2: (has come)\n")
                first.sendall(b"Hello\r\nhow are")
                expect(to_second.readline(), b"1: Hello\n")
                first.sendall(b" you?\n")
                expect(to_second.readline(), b"1: how are you?\n")
                second.sendall(b"x" * 5000)
                expect(to_first.readline(), b"2: (has left)\n")


def rot13_filter(build, _folder):
    with Server(build, "rot13-filter", 0) as server:
        with connect(server.port()) as client, client.makefile("rb") as answers:
            client.sendall(codecs.encode("Hello, World!\n", "rot13").encode())
            expect(server.line(), "1 says: Hello, World!")
            answer = codecs.decode(answers.readline().decode(), "rot13")
            expect(answer, "You said: Hello, World!\n")


def rate_limit(build, _folder):
    size, each, everybody = 30_000, 100_000, 150_000
    with Server(build, "rate-limit", 0, size, each, everybody) as server:
        port = server.port()
        start = time.monotonic()
        with connect(port) as first, connect(port) as second:
            for client in (first, second):
                with client.makefile("rb") as stream:
                    expect(len(stream.read()), size)
        seconds = time.monotonic() - start
        # The first tick's bytes come at once.
        least = 2 * size / everybody - 0.2
        check(seconds > least, f"{2 * size} bytes came in {seconds:.2f} s, at least {least} s")


def timers_signals(build, _folder):
    start = time.monotonic()
    status, text, _ = run(build, "timers-signals", 20, 5)
    expect((status, text), (0, "every 20 ms\n" + "".join(f"tick {n}\n" for n in range(1, 6)) +
                            "5 ticks\n"))
    check(time.monotonic() - start >= 0.1, "it was too quick")
    with Server(build, "timers-signals", 10_000) as server:
        expect(server.line(), "every 10000 ms")
        server.signal(signal.SIGUSR1)
        expect(server.line(), "every 20000 ms")
        server.signal(signal.SIGUSR2)
        expect(server.line(), "every 10000 ms")
    expect(run(build, "timers-signals", "soon")[0], 1)


def dns_lookup(build, _folder):
    with Nameserver() as nameserver:
        status, text, _ = run(build, "dns-lookup", "-s", nameserver.address, "one.test",
                              "two.test", "203.0.113.7")
        expect(status, 0)
        expect(sorted(text.splitlines()), ["203.0.113.7 203.0.113.7", "one.test 192.0.2.1",
                                           "one.test 2001:db8::1", "two.test 192.0.2.2",
                                           "two.test 192.0.2.3"])
        status, text, errors = run(build, "dns-lookup", "-s", nameserver.address, "no.test")
        expect((status, text), (1, ""))
        check(errors.startswith("no.test: "), errors)


def http(build, _folder):
    """The server with Python's client, and then with the client sample."""
    with Server(build, "http-server", 0) as server:
        url = f"http://127.0.0.1:{server.port()}"
        with urllib.request.urlopen(f"{url}/hello?name=A+%26+B", timeout=SECONDS) as reply:
            expect((reply.read(), reply.headers["Content-Type"]), (b"Hello, A & B!\n", "text/plain"))
        body = b"ping" * 50_000
        with urllib.request.urlopen(f"{url}/echo", data=body, timeout=SECONDS) as reply:
            expect(reply.read(), body)
        expect(refused(f"{url}/nothing"), 404)
        expect(refused(f"{url}/echo"), 405)
        expect(refused(f"{url}/echo", b"x" * 2_000_000), 413)
        with urllib.request.urlopen(f"{url}/count", timeout=SECONDS) as reply:
            expect(reply.readline(), b"1\n")  # and goes

        expect(run(build, "http-client", f"{url}/hello"), (0, "Hello, stranger!\n", "200 OK\n"))
        expect(run(build, "http-client", f"{url}/count"), (0, "1\n2\n3\n4\n5\n", "200 OK\n"))
        expect(run(build, "http-client", f"{url}/nothing")[0::2], (1, "404 Not Found\n"))
    status, text, errors = run(build, "http-client", f"{url}/hello")
    expect((status, text), (1, ""))
    check("http-client: no reply" in errors, errors)
    expect(run(build, "http-client", "gopher://127.0.0.1/")[0], 1)


def refused(url, data=None):
    try:
        urllib.request.urlopen(url, data=data, timeout=SECONDS)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    return 200


def tls(build, folder):
    certificate, key = make_certificate(folder, "localhost")
    other, _ = make_certificate(folder, "elsewhere")
    with Server(build, "tls-server", 0, certificate, key) as server:
        port = server.port()
        expect(run(build, "tls-client", "localhost", port, certificate, "Hello"), (0, "Hello\n", ""))
        check(server.line().startswith("1: TLSv1."), "the server names no version")
        status, text, errors = run(build, "tls-client", "localhost", port, other, "Hello")
        expect((status, text), (1, ""))
        check("certificate" in errors, errors)


def make_certificate(folder, name):
    certificate, key = folder / f"{name}.pem", folder / f"{name}-key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    return certificate, key


def ws_chat(build, _folder):
    page = SAMPLES / "chat.html"
    with Server(build, "ws-chat", 0, page) as server:
        port = server.port()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=SECONDS) as reply:
            expect(reply.read(), page.read_bytes())
        with websocket.Client(port, b"/chat") as first:
            first.expect(websocket.TEXT, b"Guest 1: has come")
            with websocket.Client(port, b"/chat") as second:
                for client in (first, second):
                    client.expect(websocket.TEXT, b"Guest 2: has come")
                ws_chat_between(first, second)


def ws_chat_between(first, second):
    first.send(websocket.TEXT, "Grüße".encode())
    second.send(websocket.TEXT, b"x" * 1000)
    for client in (first, second):
        lines = {client.receive()[1] for _ in range(2)}
        expect(lines, {"Guest 1: Grüße".encode(), b"Guest 2: " + b"x" * 1000})

    second.send(websocket.TEXT, b"in ", final=False)
    second.send(websocket.PING, b"are you there?")
    second.send(0, b"parts")
    second.expect(websocket.PONG, b"are you there?")
    for client in (first, second):
        client.expect(websocket.TEXT, b"Guest 2: in parts")

    second.send(websocket.CLOSE, struct.pack("!H", 1000))
    second.expect(websocket.CLOSE, struct.pack("!H", 1000))
    second.expect_end()
    first.expect(websocket.TEXT, b"Guest 2: has left")
    first.send(websocket.TEXT, b"\xff")
    first.expect(websocket.CLOSE, struct.pack("!H", 1007))
    first.expect_end()


# By the samples that they are about.
CONVERSATIONS = {
    "echo": echo,
    "line-chat": line_chat,
    "rot13-filter": rot13_filter,
    "rate-limit": rate_limit,
    "timers-signals": timers_signals,
    "dns-lookup": dns_lookup,
    "http-server": http,
    "tls-server": tls,
    "ws-chat": ws_chat,
}
