"""tmux: sessions, panes, 10 MB of output, clients in terminals that come, stall and go, kills.

What of libevent it exercises: a base that was made before a fork, bufferevents on terminals, pipes
and sockets with watermarks, evbuffers that grow to megabytes, EV_WRITE for clients that do not
read, descriptors passed between processes, SIGCHLD and other signals, and one-shot timers.
"""

import base64
import os
import random
import signal
import time

from libevent import check
from tmux_client import ControlClient, Daemon, Tmux, process_exists

PACKAGE = "tmux"
BINARY = "tmux"
DEADLINE = 110

LAST_NUMBER = 1_400_000  # seq makes 10 MB of this
CONTROL_NUMBER = 100_000
BUFFER_SIZE = 3_000_000
PASTE_SIZE = 400_000
CLIENTS = 60
WAITERS = 8


def converse(session):
    session.introduce()
    tmux, server = start(session)
    typing(session, tmux)
    windows(session, tmux)
    attach(session, tmux)
    flood(session, tmux, server)
    control(session, tmux)
    pipes(session, tmux)
    buffers(session, tmux)
    channels(session, tmux)
    jobs_and_timers(session, tmux)
    many_clients(session, tmux)
    kills(session, tmux, server)
    foreground(session)


def start(session):
    """The first client makes the server, which goes into the background."""
    session.step("start the server")
    tmux = Tmux(session, "socket")
    tmux.command("set-option", "-g", "default-command", "exec sh", ";",
                 "set-option", "-g", "history-limit", "3000", ";",
                 "new-session", "-d", "-s", "main", "-x", "80", "-y", "24")
    server = session.watch(Daemon(int(tmux.value("main", "#{pid}")), session.new_log()))
    check(server.running(), "the server ended at once")
    session.show_libevent(server)
    session.done(f"the server, process {server.pid}, runs in the background with a session")
    return tmux, server


def typing(session, tmux):
    session.step("type into a pane")
    tmux.keys("main", "echo $((6 * 7)) grüße")
    tmux.until_line("main", "42 grüße")
    tmux.keys("main", "cat")
    tmux.keys("main", "once more")
    tmux.until(lambda: tmux.lines("main").count("once more") == 2, "cat repeats its input")
    tmux.command("send-keys", "-t", "main", "C-d")
    tmux.keys("main", "tput cols; tput lines")
    tmux.until_line("main", "80")
    session.done("keys typed into a shell and into cat; the screen read back")


def windows(session, tmux):
    """Several sessions, windows and panes: each shows its own output and knows its own size."""
    session.step("windows and panes")
    tmux.command("new-session", "-d", "-s", "other", "-x", "100", "-y", "40")
    panes = [tmux.new_pane("new-window", "-t", "other:")[0] for _ in range(3)]
    for at in range(6):
        panes.append(tmux.new_pane("split-window", "-h" if at % 2 else "-v", "-t", panes[-1])[0])
        tmux.command("select-layout", "-t", panes[-1], "tiled")
    for at, pane in enumerate(panes):
        tmux.until_size(pane)
        tmux.keys(pane, f"echo $(({at} + 1000)); stty size")
    for at, pane in enumerate(panes):
        tmux.until_line(pane, str(1000 + at))
        tmux.until_line(pane, tmux.value(pane, "#{pane_height} #{pane_width}"))
        foreign = {str(1000 + other) for other in range(len(panes))} - {str(1000 + at)}
        check(not foreign & set(tmux.lines(pane)), f"{pane} shows what another one wrote")
    pane = panes[-1]
    tmux.command("resize-window", "-t", pane, "-x", "132", "-y", "50", ";",
                 "resize-pane", "-Z", "-t", pane)
    tmux.until_size(pane)
    tmux.keys(pane, "stty size")
    tmux.until_line(pane, "50 132")
    names = tmux.values("list-sessions", "-F", "#{session_name}")
    check(names == ["main", "other"], f"the sessions are {names}")
    session.done(f"2 sessions, {len(tmux.values('list-windows', '-a', '-F', '-'))} windows, "
                 f"{len(tmux.values('list-panes', '-a', '-F', '-'))} panes; sizes follow")


def attach(session, tmux):
    session.step("attach a client in a terminal")
    terminal = tmux.attach("-t", "main")
    terminal.expect("42 grüße".encode())
    session.libevent.check_mapped(terminal.pid)
    terminal.expect(b"[main]")
    terminal.type(b"echo $((111 * 7))\r")
    terminal.expect(b"777")
    tmux.until_line("main", "777")

    session.step("resize the terminal")
    terminal.resize(111, 33)
    tmux.until(lambda: tmux.value("main", "#{window_width} #{window_height}") == "111 32",
               "the window has the terminal's size")
    tmux.until_size("main")
    terminal.type(b"stty size\r")
    terminal.expect(b"32 111")

    session.step("split by keys, switch the session by a command, detach")
    terminal.type(b"\x02%")
    tmux.until(lambda: tmux.value("main", "#{window_panes}") == "2", "prefix % splits")
    terminal.type(b"exit\r")
    tmux.until(lambda: tmux.value("main", "#{window_panes}") == "1", "the pane ends with its shell")
    client = tmux.command("list-clients", "-F", "#{client_name}").strip()
    tmux.command("switch-client", "-c", client, "-t", "other")
    terminal.expect(b"[other]")
    terminal.type(b"\x02d")
    terminal.expect(b"[detached (from session other)]")
    check(terminal.status() == 0, "exit status of a client that detaches")
    check(process_exists(int(tmux.value("main", "#{pid}"))), "the server lives on")
    session.done("a client in a terminal: attached, resized, split, switched, detached")

    session.step("several clients on one session")
    sizes = [(80, 24), (100, 30), (120, 40), (90, 25)]
    terminals = [tmux.attach("-t", "main", columns=columns, rows=rows)
                 for columns, rows in sizes]
    for each in terminals:
        each.expect(b"[main]")
    tmux.keys("main", "echo $((1234 * 8))")
    for each in terminals:
        each.expect(b"9872")
    terminals[0].hang_up()
    terminals[1].kill()
    tmux.until(lambda: len(tmux.values("list-clients", "-F", "-")) == 2, "two clients are left")
    tmux.keys("main", "echo $((1234 * 9))")
    for each in terminals[2:]:
        each.expect(b"11106")
    tmux.command("detach-client", "-s", "main")
    for each in terminals[2:]:
        check(each.status() == 0, "exit status of a client that is detached")
    check(not tmux.values("list-clients", "-F", "-"), "a client is left")
    session.done("4 clients at once; one lost its terminal, one was killed, two were detached")


def numbers(last, ending="\r\n"):
    return "".join(f"{number}{ending}" for number in range(1, last + 1)).encode()


def waiting_pane(tmux, command):
    """A window that begins with the command when the channel named go is signalled."""
    return tmux.new_pane("new-window", "-t", "main:",
                         f"stty -echo; tmux wait-for go; {command}; exec cat")[0]


def check_end(tmux, pane, last):
    """The history holds the last numbers, none missing."""
    lines = [line for line in tmux.screen(pane, 2500) if line]
    check(lines == [str(number) for number in range(last - len(lines) + 1, last + 1)] and
          len(lines) >= 2500, f"{pane}: {len(lines)} lines, the last are {lines[-3:]}")


def flood(session, tmux, server):
    """10 MB through a pane, all of it piped to a file too; one client draws it, one stalls."""
    session.step("10 MB of output")
    pane = waiting_pane(tmux, f"seq {LAST_NUMBER}; tmux wait-for -S flooded")
    copy = session.folder / "copy"
    tmux.command("pipe-pane", "-t", pane, f"cat >{copy}")
    tmux.command("select-window", "-t", pane)
    reader, staller = (tmux.attach("-t", "main") for _ in range(2))
    for each in (reader, staller):
        each.expect(b"[main]")
    staller.pause()
    start_time, start_cpu = time.monotonic(), server.cpu_seconds()
    tmux.command("wait-for", "-S", "go")
    tmux.command("wait-for", "flooded", seconds=100)
    wanted = numbers(LAST_NUMBER)
    session.wait_until(lambda: copy.stat().st_size >= len(wanted), 60, "the pipe has it all")
    seconds, cpu = time.monotonic() - start_time, server.cpu_seconds() - start_cpu
    check(copy.read_bytes() == wanted, "what was piped to a file is not what was put out")
    tmux.until_line(pane, str(LAST_NUMBER))
    check_end(tmux, pane, LAST_NUMBER)
    reader.expect(str(LAST_NUMBER).encode())
    staller.resume()
    staller.expect(str(LAST_NUMBER).encode())
    session.done(f"{len(wanted) / 1e6:.1f} MB through a pane and a pipe in {seconds:.1f} s "
                 f"({cpu:.1f} s of the server's processor time), compared byte by byte; "
                 "a client that had stalled caught up")
    tmux.command("detach-client", "-s", "main")
    for each in (reader, staller):
        check(each.status() == 0, "exit status of a client that is detached")
    tmux.command("kill-pane", "-t", pane)
    session.step("rest")
    start_cpu = server.cpu_seconds()
    time.sleep(1)
    cpu = server.cpu_seconds() - start_cpu
    check(cpu < 0.2, f"the idle server used {cpu:.2f} s of processor time in a second")


def control(session, tmux):
    session.step("control mode")
    client = ControlClient(tmux, "-t", "main")
    check(client.command("display-message -p '#{client_control_mode}'") == [b"1"], "control mode")
    pane = waiting_pane(tmux, f"seq {CONTROL_NUMBER}")
    client.command("wait-for -S go")
    wanted = numbers(CONTROL_NUMBER)
    check(client.output(pane, wanted[-30:]) == wanted, "the control client's output differs")
    check(client.command("list-panes -F ok -t main") == [b"ok"], "a command after the output")
    check(client.close() == 0, "exit status of the control client")
    tmux.command("kill-pane", "-t", pane)
    session.done(f"{len(wanted) / 1e6:.1f} MB in control mode, compared byte by byte")


def pipes(session, tmux):
    """A pane's pipe in the other direction, switched off again, and one whose reader leaves."""
    session.step("pipe-pane")
    pane, _ = tmux.new_pane("new-window", "-t", "main:", "stty -echo; exec cat")
    tmux.command("pipe-pane", "-I", "-t", pane, "echo from the pipe; exec sleep 100")
    tmux.until_line(pane, "from the pipe")
    copy = session.folder / "copy"
    copy.unlink()
    tmux.command("pipe-pane", "-t", pane, f"head -n 1 >{copy}")
    tmux.keys(pane, "first")
    session.wait_until(lambda: copy.exists() and b"first" in copy.read_bytes(), 40, "a first line")
    for text in ("second", "third"):
        tmux.keys(pane, text)
        tmux.until_line(pane, text)
    tmux.until(lambda: tmux.value(pane, "#{pane_pipe}") == "0", "the pipe ends with its reader")
    check(b"second" not in copy.read_bytes(), "head has more than a line")
    tmux.command("kill-pane", "-t", pane)
    session.done("pipe-pane: output, input, and a reader that leaves")


def buffers(session, tmux):
    """Megabytes between a client and the server, and into a pane that reads slowly."""
    session.step("load and save a buffer")
    data = base64.encodebytes(random.Random(1).randbytes(BUFFER_SIZE * 3 // 4))
    tmux.command("load-buffer", "-b", "big", "-", data=data)
    check(tmux.command("save-buffer", "-b", "big", "-").encode() == data, "the buffer differs")
    session.step("paste into a pane")
    part = data[:PASTE_SIZE]
    tmux.command("load-buffer", "-b", "part", "-", data=part)
    copy = session.folder / "pasted"
    pane, _ = tmux.new_pane(
        "new-window", "-t", "main:",
        f"stty raw -echo; tmux wait-for -S ready; head -c {len(part)} >{copy}; "
        "tmux wait-for -S pasted; exec cat")
    tmux.command("wait-for", "ready")
    tmux.command("paste-buffer", "-r", "-b", "part", "-t", pane)
    tmux.command("wait-for", "pasted")
    check(copy.read_bytes() == part, "what was pasted differs")
    tmux.command("kill-pane", "-t", pane)
    session.done(f"{len(data) / 1e6:.1f} MB loaded and saved by clients, "
                 f"{len(part) / 1e6:.1f} MB pasted into a pane")


def channels(session, tmux):
    session.step("wait-for")
    waiters = [tmux.start("wait-for", "channel") for _ in range(WAITERS)]
    # A client is on the socket before it waits, but only its silence shows that it waits.
    time.sleep(0.3)
    check(all(each.running() for each in waiters), "wait-for does not wait")
    while any(each.running() for each in waiters):
        tmux.command("wait-for", "-S", "channel")
        time.sleep(0.05)
    tmux.command("wait-for", "-L", "lock")
    second = tmux.start("wait-for", "-L", "lock")
    time.sleep(0.3)
    check(second.running(), "a lock is taken twice")
    tmux.command("wait-for", "-U", "lock")
    session.wait_until(lambda: not second.running(), 40, "the lock goes to the one that waits")
    tmux.command("wait-for", "-U", "lock")
    session.done(f"wait-for: {WAITERS} clients woken, a lock passed on")


def jobs_and_timers(session, tmux):
    session.step("jobs")
    tmux.command("run-shell", f"echo done >{session.folder}/job")
    check((session.folder / "job").read_text() == "done\n", "run-shell did not wait for its end")
    tmux.command("run-shell", "exit 3", status=3)
    tmux.command("if-shell", "test 1 = 2", "set -g @answer yes", "set -g @answer no")
    check(tmux.command("show-options", "-gv", "@answer") == "no\n", "if-shell")
    session.step("timers")
    start_time = time.monotonic()
    tmux.command("run-shell", "-d", "0.5", "true")
    elapsed = time.monotonic() - start_time
    check(0.4 < elapsed < 20, f"a delay of 0.5 s took {elapsed:.2f} s")
    tick = session.folder / "tick"
    tmux.command("set-option", "-g", "status-interval", "1", ";",
                 "set-option", "-g", "status-right", f"#(echo x >>{tick}; wc -l <{tick})=ticks")
    terminal = tmux.attach("-t", "main")
    terminal.expect(b"3=ticks")
    tmux.command("set-option", "-g", "visual-silence", "on", ";",
                 "set-option", "-w", "-t", "main:0", "monitor-silence", "1")
    terminal.type(b"\x02c")
    tmux.until(lambda: "~" in tmux.value("main:0", "#{window_flags}"), "silence is noticed")
    tmux.command("detach-client", "-s", "main")
    check(terminal.status() == 0, "exit status of a client that is detached")
    session.done("jobs with their exit status; the status line's timer, a delay, silence noticed")


def many_clients(session, tmux):
    session.step("many clients at once")
    clients = [tmux.start("display-message", "-p", "-t", "main", f"{at} of #{{session_name}}")
               for at in range(CLIENTS)]
    for at, client in enumerate(clients):
        session.wait_until(lambda: not client.running(), 60, "each client is served")
        text = client.log.read_text()
        check(text == f"{at} of main\n", f"client {at} got {text!r}")
    session.done(f"{CLIENTS} clients at once, each with its own answer")


def kills(session, tmux, server):
    session.step("panes that end, are killed, or stay when they are dead")
    pane, pid = tmux.new_pane("split-window", "-t", "main", "sleep 1000")
    tmux.command("kill-pane", "-t", pane)
    session.wait_until(lambda: reaped(server, pid), 40, "the killed pane's process is reaped")
    check(pane not in tmux.values("list-panes", "-a", "-F", "#{pane_id}"), "the pane is listed")
    tmux.command("set-option", "-g", "remain-on-exit", "on")
    pane, pid = tmux.new_pane("new-window", "-t", "main:", "echo last words; exit 7")
    session.wait_until(lambda: reaped(server, pid), 40, "the dead pane's process is reaped")
    tmux.until(lambda: tmux.value(pane, "#{pane_dead} #{pane_dead_status}") == "1 7",
               "the pane is dead with status 7")
    # The notice that it is dead has moved its output into the history.
    check("last words" in tmux.screen(pane, 50), "the dead pane's output")
    tmux.command("set-option", "-g", "remain-on-exit", "off", ";", "kill-window", "-t", pane)
    _, pid = tmux.new_pane("new-session", "-s", "third")
    tmux.command("kill-session", "-t", "third")
    session.wait_until(lambda: reaped(server, pid), 40, "the killed session's shell is reaped")
    names = tmux.values("list-sessions", "-F", "#{session_name}")
    check(names == ["main", "other"], f"the sessions are {names}")

    session.step("a socket that was removed is made again on SIGUSR1")
    tmux.socket.unlink()
    tmux.command("list-sessions", status=1)
    server.signal(signal.SIGUSR1)
    session.wait_until(tmux.socket.exists, 40, "the socket is there again")
    tmux.until(lambda: tmux.values("list-sessions", "-F", "-") == ["-", "-"], "it answers there")

    session.step("kill the server")
    pids = [int(pid) for pid in tmux.values("list-panes", "-a", "-F", "#{pane_pid}")]
    terminal = tmux.attach("-t", "other")
    terminal.expect(b"[other]")
    tmux.command("kill-server")
    terminal.expect(b"[server exited]")
    check(terminal.status() == 1, "exit status of a client whose server is killed")
    session.wait_until(lambda: not server.running(), 40, "the server ends")
    check(server.status == 0, f"exit status {server.status} of the server")
    for pid in pids:
        session.wait_until(lambda: ended(pid), 40, "the panes' processes end")
    session.done(f"pane, window, session and server killed; {len(pids)} shells ended with it")


def reaped(server, pid):
    """libutempter, which tmux calls when a pane goes, sets SIGCHLD aside for a moment and so loses one
    now and then, whatever the event library: a second one makes the server look for its children."""
    if process_exists(pid):
        server.signal(signal.SIGCHLD)
        return False
    return True


def ended(pid):
    """The server reaps its panes; those that outlive it are the harness's to reap."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return not process_exists(pid)


def foreground(session):
    session.step("a server that stays in the foreground")
    tmux = Tmux(session, "socket-2")
    server = tmux.start("-D")
    session.wait_until(tmux.socket.exists, 40, "the server's socket is there")
    tmux.command("new-session", "-d", "-s", "short", "exec sh")
    session.libevent.check_mapped(server.pid)
    tmux.keys("short", "echo $((5 * 5))")
    tmux.until_line("short", "25")
    status = server.stop(signal.SIGTERM, 40)
    check(status == 0, f"exit status {status} after SIGTERM")
    session.done("a server in the foreground: SIGTERM, clean end, exit status 0")
