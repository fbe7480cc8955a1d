"""gearmand between scripted clients and workers: its protocol, and its administrative commands.

What of libevent it exercises: raw events with a base for each of several threads that wake each other by
pipes, event_base_set, evthread_use_pthreads, its end by signal.
"""

import queue
import random
import signal
import struct
import threading

from harness import free_port
from libevent import check
from net import HOST, SECONDS, connect, in_parallel, receive, receive_line, user, wait_for_port

PACKAGE = "gearman-job-server"
BINARY = "gearmand"
DEADLINE = 60

CAN_DO, NOOP, PRE_SLEEP, SUBMIT_JOB, JOB_CREATED, GRAB_JOB, NO_JOB = 1, 6, 4, 7, 8, 9, 10
JOB_ASSIGN, WORK_STATUS, WORK_COMPLETE, WORK_FAIL, ECHO_REQ, ECHO_RES = 11, 12, 13, 14, 16, 17
SUBMIT_JOB_BG = 18

WORKERS = 4
CLIENTS = 20
JOBS = 30
LARGE_SIZE = 1_000_000


class Peer:
    """One connection, of a client or a worker."""

    def __init__(self, port):
        self.socket = connect(port)

    def send(self, kind, *parts):
        body = b"\0".join(parts)
        self.socket.sendall(b"\0REQ" + struct.pack("!II", kind, len(body)) + body)

    def receive(self, parts=1):
        magic, kind, size = struct.unpack("!4sII", receive(self.socket, 12))
        check(magic == b"\0RES", f"the answer's magic is {magic!r}")
        return kind, receive(self.socket, size).split(b"\0", parts - 1)

    def expect(self, wanted, parts=1):
        kind, body = self.receive(parts)
        check(kind == wanted, f"a packet of type {kind}, not {wanted}")
        return body


def converse(session):
    session.introduce()
    session.step("start")
    port = free_port()
    process = session.start("-p", str(port), "-L", HOST, "-t", "4", "-l", "stderr",
                            "-P", str(session.folder / "pid"), "-u", user())
    wait_for_port(session, process, port)
    session.show_libevent(process)
    with Peer(port).socket as peer:
        admin(session, peer)
    echoes(session, port)
    jobs(session, port)
    background(session, port)
    session.step("stop")
    status = process.stop(signal.SIGTERM, SECONDS)
    check(status == 0, f"exit status {status} after SIGTERM")
    session.done("SIGTERM: clean end, exit status 0")


def admin(session, peer):
    session.step("administration")
    peer.sendall(b"version\r\n")
    check(receive_line(peer).startswith(b"OK "), "version")
    peer.sendall(b"nonsense\r\n")
    check(receive_line(peer).startswith(b"ERR "), "an unknown command")
    peer.sendall(b"status\r\n")
    check(receive_line(peer) == b".\n", "no functions yet")
    session.done("version, status, an unknown command")


def echoes(session, port):
    session.step("echo")
    peer = Peer(port)
    for number in range(500):
        peer.send(ECHO_REQ, b"text %d" % number)
        check(peer.expect(ECHO_RES) == [b"text %d" % number], "the echo")
    large = random.Random(1).randbytes(LARGE_SIZE)
    peer.send(ECHO_REQ, large)
    check(peer.expect(ECHO_RES) == [large], "a large echo")
    session.done(f"501 packets there and back, one of {LARGE_SIZE:,} bytes")


def serve(port, done):
    """A worker that reverses text until it is told to end; it sleeps while there is no work."""
    peer = Peer(port)
    peer.send(CAN_DO, b"reverse")
    while True:
        peer.send(GRAB_JOB)
        kind, _, = packet = peer.receive(3)
        if kind == NO_JOB:
            peer.send(PRE_SLEEP)
            peer.expect(NOOP)
            continue
        if kind == NOOP:
            continue
        handle, _, text = packet[1]
        if text == b"fail":
            peer.send(WORK_FAIL, handle)
            continue
        peer.send(WORK_STATUS, handle, b"1", b"2")
        peer.send(WORK_COMPLETE, handle, text[::-1])
        done.put(text)


def jobs(session, port):
    session.step("jobs")
    done = queue.Queue()
    for _ in range(WORKERS):
        threading.Thread(target=guarded_serve, args=(port, done), daemon=True).start()

    def work(number):
        peer = Peer(port)
        for turn in range(JOBS):
            text = b"job %d of %d" % (turn, number)
            peer.send(SUBMIT_JOB, b"reverse", b"", text)
            (handle,) = peer.expect(JOB_CREATED)
            check(peer.expect(WORK_STATUS, 3) == [handle, b"1", b"2"], "the status")
            check(peer.expect(WORK_COMPLETE, 2) == [handle, text[::-1]], "the result")
        peer.send(SUBMIT_JOB, b"reverse", b"", b"fail")
        (handle,) = peer.expect(JOB_CREATED)
        check(peer.expect(WORK_FAIL) == [handle], "a job that fails")

    in_parallel(CLIENTS, work)
    check(done.qsize() == CLIENTS * JOBS, f"{done.qsize()} jobs were done")
    session.done(f"{CLIENTS * JOBS} jobs of {CLIENTS} clients by {WORKERS} workers, each result compared")


def guarded_serve(port, done):
    try:
        serve(port, done)
    except Exception:  # the server has ended, or the clients will miss their results
        pass


def background(session, port):
    """Work that waits in a queue until somebody can do it."""
    session.step("background jobs")
    client, worker = Peer(port), Peer(port)
    handles = set()
    for number in range(50):
        client.send(SUBMIT_JOB_BG, b"later", b"%d" % number, b"text")
        handles.add(client.expect(JOB_CREATED)[0])
    with connect(port) as peer:
        peer.sendall(b"status\n")
        lines = [receive_line(peer) for _ in range(3)]
        check(b"later\t50\t0\t0\n" in lines, f"the status is {lines}")
    worker.send(CAN_DO, b"later")
    for _ in range(50):
        worker.send(GRAB_JOB)
        handle, _, text = worker.expect(JOB_ASSIGN, 3)
        check(handle in handles and text == b"text", "a job that nobody asked for")
        handles.remove(handle)
        worker.send(WORK_COMPLETE, handle, b"")
    worker.send(GRAB_JOB)
    worker.expect(NO_JOB)
    session.done("50 jobs waited for a worker, and were given to it once each")
