"""What is said to the HTTP examples: to the server by plain sockets, to the client by a proxy."""

import signal
import socket
import threading

from example import SECONDS, Example
from libevent import check

# What follows a tunnel's request is for the host behind the proxy.
TUNNEL = b"CONNECT www.test:80 HTTP/1.1\r\n"
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n"


def http_server(build, folder):
    """Files, folders, errors, and requests that it only prints; one connection for several."""
    root = folder / "root"
    (root / "folder").mkdir(parents=True)
    page = "<p>a page</p>\n" * 20000  # more than a socket takes
    (root / "page.html").write_text(page)
    with Example(build, "http-server", folder, str(root)) as example:
        port = int(example.expect(r"Listening on 0\.0\.0\.0:(\d+)\n")[1])
        example.until_caught(signal.SIGINT)
        example.check_mapped()
        replies = []
        with socket.create_connection(("127.0.0.1", port), SECONDS) as client:
            for said in (b"GET /page.html HTTP/1.1\r\nHost: h\r\n\r\n",
                         b"GET /p%61ge.html?query HTTP/1.1\r\nHost: h\r\n\r\n",
                         b"GET /folder HTTP/1.1\r\nHost: h\r\n\r\n",
                         b"POST /dump HTTP/1.1\r\nHost: h\r\nX: y\r\nContent-Length: 5\r\n\r\nabcde",
                         b"PUT /dump HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                         b"3\r\nabc\r\n0\r\n\r\n"):
                client.sendall(said)
                replies.append(receive(client))
        for said in (b"GET /absent HTTP/1.1\r\nHost: h\r\n\r\n",
                     b"GET /../page.html HTTP/1.1\r\nHost: h\r\n\r\n", b"GET\r\n\r\n",
                     b"GET /page.html HTTP/1.0\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", port), SECONDS) as client:
                client.sendall(said)
                replies.append(receive(client))
                check(client.recv(1) == b"", f"it goes on after {said}")
        check(replies[0] == replies[1] == (200, page), "it sent another page")
        check([status for status, _ in replies[2:]] == [200, 200, 200, 404, 404, 400, 200],
              f"it answered {replies[2:]}")
        check(replies[-1] == (200, page), "it sent another page to HTTP/1.0")
        example.signal(signal.SIGINT)
        return example.end(0).replace(f":{port}", ":PORT")


def receive(client):
    """A reply's status, and its body as the length or the connection's end says."""
    with client.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        length = None
        while (line := stream.readline()) not in (b"\r\n", b""):
            name, value = line.split(b":", 1)
            length = int(value) if name.lower() == b"content-length" else length
        return status, stream.read(length).decode()


def http_connect(build, folder):
    """It asks a proxy for a tunnel, and fetches a page through it."""
    heard = []

    def serve():
        connection, _ = proxy.accept()
        with connection, connection.makefile("rb") as stream:
            for reply in (b"HTTP/1.1 200 Connection established\r\n\r\n", REPLY):
                heard.append(b"".join(iter(stream.readline, b"\r\n")))
                connection.sendall(reply)

    with socket.create_server(("127.0.0.1", 0)) as proxy:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with Example(build, "http-connect", folder, f"http://127.0.0.1:{proxy.getsockname()[1]}",
                     "http://www.test:80/page?query") as example:
            example.expect("hello\n")
            text = example.end(0)
        thread.join(SECONDS)
    check(len(heard) == 2 and heard[0].startswith(TUNNEL), f"it said {heard}")
    check(b"\r\nHost: www.test:80\r\n" in heard[0], f"it said {heard}")
    check(heard[1] == b"GET /page?query HTTP/1.1\r\nConnection: close\r\nHost: www.test\r\n",
          f"it said {heard}")
    return text
