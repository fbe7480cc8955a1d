"""nsd as the server of many zones: queries by UDP and TCP, transfers, full and idle connections, reloads.

What of libevent it exercises: a base in each of several processes that fork from one that has loops, a
base that is made anew at each reload, signals, timeouts of connections, and accepting that pauses while
there are too many.
"""

import os
import random
import signal
import socket
import struct
import subprocess

from harness import free_port
from libevent import check
from net import HOST, SECONDS, connect, in_parallel, receive, receive_all
from unbound import TYPE_A, TYPE_TXT, answers, query, udp_socket

PACKAGE = "nsd"
BINARY = "nsd"
DEADLINE = 60

TYPE_AXFR = 252
ZONES = 100
TEXTS = 20
CLIENTS = 8
QUERIES = 500
PIPELINED = 20
PROCESSES = 2
MOST_CONNECTIONS = 30
IDLE_SECONDS = 1


def converse(session):
    session.introduce()
    session.step("start")
    port = free_port()
    for number in range(ZONES):
        write_zone(session.folder, number, 1)
    server = session.start("-d", "-c", str(write_configuration(session.folder, port)))
    session.wait_for_start(server, lambda: address(port, 0), SECONDS, "the server answers")
    session.show_libevent(server)
    by_udp(session, port)
    by_tcp(session, port)
    full(session, port)
    reload(session, server, port)
    control(session)
    session.step("stop")
    status = server.stop(signal.SIGTERM, SECONDS)
    check(status == 0, f"exit status {status} after SIGTERM")
    check(not answers(port), "a process of the server still answers")
    session.done("SIGTERM: clean end of all processes, exit status 0")


def name_of(number):
    return f"z{number}.test"


def write_zone(folder, number, version):
    texts = "\n".join(f'big TXT "{"x" * 150}{text}"' for text in range(TEXTS))
    (folder / f"{number}.zone").write_text(f"""$ORIGIN {name_of(number)}.
$TTL 60
@ SOA ns h {version} 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
w A 10.{version}.0.{number}
{texts}
""")


def write_configuration(folder, port):
    zones = "".join(f"zone:\n  name: {name_of(number)}\n  zonefile: {number}.zone\n"
                    f"  provide-xfr: {HOST} NOKEY\n" for number in range(ZONES))
    path = folder / "nsd.conf"
    path.write_text(f"""server:
  server-count: {PROCESSES}
  ip-address: {HOST}@{port}
  username: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: "{folder}/pid"
  xfrdfile: "{folder}/xfrd"
  xfrdir: "{folder}"
  zonelistfile: "{folder}/zones"
  cookie-secret-file: "{folder}/cookie"
  tcp-count: {MOST_CONNECTIONS}
  tcp-timeout: {IDLE_SECONDS}
remote-control:
  control-enable: yes
  control-interface: "{folder}/control"
{zones}""")
    return path


def address(port, number):
    """The address that the server has in this zone, as text, or None if it does not answer."""
    with udp_socket(port) as client:
        client.settimeout(0.5)
        try:
            client.send(query(f"w.{name_of(number)}"))
            return address_in(client.recv(4096), 1)
        except OSError:
            return None


def address_in(reply, wanted_id):
    """The only address among the answers; it begins behind the question."""
    got, flags, questions, count = struct.unpack(">4H", reply[:8])
    check(got == wanted_id, f"the answer to another query: {got}, not {wanted_id}")
    check(flags & 0x8600 == 0x8400 and questions == 1 and count == 1,
          f"flags {flags:#x}, {count} records")
    record = reply.index(b"\0", 12) + 5
    return socket.inet_ntoa(reply[record + 12:record + 16])


def by_udp(session, port):
    session.step("queries by UDP")

    def work(client):
        with udp_socket(port) as peer:
            for number in range(QUERIES):
                zone = (number * 7 + client) % ZONES
                peer.send(query(f"w.{name_of(zone)}", TYPE_A, number))
                check(address_in(peer.recv(4096), number) == f"10.1.0.{zone}", f"zone {zone}")

    in_parallel(CLIENTS, work)
    dice = random.Random(1)
    with udp_socket(port) as peer:
        for _ in range(300):
            peer.send(dice.randbytes(dice.randrange(60)))
    session.wait_until(lambda: address(port, 0), SECONDS, "the server answers after junk")
    session.done(f"{CLIENTS * QUERIES:,} queries of {CLIENTS} clients by UDP; junk")


def framed(message):
    return struct.pack(">H", len(message)) + message


def receive_reply(peer):
    return receive(peer, struct.unpack(">H", receive(peer, 2))[0])


def by_tcp(session, port):
    session.step("queries by TCP")

    def work(client):
        with connect(port) as peer:
            peer.sendall(b"".join(framed(query(f"big.{name_of(client)}", TYPE_TXT, number))
                                  for number in range(PIPELINED)))
            for number in range(PIPELINED):
                got, _, _, count = struct.unpack(">4H", receive_reply(peer)[:8])
                check((got, count) == (number, TEXTS), f"answer {got} with {count} records")

    in_parallel(CLIENTS, work)
    with connect(port) as peer:
        peer.sendall(framed(query(name_of(5), TYPE_AXFR)))
        (count,) = struct.unpack(">H", receive_reply(peer)[6:8])
        check(count == TEXTS + 5, f"{count} records of a zone's transfer")
    session.done(f"{CLIENTS * PIPELINED} long answers to pipelined queries by TCP; a zone's transfer")


def full(session, port):
    """More connections than the server's processes take: the others wait until idle ones are ended."""
    session.step("too many connections")
    peers = [connect(port) for _ in range(3 * MOST_CONNECTIONS)]
    for number, peer in enumerate(peers):
        if number % 3 == 0:
            peer.sendall(framed(query(f"w.{name_of(number)}"))[:5])
    ended = [receive_all(peer) for peer in peers]
    check(not any(ended), "an answer to no question")
    for peer in peers:
        peer.close()
    with connect(port) as peer:
        for byte in framed(query(f"w.{name_of(1)}")):
            peer.sendall(bytes([byte]))
        check(address_in(receive_reply(peer), 1) == "10.1.0.1", "a query in single bytes")
    session.done(f"{len(peers)} idle connections for {PROCESSES * MOST_CONNECTIONS} places: each was "
                 "accepted and ended in time; then a query in single bytes")


def reload(session, server, port):
    session.step("reload")
    for version in range(2, 5):
        write_zone(session.folder, 7, version)
        # A file is read again only if its time is another one.
        os.utime(session.folder / "7.zone", (version, version))
        server.signal(signal.SIGHUP)
        session.wait_until(lambda: address(port, 7) == f"10.{version}.0.7", SECONDS,
                           f"version {version} of a zone")
        check(address(port, 8) == "10.1.0.8", "a zone that has not changed")
    session.done("3 reloads by SIGHUP, each in new processes")


def control(session):
    session.step("control")

    def ask(*words):
        return subprocess.run(["nsd-control", "-c", session.folder / "nsd.conf", *words], timeout=SECONDS,
                              capture_output=True, text=True, env={"PATH": os.environ["PATH"]})

    status = ask("status")
    check(status.returncode == 0 and "version:" in status.stdout, f"status: {status}")
    check(int(dict(line.split("=") for line in ask("stats_noreset").stdout.split())["num.tcp"]) > 100,
          "the count of queries by TCP")
    check(ask("zonestatus", name_of(3)).returncode == 0, "the status of a zone")
    check(ask("zonestatus", "none.test").returncode == 1, "the status of no zone")
    check(ask("reload").returncode == 0, "reload")
    session.done("status, statistics, zones and a reload by nsd-control")
