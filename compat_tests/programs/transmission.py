"""transmission-daemon over its RPC and web interface, which evhttp serves, and transmission-remote.

What of libevent it exercises: an evhttp server with a generic callback, its fields and bodies of all
sizes, keep-alive and pipelined requests, slow and broken clients; evdns; the session's timers; the
loop in a thread of its own with a pipe that wakes it, and its end.
"""

import http.client
import json
import os
import random
import socket
import subprocess

from harness import free_port
from libevent import check
from net import in_parallel, wait_for_port

PACKAGE = "transmission-daemon"
BINARY = "transmission-daemon"
DEADLINE = 100

DATA_SIZE = 4_000_000
KEPT_REQUESTS = 500
CONNECTIONS = 40
RPC = "/transmission/rpc"
TOKEN = "X-Transmission-Session-Id"


def converse(session):
    session.introduce()
    daemon, port = start(session)
    session.show_libevent(daemon)
    remote(session, port)
    torrent(session, port)
    kept_connection(session, port)
    pipelining(session, port)
    parallel(session, port)
    broken(session, port)
    end(session, daemon, port)


def start(session):
    session.step("start the daemon")
    port = free_port()
    (session.folder / "downloads").mkdir()
    daemon = session.start(
        "-f", "-g", str(session.folder / "config"), "-w", str(session.folder / "downloads"),
        "-p", str(port), "-r", "127.0.0.1", "-a", "127.0.0.1", "-P", str(free_port()),
        "--no-portmap", "--no-dht", "--no-lpd", "--no-utp", "--no-auth")
    wait_for_port(session, daemon, port)
    session.done("the daemon answers on its RPC port")
    return daemon, port


def ask_remote(session, port, *arguments):
    """What transmission-remote prints; it is a client on curl, and is not what is tested."""
    return subprocess.run(["transmission-remote", f"127.0.0.1:{port}", *arguments], check=True,
                          capture_output=True, text=True, timeout=30).stdout


class Client:
    """JSON over one kept connection, with the token that the daemon asks for."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.connection.connect()
        self.socket = self.connection.sock
        self.token = ""

    def request(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, {TOKEN: self.token} | (headers or {}))
        reply = self.connection.getresponse()
        return reply, reply.read()

    def call(self, method, **arguments):
        body = json.dumps({"method": method, "arguments": arguments})
        reply, text = self.request("POST", RPC, body)
        if reply.status == 409:
            self.token = reply.getheader(TOKEN)
            reply, text = self.request("POST", RPC, body)
        check(reply.status == 200, f"{method}: status {reply.status}")
        answer = json.loads(text)
        check(answer["result"] == "success", f"{method}: {answer['result']}")
        return answer["arguments"]


def remote(session, port):
    session.step("transmission-remote")
    check("Daemon version" in ask_remote(session, port, "-si"), "session information")
    check("success" in ask_remote(session, port, "--downlimit", "123"), "a setting")
    check(Client(port).call("session-get")["speed-limit-down"] == 123, "the setting was not kept")
    session.done("transmission-remote reads and changes settings")


def torrent(session, port):
    """A file that is there already: the daemon reads it whole and compares its checksums."""
    session.step("add a torrent")
    data = session.folder / "downloads" / "data.bin"
    data.write_bytes(random.Random(1).randbytes(DATA_SIZE))
    file = session.folder / "data.torrent"
    subprocess.run(["transmission-create", "-o", str(file), str(data)], check=True,
                   stdout=subprocess.DEVNULL, timeout=30)
    ask_remote(session, port, "-a", str(file))
    client = Client(port)

    def done():
        torrents = client.call("torrent-get", fields=["percentDone", "name", "pieces"])["torrents"]
        return len(torrents) == 1 and torrents[0]["percentDone"] == 1 and torrents

    torrents = session.wait_until(done, 30, "the torrent is complete")
    check(torrents[0]["name"] == "data.bin", f"the name is {torrents[0]['name']}")
    session.done("a torrent was added, and its data verified")


def kept_connection(session, port):
    session.step("requests on one connection")
    client = Client(port)
    client.call("session-get")
    for number in range(KEPT_REQUESTS):
        client.call("session-set", **{"speed-limit-up": number + 1})
        check(client.call("session-get")["speed-limit-up"] == number + 1, "a setting was lost")
    check(client.connection.sock is client.socket, "the daemon has closed the connection")
    reply, page = client.request("GET", "/transmission/web/")
    check(reply.status == 200 and len(page) == int(reply.getheader("Content-Length")), "the page")
    reply, packed = client.request("POST", RPC, '{"method":"session-get"}',
                                   {"Accept-Encoding": "gzip"})
    check(reply.getheader("Content-Encoding") == "gzip" and packed[:2] == b"\x1f\x8b", "gzip")
    session.done(f"{2 * KEPT_REQUESTS} requests and a page of {len(page)} bytes on one connection")


def pipelining(session, port):
    session.step("pipelined requests")
    with socket.create_connection(("127.0.0.1", port), 30) as plain:
        count = 100
        plain.sendall(b"GET /transmission/rpc HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * (count - 1) +
                      b"GET /transmission/rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        text = b""
        while part := plain.recv(65536):
            text += part
    check(text.count(b"HTTP/1.1 409 Conflict\r\n") == count, "the number of replies")
    session.done(f"{count} requests in one piece, as many replies")


def parallel(session, port):
    session.step("clients in parallel")

    def work(_number):
        client = Client(port)
        for _ in range(20):
            client.call("torrent-get", fields=["id", "name", "files", "trackers"])

    in_parallel(CONNECTIONS, work)
    session.done(f"{CONNECTIONS} clients at once")


def broken(session, port):
    """Requests that stop anywhere, and clients that leave anywhere."""
    session.step("broken clients")
    request = (b"POST /transmission/rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
               b"5\r\nabcde\r\n0\r\n\r\n")
    for length in range(0, len(request), 3):
        with socket.create_connection(("127.0.0.1", port), 30) as plain:
            plain.sendall(request[:length])
    with socket.create_connection(("127.0.0.1", port), 30) as plain:
        plain.sendall(b"not HTTP\r\n\r\n")
        check(plain.recv(100).startswith(b"HTTP/1.1 400 Bad Request"), "nonsense gets 400")
    Client(port).call("session-stats")
    session.done("requests that stop anywhere; the daemon goes on")


def end(session, daemon, port):
    session.step("stop the daemon")
    ask_remote(session, port, "--exit")
    session.wait_until(lambda: not daemon.running(), 30, "the daemon ends")
    resume = list((session.folder / "config" / "resume").iterdir())
    check(len(resume) == 1 and os.path.getsize(resume[0]) > 0, "the state of the torrent is saved")
    session.done("the daemon has saved its state and ended")
