"""Grading lab 02 here, sandboxed and judged outside, against stock `nbgrader autograde` without a sandbox.

Both grade the same submissions, as whole commands, start-up included, in turn.
"""

import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import Spent, median, run, table
from gradekit.course import ROOT
from gradekit.lab_library import library_for

LAB = "02_losses"
SUBMISSIONS = 6
ROUNDS = 3
NBGRADER = Path(sys.executable).parent / "nbgrader"
STOCK = """c = get_config()
c.CourseDirectory.course_id = "nets"
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE"}
"""


def course(folder: Path, config: str, env: dict) -> Path:
    """A course with a class that handed in the model solution."""
    (folder / "source").mkdir(parents=True)
    shutil.copytree(ROOT / "source" / LAB, folder / "source" / LAB)
    (folder / "nbgrader_config.py").write_text(config)
    run([NBGRADER, "generate_assignment", LAB], folder, env)
    for number in range(SUBMISSIONS):
        target = folder / "submitted" / f"student{number:02d}" / LAB
        target.mkdir(parents=True)
        shutil.copy(ROOT / "source" / LAB / f"{LAB}.ipynb", target)
    return folder


def main() -> None:
    environment = dict(os.environ, PATH=f"{NBGRADER.parent}{os.pathsep}{os.environ['PATH']}")
    stock_env = dict(environment, PYTHONPATH=str(library_for(LAB)), MPLBACKEND="agg")
    with tempfile.TemporaryDirectory() as name:
        ours = course(Path(name) / "ours", (ROOT / "nbgrader_config.py").read_text(), environment)
        stock = course(Path(name) / "stock", STOCK, stock_env)
        spent: dict[str, list[Spent]] = {"ours": [], "stock": []}
        for _ in range(ROUNDS):
            spent["ours"].append(run([NBGRADER, "autograde", LAB, "--force"], ours, environment))
            spent["stock"].append(run([NBGRADER, "autograde", LAB, "--force"], stock, stock_env))
    rows = []
    for label, key in (("this course: sandbox, judge outside", "ours"), ("stock nbgrader, no sandbox", "stock")):
        each = median(spent[key])
        rows.append([label, each.wall / SUBMISSIONS, each.cpu / SUBMISSIONS])
    rows.append(["ratio, ours / stock", rows[0][1] / rows[1][1], rows[0][2] / rows[1][2]])
    table(
        f"nbgrader autograde {LAB}: seconds a submission ({SUBMISSIONS} submissions, median of {ROUNDS} rounds, "
        f"nbgrader {version('nbgrader')})",
        ["", "wall", "processor"],
        rows,
    )


if __name__ == "__main__":
    main()
