"""Time a command as a whole and print a table."""

import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Spent:
    """Seconds of the clock, and of the processors of the whole machine: measure on one that has nothing else to do.

    A killed sandbox's time is charged to nobody, so that the children's own account would flatter it.
    """

    wall: float
    cpu: float


def run(command: list, cwd: Path, env: dict | None = None) -> Spent:
    """Run a command to its end; fails loudly when the command does."""
    before, started = busy(), time.perf_counter()
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    spent = Spent(time.perf_counter() - started, busy() - before)
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stderr[-3000:]}")
    return spent


def busy() -> float:
    times = psutil.cpu_times()
    return times.user + times.system


def median(spent: list[Spent]) -> Spent:
    return Spent(statistics.median(s.wall for s in spent), statistics.median(s.cpu for s in spent))


def table(title: str, head: list[str], rows: list[list]) -> None:
    """A Markdown table on the screen."""
    cells = [head, *[[f"{c:.2f}" if isinstance(c, float) else str(c) for c in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    print(f"\n{title}\n")
    for number, row in enumerate(cells):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
