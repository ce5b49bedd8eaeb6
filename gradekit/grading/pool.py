"""Workers on this machine: plain processes, each with its own warm parent, each given one submission at a time."""

import multiprocessing
import os
import signal
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from pathlib import Path

from gradekit import mistakes
from gradekit.grading.job import Failed, Graded, Job, Preparation

TRIES = 3
MISTAKES = [f"gradekit.mistakes.{path.stem}" for path in Path(mistakes.__file__).parent.glob("[a-z]*.py")]


def processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def start_server() -> None:
    """Start the process that forks workers, and does not wait until it has imported what they need.

    Workers are not forked from this process, which has threads and open databases.
    """
    multiprocessing.set_forkserver_preload(["gradekit.grading.worker", *MISTAKES])
    forkserver.ensure_running()


class Pool:
    """`run` grades jobs in any order. A job whose worker died, or that failed, is tried again.

    first: what each worker does before its first job, while the runner still prepares.
    """

    def __init__(self, size: int, first: Preparation | None = None):
        start_server()
        self._processes, self._first = multiprocessing.get_context("forkserver"), first
        self._workers = [self._start() for _ in range(size)]

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_) -> None:
        for worker in self._workers:
            worker.kill()

    def _start(self) -> "Worker":
        """A worker. Where the process that forks them dies meanwhile, another takes its place."""
        for _ in range(TRIES - 1):
            with suppress(EOFError, OSError):
                return Worker(self._processes, self._first)
        return Worker(self._processes, self._first)

    def run(self, jobs: Iterable[Job]) -> Iterator[Graded | Failed]:
        """What becomes of each job. Jobs are made one by one, as workers get free."""
        jobs, again, tries = iter(jobs), deque[Job](), Counter[str]()
        busy: dict[Connection, Worker] = {}
        free = list(self._workers)
        while True:
            while free and (job := again.popleft() if again else next(jobs, None)):
                worker = free.pop()
                tries[job.student] += 1
                worker.give(job)
                busy[worker.pipe] = worker
            if not busy:
                return
            for pipe in wait(list(busy)):
                worker = busy.pop(pipe)
                job, outcome = worker.take()
                if not worker.alive():
                    self._workers.remove(worker)
                    worker = self._start()
                    self._workers.append(worker)
                free.append(worker)
                if isinstance(outcome, Failed) and tries[job.student] < TRIES:
                    again.append(job)
                else:
                    yield outcome


class Worker:
    """One process and the pipe to it."""

    def __init__(self, processes, first: Preparation | None):
        self.pipe, theirs = processes.Pipe()
        self.process = processes.Process(target=serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.job: Job | None = None
        if first:
            self.pipe.send(first)

    def give(self, job: Job) -> None:
        self.job = job
        with suppress(OSError):  # it died: take() will say so
            self.pipe.send(job)

    def take(self) -> tuple[Job, Graded | Failed]:
        """The job and what became of it; a worker that dies is the machine's fault."""
        try:
            return self.job, self.pipe.recv()
        except (EOFError, OSError):
            self.kill()
            code = self.process.exitcode
            how = f"was killed by {signal.Signals(-code).name}" if code and code < 0 else f"ended with exit code {code}"
            return self.job, Failed(self.job.student, f"Its worker {how}.")

    def alive(self) -> bool:
        return self.process.is_alive()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def serve(pipe: Connection) -> None:
    """A worker's life: a job in, its outcome out, until nobody asks any more."""
    from gradekit.grading.worker import attempt, prepare

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the runner's affair
    with suppress(EOFError, OSError):
        while True:
            asked = pipe.recv()
            if isinstance(asked, Preparation):
                prepare(asked)
            else:
                pipe.send(attempt(asked))
