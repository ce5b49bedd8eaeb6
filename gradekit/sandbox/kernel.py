"""A kernel in a cage: start it, run cells, and learn why it stopped. It is never waited for without end."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import zmq
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbformat import NotebookNode

from gradekit.sandbox.cage import Cage, MachineFault
from gradekit.sandbox.limits import size
from gradekit.sandbox.outputs import CellOutputs

KERNELS = Path(__file__).resolve().parent.parent / "kernels"
GRACE = 2  # seconds from the polite interrupt to the kill
LATE_OUTPUT = 4  # seconds of silence between the two signs that a cell has ended
TICK = 0.05


@dataclass(frozen=True)
class Ran:
    """One cell's outputs; `timed_out` if it was interrupted; `stopped` says why the kernel is no more."""

    outputs: list[NotebookNode]
    timed_out: bool = False
    stopped: str | None = None


@contextmanager
def running_kernel(cage: Cage, startup: float = 60) -> Iterator["Kernel"]:
    """A kernel that is ready. A start that fails is tried once more, then it is the machine's fault."""
    try:
        kernel = Kernel(cage, startup)
    except MachineFault:
        kernel = Kernel(cage, startup)
    try:
        yield kernel
    finally:
        kernel.close()


class Kernel:
    """Talks with one kernel over its shell, iopub and control sockets."""

    def __init__(self, cage: Cage, startup: float):
        self.limits = cage.limits
        self._context = zmq.Context()
        self._context.linger = 0
        # no single message may fill our memory, nor may a queue of them
        self._context.maxmsgsize = cage.limits.output
        self._context.rcvhwm = 100
        specs = KernelSpecManager(kernel_dirs=[str(KERNELS)], ensure_native_kernel=False)
        self._manager = KernelManager(
            kernel_name="gradekit-sandbox",
            kernel_spec_manager=specs,
            transport="ipc",
            connection_file=str(cage.folder / "connection.json"),
            context=self._context,
        )
        self._client = None
        self._cells = 0
        try:
            self._manager.start_kernel(cage=cage)
            self.language_info = self._wait_until_ready(time.monotonic() + startup)
        except BaseException:
            self.close()
            raise

    @property
    def _provisioner(self):
        return self._manager.provisioner

    def _wait_until_ready(self, deadline: float) -> dict:
        """The kernel's language, once it answers on both channels."""
        ip = Path(self._manager.ip)
        socket_files = [ip.with_name(f"{ip.name}-{port}") for port in self._manager.ports]
        while not all(map(Path.exists, socket_files)):
            self._check_start(deadline)
            time.sleep(TICK / 5)
        self._client = self._manager.client()
        self._client.start_channels(stdin=False, hb=False)
        self._channels = (self._client.shell_channel, self._client.iopub_channel)
        heard, language = set(), {}
        while len(heard) < 2:
            self._check_start(deadline)
            self._client.kernel_info()
            for channel, message, _ in self._messages():
                heard.add(channel)
                if message and message.get("msg_type") == "kernel_info_reply":
                    language = message["content"].get("language_info", {})
        return language

    def _check_start(self, deadline: float) -> None:
        if self.ended():
            raise MachineFault(f"The kernel did not start. It said: {self._provisioner.last_words()[-2000:]}")
        if time.monotonic() > deadline:
            raise MachineFault(f"The kernel was not ready in time. It said: {self._provisioner.last_words()[-2000:]}")

    def _messages(self, seconds: float = TICK):
        """(channel, message, bytes) of all that arrives within the time; message None if it can't be read."""
        poller = zmq.Poller()
        for channel in self._channels:
            poller.register(channel.socket, zmq.POLLIN)
        ready = dict(poller.poll(seconds * 1000))
        for channel in self._channels:
            if channel.socket in ready:
                frames = channel.socket.recv_multipart()
                yield channel, self._decode(frames), sum(map(len, frames))

    def _decode(self, frames: list[bytes]) -> dict | None:
        if sum(map(len, frames)) > self.limits.message:
            return None
        session = self._client.session
        try:
            return session.deserialize(session.feed_identities(frames)[1])
        except Exception:  # the other side may send anything at all
            return None

    def run(self, source: str, seconds: float) -> Ran:
        """Run one cell for at most `seconds`, then interrupt it, then kill the kernel."""
        self._cells += 1
        request = self._client.execute(source, allow_stdin=False, stop_on_error=False)
        cell = CellOutputs(request, self.limits.output_kept, self._cells)
        quiet_since = time.monotonic()
        deadline, timed_out = quiet_since + seconds, False
        while not cell.complete:
            arrived = list(self._messages())
            for _, message, count in arrived:
                cell.take(message, count)
            now = time.monotonic()
            if self.ended():
                return self._stopped(cell, self.death())
            if cell.received > self.limits.output:
                return self._stopped(cell, f"put out more than {size(self.limits.output)}")
            if arrived or not (cell.idle or cell.reply is not None):
                quiet_since = now
            if now > quiet_since + LATE_OUTPUT:
                return self._stopped(cell, "closed its channel to the grader")
            if now > deadline and timed_out:
                return self._stopped(cell, f"ran longer than {seconds:g} s and did not stop when interrupted")
            if now > deadline:
                self._manager.interrupt_kernel()
                timed_out, deadline = True, now + GRACE
        return Ran(cell.finish(), timed_out)

    def _stopped(self, cell: CellOutputs, reason: str) -> Ran:
        self._provisioner.kill_now()
        end = time.monotonic() + 1
        while time.monotonic() < end and cell.received <= self.limits.output:
            rest = list(self._messages())
            for _, message, count in rest:
                cell.take(message, count)
            if not rest:
                break
        return Ran(cell.outputs, stopped=reason)

    def ended(self) -> bool:
        process = self._provisioner.process
        return process is None or process.poll() is not None

    def death(self) -> str:
        """Why the kernel's process ended, in words that follow "because it"."""
        if self._provisioner.watcher.reason:
            return self._provisioner.watcher.reason
        code = self._provisioner.process.returncode
        number = -code if code < 0 else code - 128  # bwrap reports the signal that ended its child as 128 + signal
        if number == signal.SIGXCPU:
            return f"used more than {self.limits.cpu} s of processor time"
        try:
            return f"crashed with {signal.Signals(number).name}"
        except ValueError:
            return f"ended itself with exit code {code}"

    def close(self) -> None:
        """End the kernel and everything that it started."""
        provisioner = self._provisioner
        if provisioner is not None:
            provisioner.kill_now()
            if provisioner.process is not None:
                provisioner.process.wait()
                provisioner.process = None
        if self._client is not None:
            self._client.stop_channels()
        self._manager.cleanup_resources()
        self._context.destroy(linger=0)
