"""openbsd-inetd with services of its own, programs for a connection, and one that waits.

What of libevent it exercises: the API of version 1.4 (event_init, event_set, event_dispatch), events for
each signal, UDP and TCP, fork of a process that has events, events that are deleted and set up anew on
SIGHUP.
"""

import signal
import socket
import sys

from harness import free_port
from libevent import check
from net import (HOST, SECONDS, check_echo, check_echo_to_end, connect, in_parallel, receive_all,
                 user, wait_for_port)

PACKAGE = "openbsd-inetd"
BINARY = "inetd"
DEADLINE = 60

CLIENTS = 60


def converse(session):
    session.introduce()
    session.step("start")
    ports = [free_port() for _ in range(4)]
    process = session.start("-i", "-R", "10000", str(write(session.folder, ports[:3])))
    wait_for_port(session, process, ports[0])
    session.show_libevent(process)
    programs(session, ports)
    datagrams(session, ports[2])
    reload(session, process, ports)
    session.step("stop")
    status = process.stop(signal.SIGTERM, SECONDS)
    check(status in (0, -signal.SIGTERM), f"exit status {status} after SIGTERM")
    # A process that it has just started may have the socket for a moment.
    session.wait_until(lambda: not listens(ports[3]), SECONDS, "nobody listens")
    session.done("SIGTERM: it has ended and listens no more")


def write(folder, ports):
    """A service that echoes, one that has something to say, and one that answers a datagram."""
    reply = folder / "reply.py"
    reply.write_text("import socket\npeer = socket.socket(fileno=0)\n"
                     "data, address = peer.recvfrom(99)\npeer.sendto(data[::-1], address)\n")
    lines = [f"stream tcp nowait {user()} /bin/cat cat",
             f"stream tcp nowait {user()} /bin/echo echo hello there",
             f"dgram udp wait {user()} {sys.executable} python3 -IS {reply}"]
    path = folder / "inetd.conf"
    path.write_text("".join(f"{HOST}:{port} {line}\n" for port, line in zip(ports, lines)))
    return path


def listens(port):
    try:
        connect(port).close()
        return True
    except OSError:
        return False


def programs(session, ports):
    session.step("a program for each connection")

    def client(number):
        with connect(ports[0]) as peer:
            check_echo_to_end(peer, 100_000, number)
        with connect(ports[1]) as peer:
            check(receive_all(peer) == b"hello there\n", "the words of echo")

    in_parallel(CLIENTS, client)
    session.done(f"{2 * CLIENTS} connections, each with a process of its own; what they said is right")


def datagrams(session, port):
    """While the program has the socket, inetd must leave it alone."""
    session.step("datagrams")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(SECONDS)
        peer.connect((HOST, port))
        for number in range(5):
            peer.send(b"%d backwards" % number)
            check(peer.recv(99) == b"sdrawkcab %d" % number, "the answer")
    session.done("5 datagrams, each answered by a process that had the socket to itself")


def reload(session, process, ports):
    session.step("SIGHUP")
    write(session.folder, ports[3:])
    process.signal(signal.SIGHUP)
    session.wait_until(lambda: listens(ports[3]) and not listens(ports[1]), SECONDS,
                       "it has read its configuration again")
    with connect(ports[3]) as peer:
        check_echo(peer, 100_000)
    session.done("SIGHUP: a new service listens, the old ones do not")
