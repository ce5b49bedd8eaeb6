"""The Jupyter kernel provisioner that starts a kernel in a cage."""

import json
import os
import secrets
import signal
import subprocess
from contextlib import suppress

import psutil
from jupyter_client.connect import write_connection_file
from jupyter_client.provisioning import LocalProvisioner

from gradekit.sandbox.bwrap import OWN, enclose, launch, mounts, spare_user, walls
from gradekit.sandbox.cage import Cage, MachineFault
from gradekit.sandbox.probe import find_bwrap
from gradekit.sandbox.seccomp import seccomp_filter
from gradekit.sandbox.watcher import Watcher, family

PORTS = {"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "hb_port": 4, "control_port": 5}


class BubblewrapProvisioner(LocalProvisioner):
    """start_kernel(cage=...) of its manager says what the kernel gets.

    The kernel's sockets are in its own /tmp. We reach them through /proc/PID/root, so that no folder of the host
    is writable inside.
    """

    cage: Cage
    watcher: Watcher | None = None
    first: int  # the id, as we see it, of the first process inside
    _stderr: int | None = None

    async def pre_launch(self, *, cage: Cage, **kwargs):
        self.cage = cage
        return {"cmd": self.kernel_spec.argv[1:]}

    async def launch_kernel(self, cmd: list[str], **kwargs):
        cage = self.cage
        name = f"kernel-{secrets.token_hex(4)}"
        address = f"/tmp/{name}" if cage.sandbox else str(cage.folder / name)
        info = {"transport": "ipc", "ip": address, "signature_scheme": "hmac-sha256", **PORTS}
        info["key"] = self.parent.session.key
        write_connection_file(str(cage.folder / "kernel.json"), **info)
        (cage.folder / "kernel.json").chmod(0o644)  # the folder is ours alone, the user inside must read it
        self.first = self._start(cmd)
        self.pid = self.pgid = self.process.pid
        self.watcher = Watcher(self.pid, cage.limits, self.kill_now)
        self.watcher.start()
        self.connection_info = {**info, "ip": f"/proc/{self.first}/root{address}" if cage.sandbox else address}
        return self.connection_info

    def _start(self, kernel_arguments: list[str]) -> int:
        """Start the process; the id, as we see it, of the first one inside."""
        cage = self.cage
        user = spare_user() if cage.sandbox else None
        command = launch(cage, user, kernel_arguments)
        self._stderr, stderr = os.pipe()
        os.set_blocking(stderr, False)  # nobody reads along: when the pipe is full, the rest is lost
        opened = [stderr]
        try:
            if cage.sandbox:
                answer, info = os.pipe()
                rules, extra = seccomp_pipe()
                opened += [info, *rules]
                bwrap = find_bwrap()
                if bwrap is None:
                    raise MachineFault("bubblewrap is not installed.")
                shown = mounts(cage.python, cage.lab_library, cage.private)
                shown |= {OWN / "kernel.json": cage.folder / "kernel.json", OWN / "files": cage.folder / "files"}
                fences = [*walls(user), "--info-fd", str(info), *extra]
                command = enclose(bwrap, fences, cage.limits.scratch, shown, command)
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env=cage.environment(),  # bwrap too: its own is readable inside as /proc/1/environ
                pass_fds=opened,
                start_new_session=True,
            )
        except OSError as error:
            raise MachineFault(f"The kernel's process can't be started: {error}.") from error
        finally:
            for descriptor in opened:
                os.close(descriptor)
        if not cage.sandbox:
            return self.process.pid
        with os.fdopen(answer) as stream:
            report = stream.read()
        if not report:
            self.process.wait()
            raise MachineFault(f"The sandbox did not start. bwrap said: {self.last_words()}")
        return json.loads(report)["child-pid"]

    def last_words(self) -> str:
        """What the process wrote to its stderr, at most 64 kB of it."""
        if self._stderr is None:
            return ""
        os.set_blocking(self._stderr, False)
        try:
            said = os.read(self._stderr, 2**16).decode(errors="replace")
            return "".join(sign if sign.isprintable() else " " for sign in said[-2000:]).strip()
        except BlockingIOError:
            return ""

    async def send_signal(self, signum: int) -> None:
        """To the kernel itself, not to bwrap: a message would wait as long as C code holds the interpreter."""
        with suppress(psutil.Error, OSError):
            kernel = psutil.Process(self.first).children()[0].pid if self.cage.sandbox else self.first
            os.killpg(os.getpgid(kernel), signum)

    def kill_now(self) -> None:
        """End the kernel and all that it started. With bwrap's own process dies the whole pid namespace."""
        process = self.process
        if process is None:
            return
        for victim in (process, *([] if self.cage.sandbox else family(process.pid))):
            try:
                victim.send_signal(signal.SIGKILL)
            except (psutil.Error, OSError):
                pass

    async def kill(self, restart: bool = False) -> None:
        self.kill_now()

    async def terminate(self, restart: bool = False) -> None:
        self.kill_now()

    async def cleanup(self, restart: bool = False) -> None:
        if self.watcher:
            self.watcher.stop()
        if self._stderr is not None:
            os.close(self._stderr)
            self._stderr = None


def seccomp_pipe() -> tuple[list[int], list[str]]:
    """The filter in a pipe, ready for bwrap to read: ([descriptor], arguments)."""
    program = seccomp_filter()
    if program is None:
        return [], []
    read, write = os.pipe()
    with os.fdopen(write, "wb") as stream:
        stream.write(program)
    return [read], ["--seccomp", str(read)]
