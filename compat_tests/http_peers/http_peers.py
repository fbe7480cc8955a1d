#!/usr/bin/env python3
"""Other programs' HTTP and WebSocket against evhttp's: curl, wrk, Python and python3-websockets.

Each conversation is held on relevent and on the reference, where that has what it takes.
"""

import argparse
import asyncio
import contextlib
import http.client
import http.server
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

PROGRAMS = pathlib.Path(__file__).resolve().parent.parent / "programs"
sys.path[:0] = [str(PROGRAMS)]
# Debian's packages, whichever Python this is.
sys.path.append("/usr/lib/python3/dist-packages")

import websockets

from harness import die_with_parent
from libevent import Failure, Libevent, check

SECONDS = 30
BODY = bytes(range(256)) * 4000


class Peer:
    """The program http_peer on one of the libraries."""

    def __init__(self, program, mode, lib_dir):
        self.program = str(program)
        self.libevent = Libevent(mode, lib_dir, program)
        self.has_websocket = self.libevent.is_relevent

    def run(self, *arguments):
        done = subprocess.run([self.program, *arguments], env=self.libevent.environment(),
                              capture_output=True, text=True, timeout=SECONDS, check=True)
        return done.stdout

    @contextlib.contextmanager
    def serving(self):
        server = subprocess.Popen([self.program, "serve"], env=self.libevent.environment(),
                                  stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        try:
            yield int(server.stdout.readline())
            self.libevent.check_mapped(server.pid)
            server.terminate()
            check(server.wait(SECONDS) == 0, "the server did not end well")
        finally:
            server.kill()
            server.wait()
            server.stdout.close()


def curl(peer, folder):
    data = folder / "body"
    data.write_bytes(BODY)

    def ask(*arguments):
        done = subprocess.run(["curl", "-sS", "--max-time", str(SECONDS), *arguments],
                              capture_output=True, check=True)
        return done.stdout

    with peer.serving() as port:
        url = f"http://127.0.0.1:{port}"
        counted = ask("-w", "%{http_code} %{num_connects}\n", f"{url}/a", f"{url}/b")
        check(counted == b"hello\n200 1\nhello\n200 0\n", f"two requests: {counted}")
        upload = ("--data-binary", f"@{data}")
        check(ask(*upload, f"{url}/echo") == BODY, "a body with a length")
        check(ask(*upload, "-H", "Transfer-Encoding: chunked", f"{url}/echo?") == BODY, "chunks")
        check(ask(*upload, "-H", "Expect: 100-continue", f"{url}/echo") == BODY, "100-continue")
        check(ask("-0", f"{url}/a") == b"hello\n", "HTTP/1.0")
        check(ask("-I", f"{url}/a").startswith(b"HTTP/1.1 200 OK\r\n"), "HEAD")
        big = folder / "big"
        big.write_bytes(bytes(5 << 20))
        code = ask("-o", folder / "page", "-w", "%{http_code}", "-H", "Expect: 100-continue",
                   "--data-binary", f"@{big}", f"{url}/echo")
        check(code == b"413", f"a body that is too long: {code}")


def python_client(peer, _folder):
    with peer.serving() as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        with contextlib.closing(connection):
            for _ in range(3):
                connection.request("POST", "/echo?", body=iter([b"one ", BODY, b" two"]),
                                   encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
                first = connection.sock
                reply = connection.getresponse()
                check(reply.read() == b"one " + BODY + b" two", "other chunks came back")
                connection.request("HEAD", "/echo")
                check(connection.getresponse().read() == b"", "HEAD has a body")
                check(connection.sock is first, "it closed the connection")
            connection.request("DELETE", "/a%20b", headers={"Connection": "close"})
            check(connection.getresponse().read() == b"hello\n", "DELETE")
            check(connection.sock is None, "it did not close the connection")


def wrk(peer, _folder):
    with peer.serving() as port:
        text = subprocess.run(["wrk", "-t1", "-c50", "-d1s", f"http://127.0.0.1:{port}/"],
                              capture_output=True, text=True, check=True).stdout
    check(int(re.search(r"(\d+) requests in", text)[1]) > 100, text)
    check("Socket errors" not in text and "Non-2xx" not in text, text)


class Pages(http.server.BaseHTTPRequestHandler):
    """Says where it is asked, and in which way."""

    # Kept, so that the test sees how many there were.
    connections = set()

    def do_GET(self):
        self.connections.add(self.client_address)
        body = b"x" * int(self.path.rsplit("/", 1)[1])
        self.send_response(200)
        if self.path.startswith("/chunks/"):
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for at in range(0, len(body), 1000):
                piece = body[at:at + 1000]
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
            return
        if self.path.startswith("/length/"):
            self.send_header("Content-Length", str(len(body)))
        else:
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def python_server(peer, _folder):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        # The reference sends the second one on the connection that is being closed.
        times = 3 if peer.libevent.is_relevent else 1
        for version, path, requests, connections in (
                ("HTTP/1.1", "length/100000", 3, 1), ("HTTP/1.1", "chunks/9999", 3, 1),
                ("HTTP/1.0", "length/7", times, times), ("HTTP/1.0", "end/100000", times, times)):
            Pages.protocol_version = version
            Pages.connections.clear()
            text = peer.run("fetch", f"{url}/{path}", str(requests))
            length = path.rsplit("/", 1)[1]
            check(text == f"200 {length}\n" * requests, f"{version} {path}: {text}")
            check(len(Pages.connections) == connections, f"{version} {path}: {Pages.connections}")
        server.shutdown()
        thread.join()


MESSAGES = ["text", "Grüße", "", "x" * 70000, b"", BODY[:125], BODY[:126], BODY[:65536]]


async def exchange(websocket):
    """Sends messages, and has each come back; then one in fragments, and a ping."""
    for message in MESSAGES:
        await websocket.send(message)
        check(await asyncio.wait_for(websocket.recv(), SECONDS) == message, f"{message[:9]!r}")
    await websocket.send(iter(["in ", "three ", "parts"]))
    check(await asyncio.wait_for(websocket.recv(), SECONDS) == "in three parts", "fragments")
    await asyncio.wait_for(await websocket.ping(), SECONDS)


def websockets_client(peer, _folder):
    async def talk(port):
        # It offers compression, which is to be declined.
        async with websockets.connect(f"ws://127.0.0.1:{port}/ws") as websocket:
            await exchange(websocket)
            await websocket.close(4000)
            check(websocket.close_code == 4000, f"closed with {websocket.close_code}")

    with peer.serving() as port:
        asyncio.run(talk(port))


def websockets_server(peer, _folder):
    async def serve():
        failures = []

        async def handle(websocket, _path=None):
            try:
                await exchange(websocket)
                await websocket.close(4001)
            except (Failure, asyncio.TimeoutError, websockets.ConnectionClosed) as failure:
                failures.append(failure)

        async with websockets.serve(handle, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            loop = asyncio.get_running_loop()
            url = f"ws://127.0.0.1:{port}/"
            text = await loop.run_in_executor(None, peer.run, "ws", url)
        check(not failures and text == "4001\n", f"{failures}, {text!r}")

    asyncio.run(serve())


HTTP = [curl, python_client, wrk, python_server]
WEBSOCKET = [websockets_client, websockets_server]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", type=pathlib.Path, required=True, help="the program http_peer")
    parser.add_argument("--lib-dir", type=pathlib.Path, required=True, help="relevent's libraries")
    options = parser.parse_args()
    failed = 0
    for mode in ("relevent-path", "reference"):
        peer = Peer(options.peer, mode, options.lib_dir)
        for conversation in HTTP + (WEBSOCKET if peer.has_websocket else []):
            try:
                check(shutil.which("curl") and shutil.which("wrk"), "tools/install-deps programs")
                with tempfile.TemporaryDirectory(prefix="relevent-peers-") as folder:
                    conversation(peer, pathlib.Path(folder))
            except (Failure, OSError, ValueError, http.client.HTTPException,
                    subprocess.SubprocessError) as failure:
                print(f"  FAIL {conversation.__name__}, {mode}: {type(failure).__name__}: {failure}")
                failed += 1
            else:
                print(f"  PASS {conversation.__name__}, {mode}", flush=True)
    print("FAIL" if failed else "PASS")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
