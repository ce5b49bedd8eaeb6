"""Kernels forked from a warm parent: one sandbox whose process has imported what every submission needs.

caged/parent.py is its inside and says how a child is closed off. There is one parent for each Python, library and
thread of the grader; it is started when it is first needed and ends when it has been idle, or with the grader.
"""

import atexit
import base64
import contextlib
import io
import json
import select
import socket
import subprocess
import tempfile
import threading
import weakref
from collections.abc import Iterator
from secrets import token_hex

from gradekit.sandbox.bwrap import LIBRARY, OWN, TEMPORARY, enclose, mounts, spare_user, walls
from gradekit.sandbox.cage import SCRATCH, Cage, MachineFault
from gradekit.sandbox.caged.packets import Reader, send
from gradekit.sandbox.kernel import TICK, Kernel
from gradekit.sandbox.limits import MB
from gradekit.sandbox.probe import find_bwrap
from gradekit.sandbox.seccomp import seccomp_filter
from gradekit.sandbox.watcher import Watcher

MODULES = ("numpy", "matplotlib.pyplot", "ipywidgets")
PATIENCE = 4  # seconds that a child may leave a cell unread
MOST_AT_ONCE = 100  # packets


class WarmParent:
    """One sandbox with its parent process; it has one child at a time."""

    def __init__(self, cage: Cage, startup: float):
        user = spare_user()
        ours, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        options = {
            "user": user,
            "control": control.fileno(),
            "library": str(LIBRARY) if cage.lab_library else None,
            "modules": MODULES,
        }
        command = [str(cage.python), "-I", str(OWN / "caged" / "parent.py"), json.dumps(options)]
        self.shown = mounts(cage.python, cage.lab_library, cage.private)
        self.words = tempfile.TemporaryFile()
        try:
            self.process = subprocess.Popen(
                enclose(find_bwrap(), walls(user, rooms=True), TEMPORARY, self.shown, command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.words,
                env={name: value for name, value in cage.environment().items() if name != "LABKIT_SEED"},
                pass_fds=[control.fileno()],
                start_new_session=True,
            )
        except OSError as error:
            raise MachineFault(f"The warm parent can't be started: {error}.") from error
        finally:
            control.close()
        self.control, self.reader, self.busy = ours, Reader(ours, MB), False
        ready = self.hear(startup)
        if ready is None:
            self.kill()
            raise MachineFault(f"The warm parent was not ready in time. It said: {self.last_words()}")
        self.language_info = ready["ready"]

    def hear(self, seconds: float) -> dict | None:
        """What it says within the time; None when it says nothing. Raises MachineFault when it has ended."""
        if not select.select([self.control], [], [], seconds)[0]:
            return None
        try:
            return self.reader.read()[0]
        except (EOFError, OSError):
            raise MachineFault(f"The warm parent ended. It said: {self.last_words()}") from None

    def fork(self, cage: Cage) -> socket.socket:
        """Start a child; the socket on which it takes cells."""
        ours, child = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        job = {
            "environment": cage.environment(),
            "scratch": SCRATCH,
            "folders": {SCRATCH: cage.limits.scratch, "/tmp": TEMPORARY, "/dev/shm": TEMPORARY},
            "shown": [str(path) for path in self.shown],
            "limits": vars(cage.limits),
            "filter": base64.b64encode(seccomp_filter() or b"").decode(),
        }
        with child, tempfile.TemporaryFile() as files:
            passed = [child.fileno()]
            if cage.files:
                files.write(cage.files)
                files.flush()
                files.seek(0, io.SEEK_SET)
                passed.append(files.fileno())
            try:
                send(ours, job)
                socket.send_fds(self.control, [b"fork"], passed)
            except OSError as error:
                ours.close()
                raise MachineFault(f"The warm parent ended: {error}. It said: {self.last_words()}") from error
        self.busy = True
        return ours

    def tell(self, word: str) -> None:
        with contextlib.suppress(OSError):
            self.control.send(word.encode())

    def ended(self, seconds: float) -> int | None:
        """The exit code of its child, None while that lives. Raises MachineFault when the parent itself has ended."""
        said = self.hear(seconds)
        if said is None:
            return None
        self.busy = False
        return said["ended"]

    def free(self) -> bool:
        """Whether it lives and its last child is no more."""
        try:
            return self.process.poll() is None and (not self.busy or self.ended(PATIENCE) is not None)
        except MachineFault:
            return False

    def last_words(self) -> str:
        self.words.seek(0)
        said = self.words.read(2**16).decode(errors="replace")
        return "".join(sign if sign.isprintable() else " " for sign in said[-2000:]).strip()

    def kill(self) -> None:
        """With bwrap's own process dies the whole pid namespace."""
        self.process.kill()
        self.process.wait()
        self.control.close()


class WarmKernel(Kernel):
    """A child of a warm parent."""

    ordered = True

    def __init__(self, cage: Cage, startup: float):
        super().__init__(cage)
        self.parent = parent_for(cage, startup)
        self.language_info = dict(self.parent.language_info)
        self._code: int | None = None
        self.connected = True
        self._channel = self.parent.fork(cage)
        self._channel.settimeout(PATIENCE)
        self._reader = Reader(self._channel, cage.limits.message)
        self.watcher = Watcher(self.parent.process.pid, cage.limits, self.kill)
        try:
            self._wait_until_ready(startup)
        except BaseException:
            self.close()
            raise
        self.watcher.start()

    def _wait_until_ready(self, seconds: float) -> None:
        for message, _ in self.messages(seconds):
            if message and message.get("msg_type") == "ready":
                return
        self.exit_code()
        raise MachineFault(f"The warm kernel did not start. It said: {self.parent.last_words()}")

    def ask(self, source: str) -> str:
        request = token_hex(8)
        with contextlib.suppress(OSError):  # it does not read, or is no more: the run will say which
            send(self._channel, {"id": request, "source": source})
        return request

    def messages(self, seconds: float = TICK) -> Iterator[tuple[dict | None, int]]:
        for _ in range(MOST_AT_ONCE):
            signs = [self.parent.control, *([self._channel] if self.connected else [])]
            if self._channel not in select.select(signs, [], [], seconds)[0]:
                return
            try:
                yield self._reader.read()
            except (EOFError, OSError):
                self.connected = False
            seconds = 0

    def interrupt(self) -> None:
        self.parent.tell("interrupt")

    def kill(self) -> None:
        self.parent.tell("kill")

    def exit_code(self) -> int | None:
        if self._code is None:
            self._code = self.parent.ended(0)
        return self._code

    def close(self) -> None:
        self.watcher.stop()  # it must not kill the parent's next child
        self._channel.close()
        if self._code is None:
            self.kill()


_own = threading.local()
_all: weakref.WeakSet[WarmParent] = weakref.WeakSet()


def parent_for(cage: Cage, startup: float) -> WarmParent:
    """This thread's parent: bwrap ends with the thread that started it."""
    key = (cage.python, cage.lab_library, cage.private)
    known: WarmParent | None = getattr(_own, "parent", None)
    if known and (_own.key != key or not known.free()):
        known.kill()
        known = None
    if known is None:
        _own.parent, _own.key = WarmParent(cage, startup), key
        _all.add(_own.parent)
    return _own.parent


@atexit.register
def end_all() -> None:
    for parent in _all:
        parent.kill()
