"""kamailio, a SIP server in several processes, as a client of a scripted JSON-RPC server.

What of libevent it exercises, by its module janssonrpcc: a base that is made after fork,
bufferevent_socket_connect_hostname with evdns, evbuffer_search_range, reconnecting timers.
"""

import json
import os
import re
import signal
import socket
import time

from harness import free_port
from libevent import check
from net import HOST, SECONDS, Server, in_parallel, receive

MODULES = f"/usr/lib/{os.uname().machine}-linux-gnu/kamailio/modules/"
PACKAGE = "kamailio-extra-modules"
BINARY = "/usr/sbin/kamailio"
LINKED = MODULES + "janssonrpcc.so"
DEADLINE = 100

CLIENTS = 20
REQUESTS = 40
LARGE_SIZE = 1_500
PATIENCE = 0.5

CONFIGURATION = """
debug=2
log_stderror=yes
fork=yes
children=4
disable_tcp=yes
auto_aliases=no
listen=udp:{host}:{sip_port}
mpath="{modules}"
loadmodule "pv.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "textops.so"
loadmodule "jansson.so"
loadmodule "janssonrpcc.so"
modparam("janssonrpcc", "server", "conn=good;addr=localhost;port={rpc_port};priority=10;weight=10")
modparam("janssonrpcc", "server", "conn=none;addr={host};port={no_port};priority=10;weight=10")
modparam("janssonrpcc", "result_pv", "$var(result)")
request_route {{
  if ($rU == "refused")
    janssonrpc_request("none", "x", '[]', "route=REPLY;timeout=500");
  else if ($rU == "note") {{
    janssonrpc_notification("good", "note", '{{"call":"$ci"}}');
    sl_send_reply("200", "noted");
    exit;
  }} else if ($rU =~ "^(silence|nonsense|leave)$")
    janssonrpc_request("good", "$rU", '{{"call":"$ci"}}', "route=REPLY;timeout=500;retry=0");
  else
    janssonrpc_request("good", "$rU", '{{"call":"$ci"}}', "route=REPLY;timeout=10000;retry=0");
  sl_send_reply("503", "not sent");
}}
route[REPLY] {{
  append_to_reply("X-Result: $var(result)\\r\\n");
  t_reply("200", "OK");
}}
"""


class Rpc:
    """Answers JSON in netstrings, in the way that the method's name asks for."""

    def __init__(self):
        self.notes = 0

    def serve(self, peer):
        while True:
            length = b""
            while (digit := receive(peer, 1)) != b":":
                length += digit
            call = json.loads(receive(peer, int(length) + 1)[:-1])
            method = call["method"]
            if "id" not in call:
                self.notes += 1
            elif method == "nonsense":
                peer.sendall(b"no netstring")
            elif method == "leave":
                return
            elif method != "silence":
                for part in self.parts(call):
                    peer.sendall(part)

    @staticmethod
    def parts(call):
        method = call["method"]
        reply = {"jsonrpc": "2.0", "id": call["id"]}
        if method == "error":
            reply["error"] = {"code": -5, "message": "wanted"}
        else:
            reply["result"] = "x" * LARGE_SIZE if method == "large" else call["params"]["call"]
        text = json.dumps(reply).encode()
        text = b"%d:%s," % (len(text), text)
        if method != "bytes":
            yield text
            return
        for byte in text:
            yield bytes([byte])
            time.sleep(0.001)


class Phone:
    """Asks by SIP; the user's name says what kamailio asks the RPC server for."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((HOST, port))
        self.name = f"{self.socket.getsockname()[1]}"
        self.count = 0

    def ask(self, user, seconds=SECONDS):
        """The status, and what the RPC server answered; None if no reply comes."""
        self.count += 1
        call = f"{self.name}-{self.count}"
        self.socket.settimeout(seconds)
        try:
            self.socket.send("\r\n".join((
                f"OPTIONS sip:{user}@{HOST} SIP/2.0",
                f"Via: SIP/2.0/UDP {HOST}:{self.name};branch=z9hG4bK{call}",
                f"From: <sip:a@{HOST}>;tag={call}", f"To: <sip:b@{HOST}>", f"Call-ID: {call}",
                "CSeq: 1 OPTIONS", "Max-Forwards: 70", "Content-Length: 0", "", "")).encode())
            while True:
                reply = self.socket.recv(65536).decode()
                if f"Call-ID: {call}\r\n" in reply and not reply.startswith("SIP/2.0 1"):
                    break
        except OSError:  # nobody is there, or silent
            return None
        result = re.search("X-Result: (.*)\r\n", reply)
        return int(reply.split()[1]), result and json.loads(result[1])

    def echo(self, user="echo", seconds=SECONDS):
        """Whether the answer to this very call comes back."""
        answer = self.ask(user, seconds)
        return answer == (200, {"result": f"{self.name}-{self.count}"})


def converse(session):
    session.introduce()
    session.step("start")
    rpc = Rpc()
    server = Server(rpc.serve)
    port = free_port()
    path = session.folder / "kamailio.cfg"
    path.write_text(CONFIGURATION.format(host=HOST, sip_port=port, rpc_port=server.port,
                                         no_port=free_port(), modules=MODULES))
    process = session.start("-DD", "-E", "-m", "16", "-f", str(path), "-Y", str(session.folder),
                            "-w", str(session.folder))
    phone = Phone(port)
    wait_for_echo(session, phone)
    session.show_libevent(process)
    answers(session, phone)
    disconnections(session, phone, server)
    parallel(session, port, rpc)
    session.step("stop")
    check(process.stop(signal.SIGTERM, SECONDS) == 0, "the exit status")
    session.done("SIGTERM: it has ended")


def wait_for_echo(session, phone):
    session.wait_until(lambda: phone.echo(seconds=PATIENCE), SECONDS, "the RPC server is reached")


def answers(session, phone):
    session.step("answers")
    check(phone.ask("error") == (200, {"error": {"code": -5, "message": "wanted"}}), "an error")
    check(phone.ask("large") == (200, {"result": "x" * LARGE_SIZE}), "a large answer")
    check(phone.echo("bytes"), "an answer byte by byte")
    status, answer = phone.ask("silence")
    check(status == 200 and "internal_error" in answer, f"no answer: {answer}")
    check(phone.echo(), "it goes on")
    status, answer = phone.ask("refused")
    check(status == 200 and "internal_error" in answer, f"no server: {answer}")
    session.done(f"an error, {LARGE_SIZE:,} bytes, single bytes, no answer in time, no server")


def disconnections(session, phone, server):
    session.step("disconnections")
    for way in ("nonsense", "leave"):
        before = server.accepted
        phone.ask(way, PATIENCE)
        wait_for_echo(session, phone)
        check(server.accepted > before, f"it has not connected again after {way}")
    session.done("it connects again after nonsense, and after the server has left")


def parallel(session, port, rpc):
    session.step("clients in parallel")

    def work(_number):
        phone = Phone(port)
        for _ in range(REQUESTS):
            check(phone.echo(), "another call's answer")
            check(phone.ask("note") == (200, None), "a notification")

    rpc.notes = 0
    in_parallel(CLIENTS, work)
    session.wait_until(lambda: rpc.notes == CLIENTS * REQUESTS, SECONDS, "all notifications come")
    session.done(f"{CLIENTS} clients at once, {2 * CLIENTS * REQUESTS:,} calls and notifications")
