"""litecoind, whose RPC evhttp serves, and litecoin-cli, an evhttp client; without a network.

What of libevent it exercises: the evhttp client with its errors and timeout; an evhttp server whose
replies other threads make, which wake the loop by event_active and come while reading is disabled;
closing of idle connections; a bufferevent to tor's control port that connects again by a timer.
"""

import base64
import http.client
import json
import re
import signal
import socket
import subprocess
import threading

from harness import free_port
from libevent import check
from net import HOST, SECONDS, Server, connect, in_parallel, receive_all, receive_line

PACKAGE = "litecoind"
BINARY = "/usr/lib/litecoin/litecoind"
DEADLINE = 100

USER, PASSWORD = "user", "secret"
BLOCKS = 60
CLIENTS = 40
REQUESTS = 25
IDLE_SECONDS = 2
# Blocks are made for whoever gives the empty proof.
ANYBODY = "raw(51)#8lvh9jxk"


class Tor:
    """As much of tor's control port as it takes to give the daemon an onion address."""

    KEY = "ED25519-V3:" + "k" * 80
    REPLIES = {
        "PROTOCOLINFO": '250-PROTOCOLINFO 1\r\n250-AUTH METHODS=NULL\r\n250-VERSION Tor="0.4"\r\n',
        "ADD_ONION": f"250-ServiceID={'a' * 56}\r\n250-PrivateKey={KEY}\r\n",
    }

    def __init__(self):
        self.connections = []
        self.onions = []
        self.port = Server(self.serve).port

    def serve(self, peer):
        self.connections.append(peer)
        while True:
            command, *words = receive_line(peer).decode().split()
            peer.sendall((self.REPLIES.get(command, "") + "250 OK\r\n").encode())
            if command == "ADD_ONION":
                self.onions.append(words[0])


class Daemon:
    def __init__(self, session, tor):
        self.session = session
        self.port = free_port()
        (session.folder / "data").mkdir(exist_ok=True)
        self.process = session.start(
            *self.settings(), f"-bind={HOST}:{free_port()}", "-dnsseed=0", "-listenonion",
            f"-torcontrol={HOST}:{tor.port}", "-disablewallet", "-rest", "-rpcthreads=8",
            "-rpcworkqueue=200", f"-rpcservertimeout={IDLE_SECONDS}", "-printtoconsole")

    def settings(self):
        return ["-regtest", f"-datadir={self.session.folder / 'data'}", f"-rpcuser={USER}",
                f"-rpcpassword={PASSWORD}", f"-rpcport={self.port}"]

    def cli(self, *words, text=None):
        """Exit status, output and errors of litecoin-cli."""
        command = ["litecoin-cli", *self.settings(), *words]
        end = subprocess.run(command, input=text, capture_output=True, text=True, timeout=SECONDS,
                             env=self.session.libevent.environment())
        return end.returncode, end.stdout.strip(), end.stderr.strip()

    def ask(self, *words, text=None):
        status, output, errors = self.cli(*words, text=text)
        check(status == 0, f"litecoin-cli {words}: status {status}, {errors}")
        return output


def authorization(password=PASSWORD):
    return "Basic " + base64.b64encode(f"{USER}:{password}".encode()).decode()


class Client:
    """JSON-RPC over one kept connection."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection(HOST, port, timeout=SECONDS)

    def request(self, method, path, body=None, password=PASSWORD):
        self.connection.request(method, path, body, {"Authorization": authorization(password)})
        reply = self.connection.getresponse()
        return reply.status, reply.read()

    def call(self, method, *parameters):
        body = json.dumps({"id": 1, "method": method, "params": parameters})
        status, text = self.request("POST", "/", body)
        check(status == 200, f"{method}: status {status}, {text[:200]}")
        return json.loads(text)["result"]


def converse(session):
    session.introduce()
    session.step("start")
    tor = Tor()
    daemon = Daemon(session, tor)
    check(json.loads(daemon.ask("-rpcwait", "getblockchaininfo"))["blocks"] == 0, "an empty chain")
    session.show_libevent(daemon.process)
    session.done("litecoin-cli tries until the daemon answers")
    onion(session, tor)
    command_line(session, daemon)
    foreign_servers(session, daemon)
    server(session, daemon)
    rest(session, daemon)
    parallel(session, daemon)
    waiting(session, daemon)
    broken(session, daemon)
    idle(session, daemon)
    restart(session, daemon, tor)


def onion(session, tor):
    session.step("tor's control port")
    session.wait_until(lambda: tor.onions == ["NEW:ED25519-V3"], SECONDS, "it asks for an address")
    tor.connections[0].shutdown(socket.SHUT_RDWR)
    session.wait_until(lambda: tor.onions[1:] == [tor.KEY], SECONDS, "it asks for the same again")
    session.done("it connects to a scripted tor, and again when that has left")


def command_line(session, daemon):
    session.step("litecoin-cli")
    hashes = json.loads(daemon.ask("generatetodescriptor", str(BLOCKS), ANYBODY))
    check(len(hashes) == BLOCKS and daemon.ask("getbestblockhash") == hashes[-1], "the last block")
    check(json.loads(daemon.ask("-stdin", "echo", text="one\ntwo words\n")) == ["one", "two words"],
          "arguments by standard input")
    large = "x" * 2_000_000
    check(json.loads(daemon.ask("-stdin", "echo", text=large)) == [large], "a large argument")
    check(json.loads(daemon.ask("-getinfo"))["blocks"] == BLOCKS, "several calls in one request")
    status, _, errors = daemon.cli("nonsense")
    check(status == 89 and "Method not found" in errors, f"an unknown method: {status} {errors}")
    status, _, errors = daemon.cli("-rpcpassword=wrong", "uptime")
    check(status == 1 and "Authorization failed" in errors, f"a wrong password: {status} {errors}")
    status, _, errors = daemon.cli("-rpcclienttimeout=1", "waitfornewblock")
    check(status == 1 and '(error code 0 - "timeout reached")' in errors, f"a time-out: {errors}")
    in_parallel(20, lambda _number: check(daemon.ask("getblockcount") == str(BLOCKS), "the count"))
    session.done("commands, 2 MB each way, errors, a time-out, 20 clients at once")


FINE = b'{"result":"fine","error":null,"id":1}\n'
# What a server sends before it ends the connection, and what litecoin-cli makes of it.
REPLIES = (
    (b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(FINE), FINE), "fine"),
    (b"HTTP/1.0 200 OK\r\n\r\n%s" % FINE, "fine"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (
        FINE[:5], len(FINE) - 5, FINE[5:]), "fine"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n%s" % FINE, '(error code 1 - "EOF reached")'),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", "(error code 1 -"),
    (b"", "(error code 1 -"),
    (b"nonsense\r\n\r\n", "(error code 2 -"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "(error code 2 -"),
    (b"HTTP/1.1 204 No Content\r\n\r\n", "no response from server"),
    (b"HTTP/1.1 999 Strange\r\nContent-Length: 0\r\n\r\n", "server returned HTTP error 999"),
)


def foreign_servers(session, daemon):
    session.step("litecoin-cli and other servers")

    def case(number):
        reply, wanted = REPLIES[number]
        with socket.create_server((HOST, 0)) as listener:
            listener.settimeout(SECONDS)
            result = []
            port = listener.getsockname()[1]
            client = threading.Thread(
                target=lambda: result.append(daemon.cli(f"-rpcport={port}", "uptime")))
            client.start()
            with listener.accept()[0] as peer:
                request = b""
                while not request.endswith(b'"id":1}\n'):
                    request += peer.recv(65536)
                peer.sendall(reply)
            client.join()
        status, output, errors = result[0]
        check(wanted in output + errors and (status == 0) == (wanted == "fine"),
              f"{reply}: status {status}, {output} {errors}")

    in_parallel(len(REPLIES), case)
    status, _, errors = daemon.cli(f"-rpcport={free_port()}", "uptime")
    check(status == 1 and "Could not connect" in errors, f"nobody listens: {errors}")
    session.done(f"litecoin-cli and {len(REPLIES)} right, wrong and broken replies")


def server(session, daemon):
    session.step("requests to the daemon")
    client = Client(daemon.port)
    check(client.call("getblockcount") == BLOCKS, "the count")
    check(client.request("GET", "/")[0] == 405, "another method than POST")
    check(client.request("POST", "/nowhere", "{}")[0] == 404, "another path")
    check(client.request("POST", "/", "{}", password="wrong")[0] == 401, "a wrong password")
    status, text = client.request("POST", "/", "not JSON")
    check(status == 500 and json.loads(text)["error"]["code"] == -32700, "no JSON")
    batch = [{"id": number, "method": "echo", "params": [number]} for number in range(3000)]
    status, text = client.request("POST", "/", json.dumps(batch))
    check([part["result"] for part in json.loads(text)] == [[number] for number in range(3000)],
          "a batch")
    kept = client.connection.sock
    for number in range(300):
        check(client.call("echo", number) == [number], "another call's answer")
    check(client.connection.sock is kept, "the daemon has closed the connection")
    head = f"POST / HTTP/1.1\r\nAuthorization: {authorization()}\r\n"
    body = '{"id": %d, "method": "getblockcount"}'
    size = len(body % 100)
    with connect(daemon.port) as peer:
        request = f"{head}Content-Length: {size}\r\n\r\n{body}"
        last = f"{head}Connection: close\r\nContent-Length: {size}\r\n\r\n{body}"
        requests = [request % number for number in range(100, 200)] + [last % 200]
        peer.sendall("".join(requests).encode())
        replies = receive_all(peer).decode()
    ids = [int(number) for number in re.findall(r'"id":(\d+)', replies)]
    check(ids == list(range(100, 201)), f"pipelined: {len(ids)} replies, {ids[:5]}")
    session.done("errors, a batch of 3,000 calls, 300 on one connection, 101 pipelined")


def rest(session, daemon):
    session.step("REST")
    client = Client(daemon.port)
    best = client.call("getbestblockhash")
    block = client.call("getblock", best, 0)
    check(client.request("GET", f"/rest/block/{best}.hex") == (200, block.encode() + b"\n"), "hex")
    check(client.request("GET", f"/rest/block/{best}.bin") == (200, bytes.fromhex(block)), "binary")
    status, text = client.request("GET", f"/rest/block/{best}.json")
    check(status == 200 and json.loads(text)["height"] == BLOCKS, "JSON")
    first = client.call("getblockhash", 1)
    status, headers = client.request("GET", f"/rest/headers/{BLOCKS}/{first}.bin")
    check(status == 200 and len(headers) == 80 * BLOCKS, f"{len(headers)} bytes of headers")
    check(client.request("GET", "/rest/block/nonsense.hex")[0] == 400, "nonsense")
    session.done("blocks as JSON, text and bytes")


def parallel(session, daemon):
    session.step("clients in parallel")

    def work(number):
        client = Client(daemon.port)
        for turn in range(REQUESTS):
            check(client.call("echo", number, turn) == [number, turn], "another client's answer")
            check(client.request("GET", "/rest/chaininfo.json")[0] == 200, "the state of the chain")

    in_parallel(CLIENTS, work)
    session.done(f"{CLIENTS} clients at once, {2 * CLIENTS * REQUESTS:,} requests")


def waiting(session, daemon):
    """Replies that a thread gives long after the request, when the client may have gone."""
    session.step("replies that come late")
    height = Client(daemon.port).call("getblockcount")
    body = json.dumps({"method": "waitforblockheight", "params": [height + 1, 1000 * SECONDS]})
    request = (f"POST / HTTP/1.1\r\nAuthorization: {authorization()}\r\n"
               f"Content-Length: {len(body)}\r\n\r\n{body}").encode()
    with connect(daemon.port) as gone:
        gone.sendall(request)

    def wait(number):
        if number == 0:
            Client(daemon.port).call("generatetodescriptor", 1, ANYBODY)
            return
        reply = Client(daemon.port).call("waitforblockheight", height + 1, 1000 * SECONDS)
        check(reply["height"] == height + 1, "another block than was waited for")

    in_parallel(3, wait)
    session.done("replies that wait for a block, one for a client that has gone")


def broken(session, daemon):
    session.step("broken clients")
    request = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"
    for length in range(0, len(request), 3):
        with connect(daemon.port) as peer:
            peer.sendall(request[:length])
    for text, wanted in ((b"nonsense\r\n\r\n", ["400"]),
                         (b"GET / HTTP/1.1\r\nA: %s\r\n\r\n" % (b"x" * 20_000), ["400", "431"]),
                         (b"POST / HTTP/1.1\r\nContent-Length: 99000000\r\n\r\n", ["413"])):
        with connect(daemon.port) as peer:
            peer.sendall(text)
            reply = peer.recv(100).decode()
            check(reply.split()[1] in wanted, f"{text[:50]}: {reply}")
    check(Client(daemon.port).call("echo") == [], "it goes on")
    session.done("requests that stop anywhere or are too large; the daemon goes on")


def idle(session, daemon):
    session.step("idle clients")
    peers = [connect(daemon.port) for _ in range(20)]
    for peer in peers:
        check(peer.recv(1) == b"", "an idle client got something")
        peer.close()
    session.done(f"20 idle clients are shown out after {IDLE_SECONDS} s")


def restart(session, daemon, tor):
    session.step("stop and start")
    kept = Client(daemon.port)
    kept.call("uptime")
    check(daemon.ask("stop") == "Litecoin Core stopping", "the answer to stop")
    check(daemon.process.wait(SECONDS) == 0, "the exit status after stop")
    again = Daemon(session, tor)
    check(again.ask("-rpcwait", "getblockcount") == str(BLOCKS + 1), "the chain was not kept")
    check(again.process.stop(signal.SIGTERM, SECONDS) == 0, "the exit status after SIGTERM")
    session.done("stop, another start with the same chain, SIGTERM")
