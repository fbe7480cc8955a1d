"""unbound as the server of a local zone: queries by UDP and TCP, junk, many clients, and its clean end.

What of libevent it exercises: reads on UDP sockets, accepting and timeouts of TCP clients, signals, and
pipes between its threads.
"""

import random
import signal
import socket
import struct

from harness import free_port
from libevent import check

PACKAGE = "unbound"
BINARY = "unbound"
DEADLINE = 90

ZONE = "zone.test"
HOSTS = 200
QUERIES = 2000
TYPE_A = 1
TYPE_TXT = 16


def converse(session):
    session.introduce()
    session.step("start the server")
    port = free_port()
    server = session.start("-d", "-p", "-c", str(write_configuration(session.folder, port)))
    session.wait_for_start(server, lambda: answers(port), 30, "the server answers")
    session.show_libevent(server)
    by_udp(session, port)
    by_tcp(session, port)
    junk(session, port)
    session.step("stop the server")
    status = server.stop(signal.SIGTERM, 20)
    check(status == 0, f"exit status {status} after SIGTERM")
    session.done("SIGTERM: clean end, exit status 0")


def address_of(number):
    return f"10.1.{number // 256}.{number % 256}"


def write_configuration(folder, port):
    records = "\n".join(f'  local-data: "h{number}.{ZONE}. 60 IN A {address_of(number)}"'
                        for number in range(HOSTS))
    texts = "\n".join(f'  local-data: "big.{ZONE}. 60 IN TXT {"x" * 200}{number}"'
                      for number in range(10))
    path = folder / "unbound.conf"
    path.write_text(f"""server:
  interface: 127.0.0.1
  port: {port}
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: "{folder}/pid"
  use-syslog: no
  num-threads: 2
  incoming-num-tcp: 20
  local-zone: "{ZONE}." static
{records}
{texts}
remote-control:
  control-enable: no
""")
    return path


def query(name, kind=TYPE_A, number=1):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">6H", number, 0x100, 1, 0, 0, 0) + labels + struct.pack(">BHH", 0, kind, 1)


def udp_socket(port):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(10)
    client.connect(("127.0.0.1", port))
    return client


def answers(port):
    with udp_socket(port) as client:
        client.settimeout(0.2)
        try:
            client.send(query(f"h0.{ZONE}"))
            return client.recv(4096)
        except OSError:
            return None


def check_address(reply, number, host):
    got, flags, _, count = struct.unpack(">4H", reply[:8])
    check(got == number, f"the answer to another query: {got}, not {number}")
    check(flags & 0x800F == 0x8000 and count == 1, f"flags {flags:#x}, {count} records")
    check(reply[-4:] == socket.inet_aton(address_of(host)), f"another address for h{host}")


def by_udp(session, port):
    session.step("queries by UDP")
    with udp_socket(port) as client:
        for number in range(QUERIES):
            host = number % HOSTS
            client.send(query(f"h{host}.{ZONE}", number=number))
            check_address(client.recv(4096), number, host)
        client.send(query(f"none.{ZONE}"))
        check(client.recv(4096)[3] & 15 == 3, "a name that does not exist")
        client.send(query(f"big.{ZONE}", TYPE_TXT))
        check(client.recv(4096)[2] & 2, "a long answer is truncated")
    session.done(f"{QUERIES} queries by UDP, each answer compared")


def exchange(client, message):
    client.sendall(struct.pack(">H", len(message)) + message)
    stream = client.makefile("rb")
    (size,) = struct.unpack(">H", stream.read(2))
    return stream.read(size)


def by_tcp(session, port):
    session.step("queries by TCP")
    clients = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(10)]
    for number, client in enumerate(clients):
        check_address(exchange(client, query(f"h{number}.{ZONE}", number=number)), number, number)
    reply = exchange(clients[0], query(f"big.{ZONE}", TYPE_TXT))
    check(struct.unpack(">H", reply[6:8])[0] == 10, "a long answer is whole")
    for client in clients:
        client.close()
    session.done(f"{len(clients)} TCP clients at once; a long answer came whole")


def junk(session, port):
    session.step("junk")
    dice = random.Random(1)
    with udp_socket(port) as client:
        for _ in range(300):
            client.send(dice.randbytes(dice.randrange(60)))
    for _ in range(10):
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            client.sendall(dice.randbytes(20))
    # Its socket may be full of junk, so a query may be lost.
    session.wait_until(lambda: answers(port), 20, "the server answers after junk")
    session.done("300 datagrams and 10 connections of junk; it still answers")
