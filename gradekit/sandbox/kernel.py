"""A kernel in a cage: run cells, and learn why it stopped. It is never waited for without end.

There are two kinds: cold.py starts a Jupyter kernel anew, warm.py forks one that stands ready.
"""

import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from gradekit.sandbox.cage import Cage
from gradekit.sandbox.limits import size
from gradekit.sandbox.outputs import CellOutputs
from gradekit.sandbox.watcher import Watcher

GRACE = 2  # seconds from the polite interrupt to the kill
LATE_OUTPUT = 4  # seconds of silence between the two signs that a cell has ended
TICK = 0.05


@dataclass(frozen=True)
class Ran:
    """One cell's outputs; `timed_out` if it was interrupted; `stopped` says why the kernel is no more."""

    outputs: list[NotebookNode]
    timed_out: bool = False
    stopped: str | None = None


class Kernel(ABC):
    """Runs cells one after the other. Raises MachineFault where the machine fails, not the student."""

    language_info: dict
    watcher: Watcher
    ordered = False  # all messages come over one channel
    connected = True  # False: it lives, but its channel to us is closed

    def __init__(self, cage: Cage):
        self.limits = cage.limits
        self._cells = 0

    @abstractmethod
    def ask(self, source: str) -> str:
        """Send a cell; the id that its messages name as their parent."""

    @abstractmethod
    def messages(self, seconds: float = TICK) -> Iterator[tuple[dict | None, int]]:
        """(message, bytes) of all that arrives within the time; None for one that can't be read."""

    @abstractmethod
    def interrupt(self) -> None: ...

    @abstractmethod
    def kill(self) -> None:
        """End the kernel and all that it started."""

    @abstractmethod
    def exit_code(self) -> int | None:
        """128 + signal if a signal ended it; None while it lives. Raises MachineFault if it ended from outside."""

    @abstractmethod
    def close(self) -> None: ...

    def run(self, source: str, seconds: float) -> Ran:
        """Run one cell for at most `seconds`, then interrupt it, then kill the kernel."""
        self._cells += 1
        cell = CellOutputs(self.ask(source), self.limits.output_kept, self._cells, self.ordered)
        quiet_since = time.monotonic()
        deadline, timed_out = quiet_since + seconds, False
        while not cell.complete:
            arrived = list(self.messages())
            for message, count in arrived:
                cell.take(message, count)
            now = time.monotonic()
            if self.ended():
                return self._stopped(cell, self.death())
            if cell.received > self.limits.output:
                return self._stopped(cell, f"put out more than {size(self.limits.output)}")
            if arrived or (self.connected and not cell.idle and cell.reply is None):
                quiet_since = now
            if now > quiet_since + LATE_OUTPUT:
                return self._stopped(cell, "closed its channel to the grader")
            if now > deadline and timed_out:
                return self._stopped(cell, f"ran longer than {seconds:g} s and did not stop when interrupted")
            if now > deadline:
                self.interrupt()
                timed_out, deadline = True, now + GRACE
        return Ran(cell.finish(), timed_out)

    def _stopped(self, cell: CellOutputs, reason: str) -> Ran:
        self.kill()
        end = time.monotonic() + 1
        while time.monotonic() < end and cell.received <= self.limits.output:
            rest = list(self.messages())
            for message, count in rest:
                cell.take(message, count)
            if not rest:
                break
        return Ran(cell.outputs, stopped=reason)

    def ended(self) -> bool:
        return self.exit_code() is not None

    def death(self) -> str:
        """Why the kernel ended, in words that follow "because it"."""
        if self.watcher.reason:
            return self.watcher.reason
        code = self.exit_code()
        if code - 128 == signal.SIGXCPU:
            return f"used more than {self.limits.cpu} s of processor time"
        try:
            return f"crashed with {signal.Signals(code - 128).name}"
        except ValueError:
            return f"ended itself with exit code {code}"
