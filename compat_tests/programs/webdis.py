"""webdis, HTTP in front of a scripted redis.

What of libevent it exercises: raw events on sockets that come and go, a base for each of several threads
with pipes between them, event_base_set, timers that reconnect.
"""

import http.client
import json
import signal
import threading

from harness import free_port
from libevent import check
from net import (HOST, SECONDS, Server, connect, in_parallel, receive, receive_line, user,
                 wait_for_port)

PACKAGE = "webdis"
BINARY = "webdis"
DEADLINE = 60

CLIENTS = 30
REQUESTS = 40
LARGE_SIZE = 300_000


class Redis:
    """As much of redis (RESP) as the conversation needs."""

    def __init__(self):
        self.values = {}
        self.subscribers = {}
        self.lock = threading.Lock()

    def serve(self, peer):
        while True:
            words = [self.word(peer) for _ in range(self.number(peer, b"*"))]
            command = getattr(self, "do_" + words[0].decode().lower(), None)
            with self.lock:
                peer.sendall(command(peer, *words[1:]) if command else b"-ERR unknown command\r\n")

    @staticmethod
    def number(peer, mark):
        line = receive_line(peer)
        check(line.startswith(mark), f"not RESP: {line!r}")
        return int(line[1:])

    def word(self, peer):
        return receive(peer, self.number(peer, b"$") + 2)[:-2]

    @staticmethod
    def bulk(data):
        return b"$-1\r\n" if data is None else b"$%d\r\n%s\r\n" % (len(data), data)

    def do_ping(self, _peer):
        return b"+PONG\r\n"

    def do_select(self, _peer, _number):
        return b"+OK\r\n"

    def do_set(self, _peer, key, value):
        self.values[key] = value
        return b"+OK\r\n"

    def do_get(self, _peer, key):
        return self.bulk(self.values.get(key))

    def do_incr(self, _peer, key):
        self.values[key] = b"%d" % (int(self.values.get(key, b"0")) + 1)
        return b":" + self.values[key] + b"\r\n"

    def do_mget(self, _peer, *keys):
        return b"*%d\r\n" % len(keys) + b"".join(self.bulk(self.values.get(key)) for key in keys)

    def do_subscribe(self, peer, channel):
        self.subscribers.setdefault(channel, []).append(peer)
        return b"*3\r\n" + self.bulk(b"subscribe") + self.bulk(channel) + b":1\r\n"

    def do_publish(self, _peer, channel, text):
        message = b"*3\r\n" + b"".join(map(self.bulk, (b"message", channel, text)))
        for subscriber in self.subscribers.get(channel, []):
            subscriber.sendall(message)
        return b":%d\r\n" % len(self.subscribers.get(channel, []))


class Client:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection(HOST, port, timeout=SECONDS)

    def raw(self, method, path, body=None):
        self.connection.request(method, path, body)
        reply = self.connection.getresponse()
        return reply.status, reply.read()

    def call(self, path, body=None):
        """The answer, without the command's name around it."""
        status, text = self.raw("POST" if body else "GET", "/" if body else path, body)
        check(status == 200, f"{path}: status {status}")
        (answer,) = json.loads(text).values()
        return answer


def converse(session):
    session.introduce()
    session.step("start")
    redis = Redis()
    port = free_port()
    path = session.folder / "webdis.json"
    path.write_text(json.dumps({
        "redis_host": HOST, "redis_port": Server(redis.serve).port, "redis_auth": None,
        "http_host": HOST, "http_port": port, "threads": 4, "pool_size": 5, "daemonize": False,
        "websockets": True, "database": 0, "verbosity": 2,
        "acl": [{"disabled": ["DEBUG"]}], "logfile": str(session.folder / "webdis.log")}))
    process = session.start(str(path))
    wait_for_port(session, process, port)
    session.show_libevent(process)
    commands(session, port)
    parallel(session, port)
    subscribe(session, port)
    session.step("stop")
    process.stop(signal.SIGTERM, SECONDS)
    session.done("SIGTERM: it has ended")


def commands(session, port):
    session.step("commands")
    client = Client(port)
    session.wait_until(lambda: client.raw("GET", "/PING")[0] == 200, SECONDS, "it has reached redis")
    check(client.call("/SET/hello/world") == [True, "OK"], "SET")
    check(client.call("/GET/hello") == "world", "GET")
    check(client.call("/GET/none") is None, "GET of a key that is not there")
    check(client.call("/MGET/hello/none") == ["world", None], "MGET")
    check(client.raw("GET", "/GET/hello.txt") == (200, b"world"), "as text")
    check(client.raw("GET", "/GET/none.txt")[0] == 404, "a missing text")
    check(client.raw("GET", "/DEBUG/x")[0] == 403, "a command that is not allowed")
    large = "x" * LARGE_SIZE
    check(client.raw("PUT", "/SET/large", large)[0] == 200, "a large value")
    check(client.raw("GET", "/GET/large.txt") == (200, large.encode()), "a large value comes back")
    for number in range(300):
        check(client.call("", body="INCR/count") == number + 1, "INCR")
    session.done(f"commands by GET, POST and PUT, a value of {LARGE_SIZE:,} bytes")


def parallel(session, port):
    session.step("clients in parallel")

    def work(number):
        client = Client(port)
        for turn in range(REQUESTS):
            client.call(f"/SET/key{number}/{turn}")
            check(client.call(f"/GET/key{number}") == str(turn), "another value came back")

    in_parallel(CLIENTS, work)
    check(Client(port).call("/GET/count") == "300", "the others are untouched")
    session.done(f"{CLIENTS} clients at once on 4 threads, {2 * CLIENTS * REQUESTS:,} requests")


def subscribe(session, port):
    """Messages come as chunks of a reply that does not end."""
    session.step("subscribe")
    with connect(port) as peer:
        peer.sendall(b"GET /SUBSCRIBE/news HTTP/1.1\r\nHost: x\r\n\r\n")
        stream = peer.makefile("rb")
        check(stream.readline().startswith(b"HTTP/1.1 200 "), "the status")
        while stream.readline() != b"\r\n":
            pass

        def chunk():
            data = stream.read(int(stream.readline(), 16))
            stream.readline()
            return json.loads(data)["SUBSCRIBE"]

        check(chunk()[:2] == ["subscribe", "news"], "the beginning")
        client = Client(port)
        for number in range(100):
            check(client.call(f"/PUBLISH/news/text{number}") == 1, "a subscriber")
            check(chunk() == ["message", "news", f"text{number}"], "the message")
    session.done("100 messages to a subscriber, each in a chunk of its own")
