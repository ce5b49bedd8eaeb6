"""Watches one kernel from outside and kills it when it takes too much memory or time."""

import threading
import time
from collections.abc import Callable

import psutil

from gradekit.sandbox.limits import Limits, size

PERIOD = 0.1


class Watcher(threading.Thread):
    """`reason` says why the kernel was killed, in words that follow "because it"; None while all is well."""

    def __init__(self, pid: int, limits: Limits, kill: Callable[[], None]):
        super().__init__(daemon=True, name=f"watcher-{pid}")
        self.pid, self.limits, self.kill = pid, limits, kill
        self.reason: str | None = None
        self.deadline = time.monotonic() + limits.wall
        self.own = psutil.Process()
        self.own_before = resident(self.own)
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(PERIOD):
            if reason := self.excess():
                self.reason = reason
                self.kill()
                return

    def stop(self) -> None:
        """It kills no more once this returns."""
        self._done.set()
        if self.is_alive() and self is not threading.current_thread():
            self.join()

    def excess(self) -> str | None:
        if time.monotonic() > self.deadline:
            return f"ran longer than {self.limits.wall:g} s in all"
        if exceeds(self.pid, self.limits.memory):
            return f"used more than {size(self.limits.memory)} of memory"
        if resident(self.own) - self.own_before > self.limits.grader:
            return "filled the grader's memory with messages"
        return None


def exceeds(pid: int, limit: int) -> bool:
    """Whether a process and all that descend from it hold more than `limit` bytes.

    Resident sizes count pages that forked processes share once for each; the slower exact sum decides.
    """
    processes = family(pid)
    return sum(map(resident, processes)) > limit and sum(map(proportional, processes)) > limit


def family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return []


def resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def proportional(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().pss
    except (psutil.Error, AttributeError):  # a process may hide it, and not all systems tell
        return resident(process)
