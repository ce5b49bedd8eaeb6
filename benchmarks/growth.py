"""Does a submission cost more in a large class than in a small one? Time and memory by the size of the class.

Grading, then feedback, then the export of the grades, each as a whole command on the light lab. "Each one more" is
what a submission beyond the class one line above costs, start-up apart: a quadratic step would show there.
"""

import argparse
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

import psutil

from benchmarks.classes import by_commas
from benchmarks.graders import BIN, GRADERS, environment
from benchmarks.light_lab import LAB
from benchmarks.measure import Spent, run, table

SIZES = (20, 100, 2000)
STEPS = {
    "grade": [BIN / "gradekit", "grade", LAB],
    "feedback": [BIN / "nbgrader", "generate_feedback", LAB],
    "export": [BIN / "nbgrader", "export"],
}
LOOK = 0.5  # seconds between two looks at the memory


class MostMemory:
    """While it is open: the most bytes resident, at a time, of all that this process started.

    What forked processes share is counted for each of them.
    """

    def __enter__(self) -> "MostMemory":
        self.bytes, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def _look(self) -> None:
        while not self._over.wait(LOOK):
            self.bytes = max(self.bytes, sum(map(resident, psutil.Process().children(recursive=True))))

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join()


def resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def measured(size: int, steps: tuple[str, ...]) -> dict[str, tuple[Spent, int]]:
    """Seconds and bytes of each step, one after the other in one course."""
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        GRADERS["ours"].prepare(folder, LAB, size)
        for step in steps:
            with MostMemory() as memory:
                spent = run(STEPS[step], folder, environment(folder))
            found[step] = spent, memory.bytes
    return found


def rows_of(step: str, found: dict[int, dict[str, tuple[Spent, int]]]) -> list[list]:
    rows, before = [], None
    for size, steps in found.items():
        spent, memory = steps[step]
        row = [size, 1000 * spent.wall / size, 1000 * spent.cpu / size, memory / 1e6]
        if before:
            more = size - before[0]
            row += [1000 * (spent.wall - before[1].wall) / more, 1000 * (spent.cpu - before[1].cpu) / more]
        rows.append([*row, "", ""][:6])
        before = size, spent
    return rows


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser("python -m benchmarks growth", description=__doc__)
    parser.add_argument("--submissions", default=SIZES, type=by_commas(int), metavar="N,N",
                        help="sizes of the classes, rising (20,100,2000)")  # fmt: skip
    parser.add_argument("--steps", default=tuple(STEPS), type=by_commas(str, STEPS), metavar="A,B",
                        help=f"of {', '.join(STEPS)}: each needs those before it (all)")  # fmt: skip
    options = parser.parse_args(arguments)
    found = {size: measured(size, options.steps) for size in options.submissions}
    head = ["submissions", "wall", "processor", "most memory, MB", "each one more: wall", "each one more: processor"]
    for step in options.steps:
        words = " ".join([Path(STEPS[step][0]).name, *map(str, STEPS[step][1:])])
        table(f"`{words}`: milliseconds a submission, as a whole command", head, rows_of(step, found))


if __name__ == "__main__":
    main(sys.argv[1:])
