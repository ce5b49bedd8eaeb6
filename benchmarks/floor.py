"""What grading costs above its floor: the processor time of the same cells in a warm fork, with nothing around them.

The floor has no sandbox, no judge and no gradebook: IPython runs a right submission's cells in forks of a process
that has imported NumPy, Matplotlib, IPython and labkit, and drawn a figure. Ours is `gradekit grade`: the processor
time of a large class less that of a small one, so that start-up drops out.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nbformat

from benchmarks.classes import by_commas, measured, minus
from benchmarks.graders import GRADERS, source_of
from benchmarks.light_lab import LAB
from benchmarks.measure import table
from gradekit.course import ROOT
from gradekit.lab_library import library_for

LABS = {LAB: "the light lab", "02_losses": "lab 02"}
TURNS = 40
SIZES = (40, 140)
SCRIPT = Path(__file__).with_name("bare_fork.py")
STUDENT_PYTHON = ROOT / ".venv-student" / "bin" / "python"


def bare(lab: str, turns: int = TURNS) -> dict[str, float]:
    """Medians over the forks. Fails loudly where a cell failed or a check handed out nothing."""
    with tempfile.TemporaryDirectory() as name:
        notebook = Path(name) / "notebook.ipynb"
        nbformat.write(source_of(lab, "ours"), notebook)
        env = {"PATH": os.environ["PATH"], "HOME": name, "IPYTHONDIR": f"{name}/ipython", "OPENBLAS_NUM_THREADS": "1",
               "NBGRADER_EXECUTION": "autograde", "LABKIT_SEED": "5e" * 32}  # fmt: skip
        command = [STUDENT_PYTHON, "-I", SCRIPT, notebook, library_for(lab), str(turns)]
        done = subprocess.run(command, cwd=name, env=env, capture_output=True, text=True)
        checks = notebook.read_text().count('"grade_id": "check_')
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    forks = json.loads(done.stdout.splitlines()[-1])
    if any(each["failed"] or each["evidence"] != checks for each in forks):
        raise RuntimeError(f"the floor's cells did not run as they should: {forks[0]}, {checks} checks")
    return {key: statistics.median(each[key] for each in forks) for key in forks[0]}


def ours(lab: str, sizes: tuple[int, int], rounds: int) -> float:
    """Processor seconds of one submission more."""
    small, large = (measured(GRADERS["ours"], size, rounds, lab) for size in sizes)
    return minus(large.spent, small.spent).cpu / (sizes[1] - sizes[0])


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser("python -m benchmarks floor", description=__doc__)
    parser.add_argument("--submissions", default=SIZES, metavar="N,N",
                        type=by_commas(int), help="a small and a large class (40,140)")  # fmt: skip
    parser.add_argument("--rounds", default=1, type=int, metavar="N", help="of each class; the median counts (1)")
    parser.add_argument("--alone", action="store_true", help="the floor alone, without grading a class")
    options = parser.parse_args(arguments)
    rows = []
    for lab, words in LABS.items():
        floor = bare(lab)
        row = [words, 1000 * floor["cells"], int(floor["pictures"]), 1000 * floor["cpu"]]
        if not options.alone:
            spent = 1000 * ours(lab, options.submissions, options.rounds)
            row += [spent, spent / row[-1]]
        rows.append(row)
    head = ["", "its cells, wall", "pictures", "floor, processor", "gradekit grade, processor", "ratio"]
    table(f"Milliseconds a submission (the floor: median of {TURNS} forks)", head[: len(rows[0])], rows)


if __name__ == "__main__":
    main(sys.argv[1:])
