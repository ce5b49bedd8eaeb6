"""A Dask scheduler and workers as processes of their own, on this machine."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

DASK = Path(sys.executable).with_name("dask")


class DaskCluster:
    def __init__(self, folder: Path, workers: int):
        self.folder, self.workers = folder, []
        self.file = folder / "scheduler.json"
        self.start_scheduler()
        for _ in range(workers):
            self.start_worker()

    @property
    def address(self) -> str:
        while not self.file.exists():
            time.sleep(0.05)
        return json.loads(self.file.read_text())["address"]

    def start_scheduler(self) -> None:
        self.file.unlink(missing_ok=True)
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")

    def start_worker(self) -> None:
        options = ("--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard", "--memory-limit", "0")
        self.workers.append(self._start("worker", "--local-directory", str(self.folder), *options))

    def _start(self, what: str, *options: str) -> subprocess.Popen:
        command = [DASK, what, "--scheduler-file", str(self.file), *options]
        return subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill_scheduler(self) -> None:
        self.scheduler.kill()
        self.scheduler.wait()

    def kill_worker(self, which: int) -> None:
        """The process that grades; the nanny above it, which starts it anew, stays."""
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.workers[which].pid).children():
                if "spawn_main" in " ".join(child.cmdline()):
                    child.kill()

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            with suppress(psutil.NoSuchProcess):
                for child in psutil.Process(process.pid).children(recursive=True):
                    with suppress(psutil.NoSuchProcess):
                        child.kill()
            process.kill()
            process.wait()


@contextmanager
def dask_cluster(folder: Path, workers: int = 2) -> Iterator[DaskCluster]:
    folder.mkdir(parents=True, exist_ok=True)
    cluster = DaskCluster(folder, workers)
    try:
        yield cluster
    finally:
        cluster.close()
