"""tor without a network: configuration, keys, control, SOCKS and DNS ports, circuits that cannot be built.

What of libevent it exercises: event_set_mem_functions and event_set_log_callback, evdns as DNS server and
as resolver, evutil's random bytes, event_base_loop one pass at a time, many timers, signals, threads.
"""

import signal
import socket
import struct
import subprocess

from harness import free_port
from libevent import check
from net import HOST, SECONDS, connect, in_parallel, receive, receive_line, wait_for_port

PACKAGE = "tor"
BINARY = "tor"
DEADLINE = 60

CLIENTS = 20
TYPE_A, TYPE_TXT = 1, 16


class Control:
    """The control port: lines, and answers of several lines."""

    def __init__(self, port):
        self.socket = connect(port)

    def ask(self, text, code=b"250"):
        """The lines of the answer, without their codes."""
        self.socket.sendall(text.encode() + b"\r\n")
        lines = []
        while True:
            line = receive_line(self.socket).rstrip()
            if line.startswith(b"650"):
                continue
            check(line.startswith(code), f"{text}: {line}")
            lines.append(line[4:].decode())
            if line[3:4] == b"+":
                while (line := receive_line(self.socket).rstrip()) != b".":
                    lines.append(line.decode())
            elif line[3:4] == b" ":
                return lines

    def event(self):
        line = receive_line(self.socket).rstrip()
        check(line.startswith(b"650 "), f"no event: {line}")
        return line[4:].decode()


def converse(session):
    session.introduce()
    command_line(session)
    session.step("start")
    control_port, socks_port, dns_port = free_port(), free_port(), free_port()
    data = session.folder / "data"
    options = {
        "DataDirectory": str(data), "ControlPort": f"{HOST}:{control_port}",
        "SocksPort": f"{HOST}:{socks_port}", "DNSPort": f"{HOST}:{dns_port}", "Log": "notice stdout",
        "HiddenServiceDir": str(data / "service"), "HiddenServicePort": "80 127.0.0.1:9",
        # The directories that it would ask are there no more, so nobody is talked to.
        "DirAuthority": f"nobody orport=1 v3ident={'A' * 40} {HOST}:1 {'B' * 40}",
        "UseDefaultFallbackDirs": "0", "AutomapHostsOnResolve": "1", "SocksTimeout": "2",
        "MapAddress": "mapped.test 10.11.12.13", "ClientUseIPv6": "1"}
    process = session.start("-f", "/dev/null", "--defaults-torrc", "/dev/null", "--ignore-missing-torrc",
                            *(word for name, value in options.items()
                              for word in (f"--{name}", value)))
    wait_for_port(session, process, control_port)
    session.show_libevent(process)
    control = Control(control_port)
    control.ask("AUTHENTICATE")
    status(session, control, control_port)
    dns(session, dns_port)
    socks(session, socks_port)
    hidden_service(session, control, data)
    session.step("stop")
    control.ask("SIGNAL RELOAD")
    control.ask("SIGNAL SHUTDOWN")
    check(process.wait(SECONDS) == 0, "the exit status")
    check((data / "state").exists(), "no state was saved")
    session.done("SHUTDOWN: clean end, exit status 0, its state is saved")


def command_line(session):
    session.step("the command line")

    def run(*arguments):
        return subprocess.run([session.binary, *arguments], env=session.libevent.environment(),
                              capture_output=True, text=True, timeout=SECONDS)

    path = session.folder / "torrc"
    path.write_text(f"DataDirectory {session.folder}/verified\nSocksPort 0\n")
    done = run("--verify-config", "-f", str(path))
    check(done.returncode == 0 and "Configuration was valid" in done.stdout, done.stdout)
    path.write_text("NoSuchOption 1\n")
    check(run("--verify-config", "-f", str(path)).returncode == 1, "a wrong configuration")
    check("Libevent 2.1.12-stable" in run("--version").stdout, "the version of libevent")
    digest = run("--quiet", "--hash-password", "secret").stdout.strip()
    check(digest.startswith("16:") and len(digest) == 61, f"the digest {digest}")
    session.done("configurations verified, a password hashed")


def status(session, control, port):
    session.step("the control port")
    check(control.ask("GETINFO version")[0].startswith("version=0.4"), "its version")
    check(control.ask("GETINFO dormant")[0] == "dormant=0", "it is awake")
    control.ask("SETCONF MaxCircuitDirtiness=123")
    check(control.ask("GETCONF MaxCircuitDirtiness") == ["MaxCircuitDirtiness=123"], "a setting")
    control.ask("nonsense", code=b"510")

    def work(number):
        other = Control(port)
        other.ask("AUTHENTICATE")
        for turn in range(50):
            pair = f"a{turn}-{number}.test=b{turn}-{number}.test"
            check(other.ask("MAPADDRESS " + pair) == [pair], "the mapping")

    in_parallel(CLIENTS, work)
    control.ask("SETEVENTS BW SIGNAL")
    # A second's timer counts what was moved, and says so.
    check(control.event() == "BW 0 0" and control.event() == "BW 0 0", "bandwidth")
    control.ask("SETEVENTS")
    session.done(f"{50 * CLIENTS} addresses mapped by {CLIENTS} clients, a setting, the timer's events")


def dns(session, port):
    """The DNS server is evdns; names that are mapped are answered without the network."""
    session.step("DNS")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(SECONDS)
        peer.connect((HOST, port))

        def ask(name, kind, number):
            labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
            question = labels + struct.pack("!BHH", 0, kind, 1)
            peer.send(struct.pack("!6H", number, 0x100, 1, 0, 0, 0) + question)
            reply = peer.recv(4096)
            got, flags, _, count = struct.unpack("!4H", reply[:8])
            check(got == number and flags & 0x8000, "the answer to another question")
            return flags & 15, count, reply

        for number in range(300):
            code, count, reply = ask("mapped.test", TYPE_A, number)
            check((code, count) == (0, 1) and reply.endswith(socket.inet_aton("10.11.12.13")), "mapped")
        code, count, reply = ask(f"{'a' * 56}.onion", TYPE_A, 7)
        check(code != 0 or count == 1, "a service")
        check(ask("mapped.test", TYPE_TXT, 8)[0] == 4, "texts are not implemented")
        if session.libevent.is_relevent:
            # The reference's DNS server crashes in those that are too short, and tor with it.
            for size in range(30):
                peer.send(bytes(size))
            ask("mapped.test", TYPE_A, 9)
    session.done("300 names, one service, junk")


def socks(session, port):
    session.step("SOCKS")

    def resolve(_number):
        with connect(port) as peer:
            peer.sendall(b"\5\1\0")
            check(receive(peer, 2) == b"\5\0", "the method")
            name = b"mapped.test"
            peer.sendall(b"\5\xf0\0\3" + bytes([len(name)]) + name + b"\0\0")
            reply = receive(peer, 10)
            check(reply[:4] == b"\5\0\0\1" and reply[4:8] == socket.inet_aton("10.11.12.13"), "RESOLVE")

    in_parallel(CLIENTS, resolve)
    with connect(port) as peer:
        peer.sendall(b"GET / HTTP/1.0\r\n\r\n")
        check(b"501 Tor is not an HTTP Proxy" in peer.recv(4096), "a browser is told")
    with connect(port) as peer:
        peer.sendall(b"\5\1\0\5\1\0\3\6a.test\0\x50")
        check(receive(peer, 2) == b"\5\0", "the method")
        check(receive(peer, 2)[1] != 0, "a connection without a network fails")
    session.done(f"names resolved by {CLIENTS} clients, a browser, a connection that times out")


def hidden_service(session, control, data):
    session.step("a hidden service's keys")
    name = (data / "service" / "hostname").read_text().strip()
    check(len(name) == 62 and name.endswith(".onion"), f"the name {name}")
    lines = control.ask("ADD_ONION NEW:ED25519-V3 Port=80,127.0.0.1:9")
    found = dict(line.split("=", 1) for line in lines if "=" in line)
    check(len(found["ServiceID"]) == 56 and found["PrivateKey"].startswith("ED25519-V3:"), "another")
    control.ask("DEL_ONION " + found["ServiceID"])
    session.done(f"{name[:10]}... and another by the control port")
