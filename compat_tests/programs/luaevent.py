"""A server that is a Lua script upon luaevent, whose module loads libevent when the interpreter runs.

What of libevent it exercises: a binding for another language: events and evbuffers that belong to
garbage-collected objects and call Lua functions, events that change what they wait for, timers, an end by
event_base_loopexit. (The binding's bufferevents do not work with libevent 2.)
"""

import pathlib

from libevent import check
from net import SECONDS, check_echo, connect, in_parallel, receive_line

PACKAGE = "lua-event"
BINARY = "lua5.1"
LINKED = "/usr/lib/x86_64-linux-gnu/lua/5.1/luaevent/core.so"
DEADLINE = 60

SCRIPT = pathlib.Path(__file__).with_suffix(".lua")
CLIENTS = 30
LINES = 50
TIMERS = 20


def converse(session):
    session.introduce()
    session.step("start")
    ports = session.folder / "ports"
    process = session.start(str(SCRIPT), str(ports), str(TIMERS))
    session.wait_for_start(process, ports.exists, SECONDS, "the script listens")
    echo_port, line_port = map(int, ports.read_text().split())
    session.show_libevent(process)
    echoes(session, echo_port)
    lines(session, line_port)
    session.step("stop")
    with connect(line_port) as peer:
        peer.sendall(b"quit\n")
        check(receive_line(peer) == b"timers %d\n" % TIMERS, "what the script has counted")
    check(process.wait(SECONDS) == 0, "its exit status")
    session.done(f"{TIMERS} timers fired; the script left its loop, exit status 0")


def echoes(session, port):
    session.step("echo")

    def client(number):
        with connect(port) as peer:
            check_echo(peer, 50_000, number)

    in_parallel(CLIENTS, client)
    session.done(f"echo for {CLIENTS} clients at once")


def lines(session, port):
    session.step("lines")

    def client(number):
        with connect(port) as peer:
            for turn in range(LINES):
                text = b"line %d of %d" % (turn, number)
                peer.sendall(text + b"\n")
                check(receive_line(peer) == text[::-1] + b"\n", "the line backwards")
            text = b"x" * 100_000
            peer.sendall(text + b"\n")
            check(receive_line(peer) == text + b"\n", "a long line")

    in_parallel(CLIENTS, client)
    session.done(f"{CLIENTS * LINES} lines of {CLIENTS} clients backwards")
