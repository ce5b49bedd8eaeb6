"""A Jupyter kernel started anew in a sandbox of its own: slower, and possible wherever bubblewrap is."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import zmq
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager

from gradekit.sandbox.cage import Cage, MachineFault
from gradekit.sandbox.files import unpack
from gradekit.sandbox.kernel import TICK, Kernel

KERNELS = Path(__file__).resolve().parent.parent / "kernels"


class ColdKernel(Kernel):
    """Talks with one kernel over its shell, iopub and control sockets."""

    def __init__(self, cage: Cage, startup: float):
        super().__init__(cage)
        self.cage = replace(cage, folder=new_folder(cage.files))
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
            connection_file=str(self.cage.folder / "connection.json"),
            context=self._context,
        )
        self._client = None
        try:
            self._manager.start_kernel(cage=self.cage)
            self.language_info = self._wait_until_ready(time.monotonic() + startup)
        except BaseException:
            self.close()
            raise

    @property
    def provisioner(self):
        return self._manager.provisioner

    @property
    def watcher(self):
        return self.provisioner.watcher

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
            for channel, message, _ in self._arrivals(TICK):
                heard.add(channel)
                if message and message.get("msg_type") == "kernel_info_reply":
                    language = message["content"].get("language_info", {})
        return language

    def _check_start(self, deadline: float) -> None:
        if self._process_code() is not None:
            raise MachineFault(f"The kernel did not start. It said: {self.provisioner.last_words()[-2000:]}")
        if time.monotonic() > deadline:
            raise MachineFault(f"The kernel was not ready in time. It said: {self.provisioner.last_words()[-2000:]}")

    def ask(self, source: str) -> str:
        return self._client.execute(source, allow_stdin=False, stop_on_error=False)

    def messages(self, seconds: float = TICK) -> Iterator[tuple[dict | None, int]]:
        for _, message, count in self._arrivals(seconds):
            yield message, count

    def _arrivals(self, seconds: float):
        """(channel, message, bytes) of all that arrives within the time."""
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

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def kill(self) -> None:
        self.provisioner.kill_now()

    def exit_code(self) -> int | None:
        """bwrap reports the signal that ended its child as 128 + signal; its own end comes from outside."""
        code = self._process_code()
        if code is None or code >= 0 or self.watcher.reason or not self.cage.sandbox:
            return code if code is None or code >= 0 else 128 - code
        raise MachineFault("The sandbox was killed from outside.")

    def _process_code(self) -> int | None:
        process = self.provisioner.process
        return -9 if process is None else process.poll()

    def close(self) -> None:
        """End the kernel and everything that it started, and remove its folder."""
        provisioner = self.provisioner
        if provisioner is not None:
            provisioner.kill_now()
            if provisioner.process is not None:
                provisioner.process.wait()
                provisioner.process = None
        if self._client is not None:
            self._client.stop_channels()
        self._manager.cleanup_resources()
        self._context.destroy(linger=0)
        shutil.rmtree(self.cage.folder, ignore_errors=True)


def new_folder(archive: bytes) -> Path:
    """A folder of the host with the submission's files in `files`."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="gradekit-"))
        (folder / "files").mkdir()
        (folder / "files").chmod(0o755)
        unpack(archive, folder / "files")
    except OSError as error:
        raise MachineFault(f"No temporary folder can be made: {error}. Free some space, then grade again.") from error
    return folder
