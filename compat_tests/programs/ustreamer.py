"""ustreamer without a camera: its web server, files, a stream of pictures, and a password.

What of libevent it exercises: an evhttp server with callbacks for paths and a general one, headers, URIs
and queries, bodies from files (evbuffer_add_file), a reply that never ends and is written by the
connection's own bufferevent, timers, evthread_use_pthreads.
"""

import base64
import http.client
import json
import random
import signal

from harness import free_port
from libevent import check
from net import HOST, SECONDS, connect, in_parallel, wait_for_port

PACKAGE = "ustreamer"
BINARY = "ustreamer"
DEADLINE = 60

CLIENTS = 30
FILES = 10
FILE_SIZE = 3_000_000
FRAMES = 3
LOGIN = {"Authorization": "Basic " + base64.b64encode(b"joe:secret").decode()}
JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"


def converse(session):
    session.introduce()
    session.step("start")
    port = free_port()
    pages = session.folder / "pages"
    (pages / "sub").mkdir(parents=True)
    (pages / "index.html").write_text("<p>It works</p>")
    (pages / "sub" / "large.bin").write_bytes(random.Random(1).randbytes(FILE_SIZE))
    process = session.start(
        "--device", str(session.folder / "camera"), "--host", HOST, "--port", str(port),
        "--static", str(pages), "--user", "joe", "--passwd", "secret", "--allow-origin", "*")
    wait_for_port(session, process, port)
    session.show_libevent(process)
    requests(session, port)
    files(session, port, pages)
    streams(session, port)
    session.step("stop")
    status = process.stop(signal.SIGTERM, SECONDS)
    check(status == 0, f"exit status {status} after SIGTERM")
    session.done("SIGTERM: clean end, exit status 0")


def ask(connection, path, method="GET", headers=LOGIN):
    connection.request(method, path, headers=headers)
    reply = connection.getresponse()
    return reply, reply.read()


def client(port):
    return http.client.HTTPConnection(HOST, port, timeout=SECONDS)


def requests(session, port):
    session.step("requests")
    kept = client(port)
    for headers in ({}, {"Authorization": "Basic bm9ib2R5Og=="}):
        reply, _ = ask(kept, "/state", headers=headers)
        check(reply.status == 401 and "Basic" in reply.getheader("WWW-Authenticate"), "no password")
    reply, text = ask(kept, "/state")
    state = json.loads(text)
    check(reply.status == 200 and state["ok"] and not state["result"]["source"]["online"], "state")
    # It has a picture of its own for a camera that is not there.
    reply, picture = ask(kept, "/snapshot?dummy=a%20b")
    check(reply.getheader("Access-Control-Allow-Origin") == "*", "the header for other origins")
    check(reply.getheader("Content-Type") == "image/jpeg", "the type of a picture")
    check(picture.startswith(JPEG_START) and picture.endswith(JPEG_END), "a picture")
    check(ask(kept, "/state", method="DELETE")[0].status == 501, "a method that is not allowed")
    with connect(port) as peer:
        peer.sendall(b"nonsense\r\n\r\n")
        check(peer.recv(100).startswith(b"HTTP/1.1 400 "), "nonsense gets 400")
    session.done("state, picture, password, a wrong method, nonsense")


def files(session, port, pages):
    session.step("files")
    large = (pages / "sub" / "large.bin").read_bytes()
    check(ask(client(port), "/")[1] == b"<p>It works</p>", "the page of a folder")
    for path in ("/none", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd"):
        check(ask(client(port), path)[0].status == 404, f"{path} should not be there")

    # One after the other: it closes a file that the library has closed already, whoever has the number.
    kept = client(port)
    for _ in range(FILES):
        check(ask(kept, "/sub/%6carge.bin")[1] == large, "the file's bytes")
        check(ask(kept, "/state")[0].status == 200, "another request on the connection")
    session.done(f"{FILES} times a file of {FILE_SIZE / 1e6:.0f} MB, compared")


def streams(session, port):
    session.step("streams")

    def watch(_number):
        with connect(port) as peer:
            authorization = LOGIN["Authorization"]
            peer.sendall(f"GET /stream?key=1 HTTP/1.0\r\nAuthorization: {authorization}\r\n\r\n".encode())
            stream = peer.makefile("rb")
            check(b" 200 " in stream.readline(), "the status of a stream")
            for _ in range(FRAMES):
                while not (line := stream.readline()).lower().startswith(b"content-length:"):
                    check(line, "the stream ended")
                while stream.readline() != b"\r\n":
                    pass
                picture = stream.read(int(line.split(b":")[1]))
                check(picture.startswith(JPEG_START) and picture.endswith(JPEG_END), "a picture")

    in_parallel(CLIENTS, watch)
    # All have left in the middle of a picture.
    check(ask(client(port), "/state")[0].status == 200, "it goes on")
    session.done(f"{CLIENTS} streams at once, {FRAMES} pictures each")
