"""Run `gradekit grade` as a process of its own and kill something of it at some moment."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

GRADEKIT = Path(sys.executable).with_name("gradekit")


class Grading:
    """A running `gradekit grade`, with all that it starts."""

    def __init__(self, root: Path, lab: str, *options: str, inside: Sequence[str] = ()):
        # its own session, so that Ctrl-C can be sent to it as a terminal does; tests in the background ignore it
        self.process = subprocess.Popen(
            [*inside, GRADEKIT, "grade", lab, "--course", root, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        self.said = ""
        self.family: list[psutil.Process] = []  # all that were there when something was killed

    def wait_for(self, words: str) -> None:
        """Until a line with these words was printed, or it has ended."""
        for line in self.process.stdout:
            self.said += line
            if words in line:
                return

    def finish(self) -> int:
        self.said += self.process.communicate(timeout=180)[0]
        return self.process.returncode

    def interrupt(self) -> None:
        """Ctrl-C, as the terminal sends it to all of the group."""
        self.family = psutil.Process(self.process.pid).children(recursive=True)
        os.killpg(self.process.pid, signal.SIGINT)

    def kill(self, victim: str, which: int = 0) -> bool:
        """kill -9 the runner, the process that forks workers, a worker, or a warm parent's sandbox.

        It is waited for; False where the run ends first.
        """
        while self.process.poll() is None:
            if found := self.find(victim):
                with contextlib.suppress(psutil.NoSuchProcess):
                    self.family = psutil.Process(self.process.pid).children(recursive=True)
                    found[which % len(found)].kill()
                    return True
            time.sleep(0.01)
        return False

    def find(self, victim: str) -> list[psutil.Process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            runner = psutil.Process(self.process.pid)
            server = [each for each in runner.children() if "forkserver" in " ".join(each.cmdline())]
            workers = [each for one in server for each in one.children()]
            parents = [each for one in workers for each in one.children() if "bwrap" in each.name()]
            return {"runner": [runner], "server": server, "worker": workers, "parent": parents}[victim]
        return []


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all have ended; those about to end are waited for."""
    _, alive = psutil.wait_procs(processes, timeout=10)
    return alive == []
