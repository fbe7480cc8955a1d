"""pgbouncer between scripted PostgreSQL clients and a scripted server.

What of libevent it exercises: event_assign into memory of the program's own that is used again and again,
many connections on few, timers, signals, event_base_loop with one pass at a time.
"""

import hashlib
import os
import pwd
import signal
import socket
import struct
import threading

from harness import free_port
from libevent import check
from net import HOST, SECONDS, Server, connect, in_parallel, receive, receive_all, wait_for_port

PACKAGE = "pgbouncer"
BINARY = "pgbouncer"
DEADLINE = 60

CLIENTS = 40
QUERIES = 25
POOL = 3
LARGE_ROWS = 3000
PROTOCOL, CANCEL = 196608, 80877102


def message(kind, body=b""):
    return kind + struct.pack("!I", len(body) + 4) + body


def read_message(peer):
    kind, size = struct.unpack("!cI", receive(peer, 5))
    return kind, receive(peer, size - 4)


def rows(*values):
    """The answer to a query, with one column of text."""
    text = message(b"T", struct.pack("!H", 1) + b"text\0" + struct.pack("!IHIhih", 0, 0, 25, -1, -1, 0))
    for value in values:
        text += message(b"D", struct.pack("!HI", 1, len(value)) + value)
    return text + message(b"C", b"SELECT %d\0" % len(values))


class Backend:
    """A server that trusts everybody and has an answer to each query."""

    def __init__(self):
        self.waits = threading.Event()
        self.cancelled = threading.Event()

    def serve(self, peer):
        (size,) = struct.unpack("!I", receive(peer, 4))
        startup = receive(peer, size - 4)
        if struct.unpack("!I", startup[:4])[0] == CANCEL:
            self.cancelled.set()
            return
        peer.sendall(message(b"R", struct.pack("!I", 0)) + message(b"S", b"server_version\x0015.0\0") +
                     message(b"S", b"client_encoding\0UTF8\0") +
                     message(b"S", b"standard_conforming_strings\0on\0") +
                     message(b"K", struct.pack("!II", 1, 2)) + message(b"Z", b"I"))
        state = b"I"
        while True:
            kind, body = read_message(peer)
            if kind != b"Q":
                return
            query = body.rstrip(b"\0;")
            if query == b"die":
                return
            if query in (b"begin", b"commit"):
                state = b"T" if query == b"begin" else b"I"
                answer = message(b"C", query.upper() + b"\0")
            elif query == b"large":
                answer = rows(*(b"row %d " % number * 20 for number in range(LARGE_ROWS)))
            elif query == b"wait":
                self.waits.set()
                self.cancelled.wait(SECONDS)
                answer = message(b"E", b"SERROR\0C57014\0Mcancelled\0\0")
            else:
                answer = rows(query)
            peer.sendall(answer + message(b"Z", state))


class Client:
    """One connection to pgbouncer."""

    def __init__(self, port, database="app", user="joe", password="secret"):
        self.port = port
        self.socket = connect(port)
        fields = f"user\0{user}\0database\0{database}\0\0".encode()
        body = struct.pack("!I", PROTOCOL) + fields
        self.socket.sendall(struct.pack("!I", len(body) + 4) + body)
        kind, body = read_message(self.socket)
        check(kind == b"R" and body[:4] == struct.pack("!I", 5), f"no MD5 was asked for: {body!r}")
        inner = hashlib.md5((password + user).encode()).hexdigest().encode()
        digest = hashlib.md5(inner + body[4:8]).hexdigest().encode()
        self.socket.sendall(message(b"p", b"md5" + digest + b"\0"))
        self.refused = None
        self.cancel_key = None
        while (packet := read_message(self.socket))[0] != b"Z":
            if packet[0] == b"E":
                self.refused = packet[1]
                return
            if packet[0] == b"K":
                self.cancel_key = packet[1]

    def send(self, query):
        self.socket.sendall(message(b"Q", query + b"\0"))

    def answer(self):
        """The first column of the rows, or the error."""
        found = []
        while (packet := read_message(self.socket))[0] != b"Z":
            kind, body = packet
            if kind == b"E":
                found = body
            if kind == b"D":
                (size,) = struct.unpack("!i", body[2:6])
                found.append(body[6:6 + size])
        return found

    def ask(self, query):
        self.send(query)
        return self.answer()

    def cancel(self):
        # Until the other end closes: pgbouncer 1.18 stumbles over a client that leaves before.
        with connect(self.port) as other:
            other.sendall(struct.pack("!II", 16, CANCEL) + self.cancel_key)
            check(receive_all(other) == b"", "an answer to a cancel request")


def converse(session):
    session.introduce()
    session.step("start")
    backend = Backend()
    server = Server(backend.serve)
    port = free_port()
    process = session.start("-u", unprivileged(), str(configuration(session.folder, port, server.port)))
    wait_for_port(session, process, port)
    session.show_libevent(process)
    queries(session, port, server)
    large(session, port)
    failures(session, port, backend)
    console(session, port)
    session.step("stop")
    status = process.stop(signal.SIGINT, SECONDS)
    check(status == 0, f"exit status {status} after SIGINT")
    session.done("SIGINT: clean end, exit status 0")


def unprivileged():
    """It refuses to run as root."""
    return "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name


def configuration(folder, port, server_port):
    users = folder / "users"
    users.write_text('"joe" "secret"\n"boss" "power"\n')
    path = folder / "pgbouncer.ini"
    path.write_text(f"""[databases]
app = host={HOST} port={server_port} user=backend
[pgbouncer]
listen_addr = {HOST}
listen_port = {port}
unix_socket_dir =
auth_type = md5
auth_file = {users}
admin_users = boss
pool_mode = transaction
default_pool_size = {POOL}
max_client_conn = 200
server_tls_sslmode = disable
""")
    # For the user that it becomes.
    for readable in (folder, path, users):
        readable.chmod(0o755)
    return path


def queries(session, port, server):
    session.step("queries")
    check(b"password authentication failed" in Client(port, password="guess").refused, "a password")
    check(b"no such" in Client(port, database="none").refused, "a database")

    def work(number):
        client = Client(port)
        for turn in range(QUERIES):
            text = b"query %d of %d" % (turn, number)
            check(client.ask(text) == [text], "another answer")
        # Nobody else may use the server's connection during a transaction.
        for text, answer in ((b"begin", []), (b"mine", [b"mine"]), (b"commit", [])):
            check(client.ask(text) == answer, text.decode())

    in_parallel(CLIENTS, work)
    check(server.accepted <= POOL, f"{server.accepted} connections to the server")
    session.done(f"{CLIENTS} clients, {CLIENTS * (QUERIES + 3):,} queries, "
                 f"on {server.accepted} connections to the server")


def large(session, port):
    session.step("large answers")
    client = Client(port)
    wanted = [b"row %d " % number * 20 for number in range(LARGE_ROWS)]
    for _ in range(5):
        check(client.ask(b"large") == wanted, "a row was lost")
    text = b"x" * 500_000
    check(client.ask(text) == [text], "a long query")
    client.socket.sendall(b"".join(message(b"Q", b"%d\0" % number) for number in range(100)))
    for number in range(100):
        check(client.answer() == [b"%d" % number], "pipelined queries")
    session.done(f"answers of {LARGE_ROWS:,} rows, a query of {len(text):,} bytes, 100 pipelined")


def failures(session, port, backend):
    session.step("failures")
    client = Client(port)
    client.send(b"wait")
    check(backend.waits.wait(SECONDS), "the query has not reached the server")
    client.cancel()
    check(b"cancelled" in client.answer(), "a query that was cancelled")
    check(backend.cancelled.is_set(), "the server knows nothing of it")
    client.send(b"die")
    kind, body = read_message(client.socket)
    check(kind == b"E" and b"server" in body, "what is said when the server leaves")
    check(Client(port).ask(b"again") == [b"again"], "another connection")
    for part in (b"", b"\0\0\0\x08", b"\0\0\0\x20" + struct.pack("!I", PROTOCOL) + b"user\0", b"x" * 99):
        with connect(port) as peer:
            peer.sendall(part)
            peer.shutdown(socket.SHUT_WR)
    session.done("a query cancelled, a server that leaves, clients that break off")


def console(session, port):
    session.step("the console")
    boss = Client(port, "pgbouncer", "boss", "power")
    check(boss.ask(b"show version")[0].startswith(b"PgBouncer "), "its version")
    check(b"app" in boss.ask(b"show pools"), "its pools")
    check(boss.ask(b"pause") == [], "pause")
    client = Client(port)
    client.send(b"late")
    check(boss.ask(b"show databases"), "the console answers while it pauses")
    check(boss.ask(b"resume") == [] and client.answer() == [b"late"], "what has waited")
    session.done("the console: version, pools, pause, and a query that waited for resume")
