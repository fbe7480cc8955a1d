"""dns-example as a server that is asked, and as a resolver whose nameserver we are."""

import contextlib
import socket
import threading

import dns_messages as dns
from builds import EXAMPLES_DIR
from dns_messages import Message, Record
from example import SECONDS, Example, port_of_our_own
from libevent import check

PORT = 10053  # It is written into dns-example.c.
HELLO = r"EVUTIL_AI_CANONNAME in example = \d+\n"
HOST, ALIAS, POINTER = "www.example.com", "alias.example.com", "7.2.0.192.in-addr.arpa"


def dns_serves(build, folder):
    with port_of_our_own(PORT, EXAMPLES_DIR / "dns-example.c"):
        with Example(build, "dns-example", folder, "-T") as example, asker() as client:
            example.expect(HELLO)
            example.check_mapped()
            with Example(build, "dns-example", folder, "-T") as second:
                text = second.end(1)
            address = Record(HOST, dns.A, 10, "192.168.11.11")
            pointer = Record(POINTER, dns.PTR, 10, "foo.bar.example.com")
            asked(client, 1, [(HOST, dns.A)], [address])
            example.expect(f"replying for {HOST} [(]A[)]\n")
            size = asked(client, 2, [(HOST, dns.A), (POINTER, dns.PTR)], [address, pointer])
            whole = len(Message(2, 0, [(HOST, dns.A), (POINTER, dns.PTR)],
                                [address, pointer]).encode())
            check(size < whole, f"{size} bytes: names are not compressed")
            # No requests: an answer, and a question that is cut.
            client.send(Message(3, dns.ANSWERED, [(HOST, dns.A)]).encode())
            client.send(Message(4, dns.ASKED, [(HOST, dns.A)]).encode()[:-1])
            asked(client, 5, [("", dns.TXT)], [])
            example.expect(r"skipping  \[16 1\]\n")
            check(example.running(), "it ended")
            return text + example.text


def asked(client, number, questions, answers):
    """Sends a query and compares the reply; returns its size."""
    client.send(Message(number, dns.ASKED, questions).encode())
    reply = client.recv(65536)
    wanted = Message(number, dns.ANSWERED & ~0x80, questions, answers)
    check(dns.decode(reply) == wanted, f"{dns.decode(reply)} instead of {wanted}")
    return len(reply)


@contextlib.contextmanager
def asker():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(SECONDS)
        client.connect(("127.0.0.1", PORT))
        yield client


ZONE = {
    (HOST, dns.A): [Record(HOST, dns.A, 60, "192.0.2.7"), Record(HOST, dns.A, 50, "192.0.2.8")],
    (ALIAS, dns.A): [Record(ALIAS, dns.CNAME, 60, HOST), Record(HOST, dns.A, 60, "192.0.2.7")],
    (ALIAS, dns.AAAA): [Record(ALIAS, dns.CNAME, 60, HOST),
                        Record(HOST, dns.AAAA, 60, "2001:db8::7")],
    (POINTER, dns.PTR): [Record(POINTER, dns.PTR, 60, HOST)],
}


@contextlib.contextmanager
def nameserver():
    """Answers from the zone, after a forger who does not know the number of the query."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve():
            while query := server.recvfrom(65536):
                text, address = query
                if not text:
                    return
                message = dns.decode(text)
                (name, kind), = message.questions
                message.answers = ZONE.get((name.lower(), kind), [])
                message.flags = dns.ANSWERED if message.answers else dns.NO_SUCH_NAME
                forged = Message(message.number ^ 1, dns.ANSWERED, message.questions,
                                 [Record(name, dns.A, 9999, "6.6.6.6")])
                server.sendto(forged.encode(), address)
                server.sendto(message.encode(), address)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield "127.0.0.1:%d" % server.getsockname()[1]
        finally:
            server.sendto(b"", server.getsockname())
            thread.join()


def dns_asks(build, folder):
    text = ""
    with nameserver() as address:
        for arguments, wanted in (
                ((HOST, "missing.example.com"),
                 [f"{HOST}: 192.0.2.7\n{HOST}: 192.0.2.8\n",
                  r"missing.example.com: No answer \(3\)\n"]),
                (("-x", "192.0.2.7"), [f"192.0.2.7: {HOST}\n"]),
                (("-g", ALIAS), [f"    {ALIAS} ==> {HOST}\n"
                                 rf"\[0\] {ALIAS}: 192.0.2.7\n\[1\] {ALIAS}: 2001:db8::7\n"]),
                (("-g", "missing.example.com"), ["missing.example.com: "])):
            with Example(build, "dns-example", folder, "-s", address, *arguments) as example:
                text += example.end(0)
                for line in (HELLO, *wanted):
                    example.expect(line)
        with Example(build, "dns-example", folder, "-s", "no.address", HOST) as example:
            text += example.end(1)
    return text
