"""Grading a class: whole commands, start-up included, against stock `nbgrader autograde` and `otter run`.

All grade the same honest submissions of one light lab, three in ten with mistakes. Ours runs in the sandbox and
judges outside of it; the others run in one unprotected process each.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.graders import GRADERS, Grader, versions
from benchmarks.light_lab import LAB
from benchmarks.measure import Spent, median, table
from benchmarks.submissions import is_right

SIZES = (40, 300)
OTTER_RUNS = 6  # one command each: more of them cost the same each
QUICK = (10, 40)  # with --quick what is serial is measured at these sizes, and a larger class is scaled from them
SERIAL = ("stock", "nbgrader", "stock-button", "button")


@dataclass(frozen=True)
class Graded:
    """A class, graded: the time of it all, and the share of the points by student."""

    spent: Spent
    shares: dict[str, float]
    scaled: bool = False

    def full_marks(self, right: bool) -> str:
        """Of those who made no mistake, or of those who made one: how many have all points."""
        full = [share > 0.9999 for student, share in self.shares.items() if is_right(student) == right]
        return f"{sum(full)} of {len(full)}"

    def all_right_ones_full(self) -> bool:
        return all(share > 0.9999 for student, share in self.shares.items() if is_right(student))


def measured(grader: Grader, size: int, rounds: int = 1, lab: str = LAB) -> Graded:
    """A fresh course for each round."""
    spent, shares = [], {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            grader.prepare(Path(name), lab, size)
            spent.append(grader.grade(Path(name), lab))
            shares = grader.shares(Path(name), lab)
    if len(shares) != size:
        raise RuntimeError(f"{grader.label} graded {len(shares)} of {size} submissions")
    return Graded(median(spent), shares)


def graded(name: str, size: int, rounds: int, quick: bool) -> Graded:
    grader = GRADERS[name]
    if name == "otter" and size > OTTER_RUNS:
        few = measured(grader, OTTER_RUNS, rounds)
        return Graded(scaled(few.spent, size / OTTER_RUNS), few.shares, scaled=True)
    if quick and name in SERIAL and size > QUICK[-1]:
        small, large = (measured(grader, each, rounds) for each in QUICK)
        step = minus(large.spent, small.spent)
        more = scaled(step, (size - QUICK[1]) / (QUICK[1] - QUICK[0]))
        return Graded(Spent(large.spent.wall + more.wall, large.spent.cpu + more.cpu), large.shares, scaled=True)
    return measured(grader, size, rounds)


def scaled(spent: Spent, factor: float) -> Spent:
    return Spent(spent.wall * factor, spent.cpu * factor)


def minus(a: Spent, b: Spent) -> Spent:
    return Spent(a.wall - b.wall, a.cpu - b.cpu)


def show(size: int, results: dict[str, Graded]) -> None:
    rows = []
    for name, result in results.items():
        row = [GRADERS[name].label + (" (scaled)" if result.scaled else ""), result.spent.wall / size,
               result.spent.cpu / size]  # fmt: skip
        for measure in ("wall", "cpu"):
            stock = results.get("stock")
            row.append(getattr(stock.spent, measure) / getattr(result.spent, measure) if stock else "")
        rows.append([*row, result.full_marks(right=True), result.full_marks(right=False)])
    table(
        f"{size} submissions of the light lab: seconds a submission, start-up included ({versions()})",
        ["", "wall", "processor", "times stock's throughput", "stock's processor / its", "right ones with full marks",
         "wrong ones with full marks"],
        rows,
    )  # fmt: skip


def by_commas(kind: type, known: Iterable = ()) -> Callable[[str], tuple]:
    """For argparse: several values in one argument, each of them known where there is a list."""

    def read(text: str) -> tuple:
        found = tuple(kind(each) for each in text.split(","))
        unknown = [each for each in found if known and each not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"{unknown[0]} is none of {', '.join(known)}")
        return found

    return read


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser("python -m benchmarks classes", description=__doc__)
    parser.add_argument("--submissions", default=SIZES, metavar="N,N",
                        type=by_commas(int), help="sizes of the classes (40,300)")  # fmt: skip
    parser.add_argument("--peers", default=tuple(GRADERS), type=by_commas(str, GRADERS), metavar="A,B",
                        help=f"of {', '.join(GRADERS)} (all)")  # fmt: skip
    parser.add_argument("--rounds", default=1, type=int, metavar="N", help="of each; the median counts (1)")
    parser.add_argument("--quick", action="store_true", help=f"scale the serial ones from {QUICK[1]} submissions on")
    options = parser.parse_args(arguments)
    for size in options.submissions:
        results = {name: graded(name, size, options.rounds, options.quick) for name in options.peers}
        show(size, results)
        short = [name for name, result in results.items() if not result.all_right_ones_full()]
        if short:
            raise SystemExit(f"Not the same work: right submissions lost points with {', '.join(short)}.")


if __name__ == "__main__":
    main(sys.argv[1:])
