"""memcached with four worker threads: many connections, 100,000 sets and gets, every value compared.

What of libevent it exercises: one base per thread with wake-ups between them, accept, EV_PERSIST
reads, switching to EV_WRITE when a client reads slowly, the one-second clock timer, the listener's
events removed and added again at the connection limit, and the loop's end on a signal.
"""

import asyncio
import os
import pwd
import signal

from libevent import check
from memcached_client import Client, storage_command, value_of

PACKAGE = "memcached"
BINARY = "memcached"
DEADLINE = 100

CONNECTIONS = 250
KEYS_PER_CONNECTION = 400
QUICK_CONNECTIONS = 2000
LARGE_VALUES = 24
LARGE_SIZE = 900_000
LIMIT = 40
IDLE_CONNECTIONS = 30


def converse(session):
    session.introduce()
    server, port = start(session, "-m", "512", "-c", "1024")
    session.show_libevent(server)
    asyncio.run(serve(session, server, port))
    end(session, server)
    server, port = start(session, "-c", str(LIMIT), "-o", "no_maxconns_fast")
    asyncio.run(limit(session, port))
    end(session, server)
    server, port = start(session, "-o", "idle_timeout=2")
    asyncio.run(idle(session, port))
    end(session, server)


def start(session, *options):
    """Starts a server with four workers on a port of the kernel's choice."""
    session.step("start the server")
    port_file = session.folder / "port"
    port_file.unlink(missing_ok=True)
    user = pwd.getpwuid(os.getuid()).pw_name
    server = session.start("-t", "4", "-u", user, "-l", "127.0.0.1", "-p", "-1", "-U", "0", *options,
                           environment={"MEMCACHED_PORT_FILENAME": str(port_file)})

    # The server gives the finished file this name, so it is whole once it is there.
    def port():
        return port_file.exists() and int(port_file.read_text().rpartition(":")[2])

    return server, session.wait_for_start(server, port, 20, "the server listens")


def end(session, server):
    session.step("stop the server")
    status = server.stop(signal.SIGTERM, 20)
    check(status == 0, f"exit status {status} after SIGTERM")
    session.done("SIGTERM: clean end, exit status 0")


async def serve(session, server, port):
    clients = await open_at_once(session, server, port)
    control = clients[0]
    await bulk(session, server, clients)
    await verbs(session, control)
    await expiry(session, control)
    await large_values(session, clients)
    await fragments(session, control)
    session.step("close all connections but one")
    await asyncio.gather(*(client.close() for client in clients[1:]))
    await wait_for_connections(control, 1)
    await quick_connections(session, control, port)
    await control.close()
    session.done(f"the server used {server.cpu_seconds():.1f} s of processor time in all")


async def open_at_once(session, server, port):
    session.step(f"open {CONNECTIONS} connections")
    clients = await asyncio.gather(*(Client.connect(port) for _ in range(CONNECTIONS)))
    for answer in await asyncio.gather(*(client.command(b"version") for client in clients)):
        check(answer.startswith(b"VERSION "), f"the server answered {answer!r}")
    figures = await clients[0].stats()
    check(figures["pid"] == str(server.pid), "another process answers")
    check(figures["libevent"] == "2.1.12-stable", f"libevent {figures['libevent']}")
    check(figures["threads"] == "4", f"{figures['threads']} worker threads")
    check(int(figures["curr_connections"]) >= CONNECTIONS, f"{figures['curr_connections']} open")
    session.done(f"{figures['curr_connections']} connections open at once on 4 worker threads; "
                 f"the server reports libevent {figures['libevent']}")
    return clients


async def bulk(session, server, clients):
    """All connections at once set their keys, then each reads what another one has set."""
    session.step("sets and gets on all connections at once")
    keys = [[b"key:%d:%d" % (number, at) for at in range(KEYS_PER_CONNECTION)]
            for number in range(len(clients))]
    before = await clients[0].stats()
    await asyncio.gather(*map(Client.store_many, clients, keys))
    total = sum(map(len, keys))
    session.done(f"{total:,} sets done over {len(clients)} connections")
    # The neighbour belongs to another worker thread.
    counts = await asyncio.gather(*map(Client.verify_many, clients[1:] + clients[:1], keys))
    check(sum(counts) == total, "not every key was read")
    after = await clients[0].stats()
    for name in ("cmd_set", "cmd_get", "get_hits"):
        grown = int(after[name]) - int(before[name])
        check(grown == total, f"{name} grew by {grown}, not {total}")
    check(int(after["curr_items"]) == total, f"{after['curr_items']} items")
    busy = [name for name, ticks in server.thread_ticks() if name == "mc-worker" and ticks > 0]
    check(len(busy) == 4, f"{len(busy)} of 4 worker threads did any work")
    session.done(f"{total:,} gets done, each value compared, on another connection than set it")


async def verbs(session, client):
    session.step("the other commands")
    missing = b"NOT_FOUND"
    check(await client.store(b"a", b"one", b"add") == b"STORED", "add")
    check(await client.store(b"a", b"two", b"add") == b"NOT_STORED", "add to a key that exists")
    check(await client.store(b"a", b"2", b"append") == b"STORED", "append")
    check(await client.store(b"a", b"0", b"prepend") == b"STORED", "prepend")
    check(await client.fetch(b"a") == {b"a": b"0one2"}, "append and prepend")
    check(await client.store(b"b", b"x", b"replace") == b"NOT_STORED", "replace")
    check(await client.store(b"n", b"41") == b"STORED", "set")
    check(await client.command(b"incr n 1") == b"42", "incr")
    check(await client.command(b"decr n 50") == b"0", "decr")
    check(await client.command(b"touch a 100") == b"TOUCHED", "touch")
    for key in (b"a", b"n"):
        check(await client.command(b"delete " + key) == b"DELETED", "delete")
        check(await client.command(b"delete " + key) == missing, "delete twice")
    check(await client.fetch(b"a", b"n") == {}, "deleted keys are gone")
    check(await client.command(b"nonsense") == b"ERROR", "unknown command")
    settings = await client.stats(b"settings")
    check(settings["num_threads"] == "4", "stats settings")
    session.done("add, append, prepend, replace, incr, decr, touch, delete, stats")


async def expiry(session, client):
    """The server's clock is a libevent timer: without it nothing ever expires."""
    session.step("expiry")
    check(await client.store(b"brief", b"x", expiry=2) == b"STORED", "set")
    check(await client.fetch(b"brief") == {b"brief": b"x"}, "it is there at first")
    start_time = asyncio.get_running_loop().time()
    while await client.fetch(b"brief"):
        elapsed = asyncio.get_running_loop().time() - start_time
        check(elapsed < 15, "a value that lives 2 s is there after 15 s")
        await asyncio.sleep(0.05)
    elapsed = asyncio.get_running_loop().time() - start_time
    check(elapsed > 0.5, f"a value that lives 2 s is gone after {elapsed:.1f} s")
    session.done(f"a value that lives 2 s expired after {elapsed:.1f} s")


def large_value(key):
    part = value_of(key)
    return (part * (LARGE_SIZE // len(part) + 1))[:LARGE_SIZE]


async def large_values(session, clients):
    """Asks for far more than fits into the socket before it reads, so the server has to wait."""
    session.step("large values")
    keys = [b"large:%d" % number for number in range(LARGE_VALUES)]
    values = {key: large_value(key) for key in keys}
    for key, client in zip(keys, clients):
        check(await client.store(key, values[key]) == b"STORED", "set a large value")
    for client in clients[:4]:
        client.writer.write(b"".join(b"get %s\r\n" % key for key in keys))
    await asyncio.sleep(0.2)
    for client in clients[:4]:
        for key in keys:
            check(await client.values() == {key: values[key]}, f"{key!r} has another value")
    total = 4 * LARGE_VALUES * LARGE_SIZE
    session.done(f"{total / 1e6:.0f} MB of large values read slowly by 4 clients and compared")


async def fragments(session, client):
    """Each byte is a packet of its own, so the server reads a command in many pieces."""
    session.step("commands in single bytes")
    for byte in storage_command(b"set", b"split", b"in pieces") + b"get split\r\n":
        client.writer.write(bytes([byte]))
        await client.writer.drain()
        await asyncio.sleep(0)
    await client.expect(b"STORED")
    check(await client.values() == {b"split": b"in pieces"}, "value sent in single bytes")
    session.done("a set and a get sent byte by byte")


async def quick_connections(session, control, port):
    """Clients that come and go at once: some ask, some leave half a command, some reset."""
    session.step("quick connections")
    before = await control.stats()

    async def come_and_go(number):
        client = await Client.connect(port)
        if number % 4 == 0:
            check((await client.command(b"version")).startswith(b"VERSION "), "version")
        elif number % 4 == 1:
            client.writer.write(b"set half 0 0 100\r\nonly a part of it")
        elif number % 4 == 2:
            client.reset()
            return
        await client.close()

    for at in range(0, QUICK_CONNECTIONS, 50):
        await asyncio.gather(*(come_and_go(number) for number in range(at, at + 50)))
    await wait_for_connections(control, 1)
    after = await control.stats()
    # A connection that is reset while it waits to be accepted may never be seen.
    seen = int(after["total_connections"]) - int(before["total_connections"])
    check(QUICK_CONNECTIONS * 3 // 4 <= seen <= QUICK_CONNECTIONS, f"{seen} connections seen")
    check(await control.fetch(b"half") == {}, "half a command stored a value")
    session.done(f"{QUICK_CONNECTIONS:,} quick connections, a quarter of them reset; none is left")


async def wait_for_connections(control, count):
    """Waits until the server has no more connections than these open."""
    for _ in range(1500):
        if int((await control.stats())["curr_connections"]) <= count:
            return
        await asyncio.sleep(0.01)
    check(False, f"more than {count} connections stay open")


async def limit(session, port):
    """The server stops accepting when it has no descriptor left, and goes on when clients leave."""
    session.step("the connection limit")

    async def visit():
        client = await Client.connect(port)
        check((await client.command(b"version")).startswith(b"VERSION "), "version")
        return client

    control = await visit()
    visits = []
    while int((await control.stats())["listen_disabled_num"]) == 0:
        visits.append(asyncio.create_task(visit()))
        await asyncio.wait(visits[-1:], timeout=0.3)
        check(len(visits) <= LIMIT, f"more than {LIMIT} clients are served at once")
    served = [task.result() for task in visits if task.done()]
    waiting = [task for task in visits if not task.done()]
    waiting += [asyncio.create_task(visit()) for _ in range(5)]
    # One after the other: the server forgets a departure that it sees just while accept fails.
    for client in served:
        await client.close()
        await asyncio.sleep(0.02)
    late = await asyncio.gather(*waiting)
    session.done(f"{1 + len(served)} clients at the limit, {len(late)} more were served when "
                 "these had left")
    await asyncio.gather(*(client.close() for client in [control, *late]))


async def idle(session, port):
    """The server ends connections that say nothing, and only those."""
    session.step("the idle timeout")
    clients = await asyncio.gather(*(Client.connect(port) for _ in range(IDLE_CONNECTIONS + 1)))
    busy, silent = clients[0], clients[1:]
    ends = asyncio.gather(*(client.reader.read() for client in silent))
    while not ends.done():
        check((await busy.command(b"version")).startswith(b"VERSION "), "version")
        await asyncio.sleep(0.2)
    check(not any(ends.result()), "the server sent something before it closed a connection")
    kicks = int((await busy.stats())["idle_kicks"])
    check(kicks == IDLE_CONNECTIONS, f"{kicks} connections ended as idle")
    session.done(f"{kicks} idle connections were ended by the server, a busy one was not")
    await asyncio.gather(*(client.close() for client in clients))
