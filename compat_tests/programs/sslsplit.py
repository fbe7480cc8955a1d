"""sslsplit between TLS clients and a TLS server, with certificates that it makes on the way.

What of libevent it exercises: TLS bufferevents as server over an accepted socket and as client
(libevent_openssl), watermarks, listeners with threads of their own bases, evdns_getaddrinfo for names,
evbuffer_peek and readln, event_base_once, fork before the loop starts.
"""

import contextlib
import signal
import ssl

from harness import free_port
from libevent import check
from net import (HOST, SECONDS, Server, check_echo, check_echo_to_end, connect, echo, in_parallel,
                 make_certificate, user, wait_for_port)

PACKAGE = "sslsplit"
BINARY = "sslsplit"
DEADLINE = 60

CLIENTS = 15
SIZE = 150_000
LARGE_SIZE = 4_000_000


def converse(session):
    session.introduce()
    session.step("start")
    authority, key = make_certificate(session.folder, "authority", authority=True)
    identity = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    identity.load_cert_chain(*make_certificate(session.folder, "localhost"))

    def encrypted(peer):
        with contextlib.suppress(ssl.SSLError), identity.wrap_socket(peer, server_side=True) as tls:
            echo(tls)

    secret, plain = Server(encrypted), Server(echo)
    ports = [free_port() for _ in range(3)]
    process = session.start(
        "-D", "-u", user(), "-k", str(key), "-c", str(authority), "-K", str(key),
        "ssl", HOST, str(ports[0]), HOST, str(secret.port),
        "ssl", HOST, str(ports[1]), "sni", str(secret.port),
        "tcp", HOST, str(ports[2]), HOST, str(plain.port))
    wait_for_port(session, process, ports[2])
    session.show_libevent(process)
    trust = ssl.create_default_context(cafile=str(authority))
    for port, text in zip(ports, ("a fixed server", "a server by its name")):
        split(session, trust, port, text)
    if session.libevent.is_relevent:
        # On the reference about one connection in fifty stays without its other half.
        unencrypted(session, ports[2])
    no_tls(session, trust, ports[0])
    session.step("stop")
    status = process.stop(signal.SIGTERM, SECONDS)
    check(status == 0, f"exit status {status} after SIGTERM")
    session.done("SIGTERM: clean end, exit status 0")


def split(session, trust, port, text):
    """The certificate must come from our authority: the server's own does not."""
    session.step(text)

    def client(number, size=SIZE):
        with trust.wrap_socket(connect(port), server_hostname="localhost") as tls:
            issuer = dict(pair for (pair,) in tls.getpeercert()["issuer"])
            check(issuer == {"commonName": "authority"}, f"the issuer is {issuer}")
            check_echo(tls, size, number)

    client(0)
    in_parallel(CLIENTS, client)
    client(0, LARGE_SIZE)
    session.done(f"{text}: {CLIENTS} clients at once, {LARGE_SIZE / 1e6:.0f} MB there and back")


def unencrypted(session, port):
    session.step("plain TCP")
    with connect(port) as peer:
        check_echo_to_end(peer, LARGE_SIZE)
    session.done(f"plain TCP: {LARGE_SIZE / 1e6:.0f} MB there and back")


def no_tls(session, trust, port):
    session.step("clients that break off")
    for text in (b"", b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"):
        with connect(port) as peer:
            peer.sendall(text)
    with trust.wrap_socket(connect(port), server_hostname="localhost") as tls:
        check_echo(tls, SIZE)
    session.done("clients that do not speak TLS, or not to the end; it goes on")
