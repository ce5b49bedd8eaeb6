"""Workers of a running Dask cluster. Each of their threads starts a warm parent of its own."""

import logging
from asyncio import CancelledError
from collections import Counter, deque
from collections.abc import Iterable, Iterator

from distributed import Client, Future, wait
from distributed.comm import CommClosedError
from distributed.scheduler import KilledWorker

from gradekit.folder import Trouble
from gradekit.grading.job import Failed, Graded, Job
from gradekit.grading.pool import TRIES
from gradekit.grading.worker import attempt

PATIENCE = 10  # seconds to wait for the scheduler, and for the first worker
AHEAD = 2  # submissions that wait at the cluster for each of its threads


class Cluster:
    """`run` grades jobs in any order, as gradekit.grading.pool.Pool does. Raises Trouble when the scheduler is gone."""

    def __init__(self, address: str):
        self.address = address
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # it logs tracebacks for what we say in a line
        try:
            self.client = Client(address, timeout=PATIENCE)
        except (OSError, ValueError, TimeoutError) as error:
            raise Trouble(f"There is no Dask scheduler at {address} ({error}). Start one: dask scheduler.") from error

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_) -> None:
        self.client.close()

    def run(self, jobs: Iterable[Job]) -> Iterator[Graded | Failed]:
        try:
            yield from self._run(jobs)
        except (CommClosedError, CancelledError) as error:
            raise Trouble(f"The Dask scheduler at {self.address} is gone. Start it and its workers again.") from error

    def _run(self, jobs: Iterable[Job]) -> Iterator[Graded | Failed]:
        self._wait_for_workers()
        jobs, again, tries = iter(jobs), deque[Job](), Counter[str]()
        running: dict[Future, Job] = {}
        while True:
            while len(running) < AHEAD * self._threads() and (job := again.popleft() if again else next(jobs, None)):
                tries[job.student] += 1
                running[self._submit(job)] = job
            if not running:
                return
            for future in self._done(running):
                job = running.pop(future)
                outcome = self._outcome(future, job)
                if isinstance(outcome, Failed) and tries[job.student] < TRIES:
                    again.append(job)
                else:
                    yield outcome

    def _submit(self, job: Job) -> Future:
        return self.client.submit(attempt, job, pure=False)

    def _done(self, running: dict[Future, Job]) -> list[Future]:
        """Those that have ended, as soon as there are any."""
        while True:
            if self.client.status != "running" or any(future.status in ("cancelled", "lost") for future in running):
                raise CommClosedError
            try:
                return list(wait(list(running), timeout=1, return_when="FIRST_COMPLETED").done)
            except TimeoutError:
                continue

    def _outcome(self, future: Future, job: Job) -> Graded | Failed:
        try:
            return future.result()
        except KilledWorker:
            return Failed(job.student, "The Dask workers that took it died.")

    def _threads(self) -> int:
        return max(1, sum(self.client.nthreads().values()))

    def _wait_for_workers(self) -> None:
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise Trouble(f"The Dask scheduler at {self.address} has no workers. Start one: dask worker.") from None
