"""IPython as a Jupyter kernel has it, without the sockets: one socket takes cells and gives their messages."""

import builtins
import io
import json
import os
import signal
import socket
import sys
import threading
from types import SimpleNamespace
from typing import Any

from caged.packets import Reader, send

os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as ipykernel does

from ipykernel.compiler import XCachingCompiler  # noqa: E402
from ipykernel.zmqshell import ZMQInteractiveShell  # noqa: E402
from IPython.core.error import StdinNotImplementedError, UsageError  # noqa: E402
from jupyter_client.jsonutil import json_default  # noqa: E402
from jupyter_client.session import Session  # noqa: E402
from traitlets.config import Config  # noqa: E402

BUFFER = 50_000  # characters of printed text that wait at most
LARGEST_REQUEST = 50_000_000
LANGUAGE = {
    "name": "python",
    "version": sys.version.split()[0],
    "mimetype": "text/x-python",
    "codemirror_mode": {"name": "ipython", "version": 3},
    "pygments_lexer": "ipython3",
    "nbconvert_exporter": "python",
    "file_extension": ".py",
}


class Channel(Session):
    """What IPython takes for its session: each message goes out as one of the cell that runs."""

    def open(self, sock: socket.socket) -> None:
        self.sock, self.pid, self.request = sock, os.getpid(), ""
        self.lock = threading.RLock()
        self.waiting: list[tuple[str, str]] = []
        self.length = 0

    def send(self, stream, msg_or_type, content=None, *args, **kwargs) -> None:
        if isinstance(msg_or_type, dict):
            content, msg_or_type = msg_or_type["content"], msg_or_type["msg_type"]
        self.flush()
        self.say(msg_or_type, content)

    def say(self, kind: str, content: dict) -> None:
        with self.lock:
            message = {"msg_type": kind, "content": content, "parent_header": {"msg_id": self.request}}
            send(self.sock, message, as_json)

    def write(self, name: str, text: str) -> None:
        """Printed text. It waits for more, in the order in which both streams were written."""
        with self.lock:
            if self.waiting and self.waiting[0][0] != name:
                self.flush()
            self.waiting.append((name, text))
            self.length += len(text)
            if self.length > BUFFER:
                self.flush()

    def flush(self) -> None:
        with self.lock:
            waiting, self.waiting, self.length = self.waiting, [], 0
            if waiting:
                self.say("stream", {"name": waiting[0][0], "text": "".join(text for _, text in waiting)})


def as_json(message: dict) -> str:
    """In ASCII: a text may hold half a character, which UTF-8 can't."""
    return json.dumps(message, default=json_default)


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr. What a forked process prints goes to the descriptor, which is read after the cell."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, channel: Channel, name: str, descriptor: int):
        self.channel, self.name, self.descriptor = channel, name, descriptor

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if os.getpid() == self.channel.pid:
            self.channel.write(self.name, text)
        else:
            os.write(self.descriptor, text.encode(errors="replace"))
        return len(text)

    def flush(self) -> None:
        if os.getpid() == self.channel.pid:
            self.channel.flush()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.descriptor


class Shell(ZMQInteractiveShell):
    """A kernel's shell without the kernel."""

    def ask_exit(self) -> None:
        """A cell that says exit() ends nothing."""

    def enable_gui(self, gui: str | None = None) -> None:
        if gui not in (None, "inline"):
            raise UsageError(f"There is no event loop of {gui!r} while a notebook is graded.")


def make_shell() -> Shell:
    """The shell, with what is slow the first time done once: a figure, a traceback."""
    channel = Channel()
    quiet, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    channel.open(quiet)
    config = Config({"HistoryManager": {"enabled": False}})
    kernel = SimpleNamespace(eventloop=None, get_parent=dict)
    shell = Shell.instance(config=config, kernel=kernel, compiler_class=XCachingCompiler)
    shell.displayhook.session = shell.display_pub.session = channel
    shell.displayhook.topic = b"execute_result"
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Stream(channel, "stdout", 1), Stream(channel, "stderr", 2)
    warm_up = [
        "import matplotlib.pyplot as plt\nplt.plot([1, 2], label='a'); plt.title('$x$'); plt.legend(); plt.show()",
        "1 + 1",
        "def f(): return 1 / 0\nf()",
    ]
    other.setblocking(False)
    for source in warm_up:
        shell.run_cell(source, store_history=False)
        drain(other)
    sys.stdout, sys.stderr = streams
    shell.reset()
    shell.execution_count = 1
    quiet.close()
    other.close()
    return shell


def drain(sock: socket.socket) -> None:
    try:
        while sock.recv(2**17):
            pass
    except BlockingIOError:
        pass


def serve(shell: Shell, sock: socket.socket) -> None:
    """Run the cells that come in, one after the other, until nobody asks any more."""
    channel: Channel = shell.display_pub.session
    channel.open(sock)
    streams = {name: Stream(channel, name, number) for number, name in ((1, "stdout"), (2, "stderr"))}
    vars(sys).update(streams)
    builtins.input = no_input
    sys.breakpointhook = lambda *args, **kwargs: None  # nobody is there to debug
    descriptors = [Descriptor("stdout", 1), Descriptor("stderr", 2)]
    requests = Reader(sock, LARGEST_REQUEST)
    channel.say("ready", {})
    while True:
        try:
            request, _ = requests.read()
        except EOFError:
            os._exit(0)
        if request is not None:
            channel.request = request["id"]
            for name, stream in streams.items():
                if not is_stream(getattr(sys, name, None)):
                    setattr(sys, name, stream)
            reply = run(shell, request["source"])
            if os.getpid() != channel.pid:  # a process that the cell forked
                os._exit(0)
            channel.flush()
            for descriptor in descriptors:
                descriptor.forward(channel)
            channel.say("execute_reply", reply)


def run(shell: Shell, source: str) -> dict:
    """One cell; the content of the reply, as a kernel gives it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        result = shell.run_cell(source, store_history=True)
    except BaseException as error:  # an interrupt after the cell, or the cell has damaged IPython
        return {"status": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": []}
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    error = result.error_before_exec or result.error_in_exec
    if result.success and not shell._last_traceback_during_displayhook:
        return {"status": "ok"}
    traceback = shell._last_traceback or []
    return {"status": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": traceback}


def is_stream(thing: Any) -> bool:
    """IPython itself writes to sys.stdout and flushes it: a cell may not leave anything else there."""
    return all(callable(getattr(thing, name, None)) for name in ("write", "flush"))


def no_input(prompt: Any = "") -> str:
    raise StdinNotImplementedError("raw_input was called, but this frontend does not support input requests.")


class Descriptor:
    """What was written to descriptor 1 or 2 itself, by a subprocess or by C, goes out after the cell."""

    def __init__(self, name: str, descriptor: int):
        self.name, self.seen = name, 0
        self.file = os.dup(descriptor)

    def forward(self, channel: Channel) -> None:
        try:
            text = os.pread(self.file, os.fstat(self.file).st_size - self.seen, self.seen)
        except OSError:  # closed by the cell
            return
        self.seen += len(text)
        if text:
            channel.say("stream", {"name": self.name, "text": text.decode(errors="replace")})
