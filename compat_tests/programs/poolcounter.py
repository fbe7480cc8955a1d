"""poolcounterd, which hands out locks and queues those who have to wait for one.

What of libevent it exercises: the API of 1.4 (event_init, event_set, event_dispatch), timeouts of
clients that wait, event_loopbreak.
"""

import random
import signal
import socket
import time

from libevent import check
from net import SECONDS, in_parallel, receive_line

PACKAGE = "poolcounter"
BINARY = "poolcounterd"
DEADLINE = 60

PORT = 7531  # It knows no other, but listens on any address.
CLIENTS = 60
REQUESTS = 50
CROWD = 400


class Client:
    def __init__(self, host):
        self.socket = socket.create_connection((host, PORT), SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # An answer says that it was accepted: only 20 may wait for that.
        check(self.ask("RELEASE") == "NOT_LOCKED", "the first answer")

    def send(self, line):
        self.socket.sendall(line.encode() + b"\n")

    def reply(self):
        return receive_line(self.socket).decode().strip()

    def ask(self, line):
        self.send(line)
        return self.reply()

    def leave(self):
        self.socket.close()


def converse(session):
    session.introduce()
    session.step("start")
    host = ".".join(["127", *(str(random.randrange(1, 255)) for _ in range(3))])
    process = session.start("-l", host)

    def connects():
        try:
            Client(host).leave()
            return True
        except ConnectionRefusedError:
            return False

    session.wait_for_start(process, connects, SECONDS, "it listens")
    session.show_libevent(process)
    locks(session, host)
    timeouts(session, host)
    parallel(session, host)
    session.step("stop")
    check(process.stop(signal.SIGTERM, SECONDS) == 0, "the exit status")
    session.done("SIGTERM: it has ended")


def numbers(host):
    """What it has counted, by name."""
    client = Client(host)
    client.send("STATS FULL")
    counts = {}
    while line := client.reply():
        name, _, value = line.partition(": ")
        counts[name] = int(value) if value.isdigit() else value
    return counts


def wait_for_queue(session, host, length):
    session.wait_until(lambda: numbers(host)["waiting_workers"] == length, SECONDS,
                       f"{length} clients wait")


def locks(session, host):
    session.step("locks")
    holder, second, third, fourth = (Client(host) for _ in range(4))
    check(holder.ask("ACQ4ME key 1 2 20") == "LOCKED", "a free lock")
    second.send("ACQ4ME key 1 3 20")
    wait_for_queue(session, host, 1)
    check(third.ask("ACQ4ME key 1 2 20") == "QUEUE_FULL", "a full queue")
    check(holder.ask("RELEASE") == "RELEASED", "a release")
    check(second.reply() == "LOCKED", "the next in the queue")
    for client in (third, fourth):
        client.send("ACQ4ANY key 1 9 20")
    wait_for_queue(session, host, 2)
    check(second.ask("RELEASE") == "RELEASED", "a release")
    check({third.reply(), fourth.reply()} == {"DONE"}, "whose work another one has done")
    check(holder.ask("RELEASE") == "NOT_LOCKED", "a release of nothing")
    check(holder.ask("NONSENSE").startswith("ERROR"), "nonsense")
    check(holder.ask("ACQ4ME " + "x" * 5000 + " 1 1 1").startswith("ERROR"), "a long line")
    clients = [Client(host) for _ in range(6)]
    check(clients[0].ask("ACQ4ME next 1 9 20") == "LOCKED", "another lock")
    for number, client in enumerate(clients[1:]):
        client.send("ACQ4ME next 1 9 20")
        wait_for_queue(session, host, number + 1)
    clients[0].leave()
    check(clients[1].reply() == "LOCKED", "the lock of one who has left")
    for client in clients[2:5]:
        client.leave()
    wait_for_queue(session, host, 1)
    check(clients[1].ask("RELEASE") == "RELEASED", "a release")
    check(clients[5].reply() == "LOCKED", "the queue has been left by the others")
    session.done("locks, full queues, errors, clients that leave")


def timeouts(session, host):
    session.step("timeouts")
    holder, *clients = (Client(host) for _ in range(CLIENTS + 1))
    check(holder.ask("ACQ4ME slow 1 200 20") == "LOCKED", "a free lock")

    def wait(number):
        begin = time.monotonic()
        check(clients[number].ask(f"ACQ4ME slow 1 200 {1 + number % 2}") == "TIMEOUT", "no timeout")
        waited = time.monotonic() - begin
        check(0.9 + number % 2 < waited < SECONDS, f"a timeout after {waited:.1f} s")

    in_parallel(CLIENTS, wait)
    session.done(f"{CLIENTS} clients give up after one or two seconds")


def parallel(session, host):
    session.step("clients in parallel")
    clients = [Client(host) for _ in range(CLIENTS)]
    held = [0] * 3

    def work(number):
        client = clients[number]
        for turn in range(REQUESTS):
            lock = turn % len(held)
            check(client.ask(f"ACQ4ME lock{lock} 1 1000 20") == "LOCKED", "no lock")
            held[lock] += 1
            check(held[lock] == 1, "somebody else has the lock")
            held[lock] -= 1
            check(client.ask("RELEASE") == "RELEASED", "no release")

    before = numbers(host)["total_acquired"]
    in_parallel(CLIENTS, work)
    counts = numbers(host)
    check(counts["total_acquired"] - before == CLIENTS * REQUESTS, f"the count: {counts}")
    check(counts["processing_workers"] + counts["waiting_workers"] == 0, f"left: {counts}")
    for client in [Client(host) for _ in range(CROWD)]:
        client.leave()
    check(numbers(host)["total_acquired"] == counts["total_acquired"], "it goes on")
    session.done(f"{CLIENTS} clients take {CLIENTS * REQUESTS:,} locks, {CROWD} come and go")
