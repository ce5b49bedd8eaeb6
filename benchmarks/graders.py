"""The graders that the benchmark of classes compares: each makes a course folder, grades it, and tells the scores."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from benchmarks import light_lab
from benchmarks.measure import Spent, run
from benchmarks.submissions import hand_in
from gradekit.course import ROOT
from gradekit.course import lab as find_lab
from gradekit.seeds import SECRET_FILE

BIN = Path(sys.executable).parent
OTTER = ROOT / ".otter" / "bin"
STOCK_CONFIG = """c = get_config()
c.CourseDirectory.course_id = "nets"
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE"}
"""


@dataclass(frozen=True)
class Grader:
    """prepare(folder, lab, size) makes a course, commands(folder, lab) grade all of it.

    shares(folder, lab): how much of the points that a machine gives each student has.
    """

    label: str
    prepare: Callable[[Path, str, int], None]
    commands: Callable[[Path, str], list[list]]
    shares: Callable[[Path, str], dict[str, float]]

    def grade(self, folder: Path, lab: str) -> Spent:
        """Grade a class that was prepared, as whole commands, one after the other."""
        spent = [run(command, folder, environment(folder)) for command in self.commands(folder, lab)]
        return Spent(sum(each.wall for each in spent), sum(each.cpu for each in spent))


def environment(folder: Path) -> dict[str, str]:
    """That of the shell, with our programs first and a course secret of its own."""
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", SECRET_FILE: str(folder / "secret")}


def our_course(folder: Path, lab: str, size: int) -> None:
    nbgrader_course(folder, lab, size, (ROOT / "nbgrader_config.py").read_text(), "ours")


def stock_course(folder: Path, lab: str, size: int) -> None:
    nbgrader_course(folder, lab, size, STOCK_CONFIG, "stock")


def nbgrader_course(folder: Path, lab: str, size: int, config: str, dialect: str) -> None:
    """A course with one lab, released, and handed in by everybody."""
    source = folder / "source" / lab
    source.mkdir(parents=True)
    nbformat.write(source_of(lab, dialect), source / f"{lab}.ipynb")
    (folder / "nbgrader_config.py").write_text(config)
    run([BIN / "nbgrader", "generate_assignment", lab], folder, environment(folder))
    hand_in(folder, lab, size)


def source_of(lab: str, dialect: str) -> NotebookNode:
    """The light lab, or one of the course's by its name."""
    return light_lab.source(dialect) if lab == light_lab.LAB else nbformat.read(find_lab(lab).source(), as_version=4)


def otter_course(folder: Path, lab: str, size: int) -> None:
    """The stock course's submissions, handed in to otter, with the same asserts in its test files."""
    if not OTTER.exists():
        raise SystemExit(
            "otter is not installed. Run `make .otter/.ready`, or leave it out: --peers stock,ours,nbgrader"
        )
    stock_course(folder, lab, size)
    (folder / "tests").mkdir()
    for name in light_lab.WHERE:
        (folder / "tests" / f"{name}.py").write_text(light_lab.otter_test(name))
    run([OTTER / "otter", "generate", "-t", "tests", "-o", "autograder.zip"], folder, environment(folder))
    for path in folder.glob("submitted/*/*/*.ipynb"):
        nbformat.write(light_lab.as_otter_has_it(nbformat.read(path, as_version=4)), path)
        (folder / "results" / path.parts[-3]).mkdir(parents=True)


def otter_runs(folder: Path, lab: str) -> list[list]:
    """One command for each submission: so otter grades where there is no Docker."""
    command = [OTTER / "otter", "run", "--no-logo", "-a", "autograder.zip"]
    there = sorted(path.name for path in (folder / "submitted").iterdir())
    return [[*command, "-o", f"results/{name}", f"submitted/{name}/{lab}/{lab}.ipynb"] for name in there]


def press_the_button(folder: Path, lab: str) -> list[list]:
    return [[sys.executable, ROOT / "benchmarks" / "button.py", lab]]


def gradebook_shares(folder: Path, lab: str) -> dict[str, float]:
    with Gradebook(f"sqlite:///{folder}/gradebook.db", "nets") as gradebook:
        shares = {}
        for submission in gradebook.find_assignment(lab).submissions:
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            judged = [grade for grade in grades if grade.cell.cell_type == "code"]
            earned, most = sum(each.auto_score for each in judged), sum(each.max_score for each in judged)
            shares[submission.student.id] = earned / most
    return shares


def otter_shares(folder: Path, lab: str) -> dict[str, float]:
    shares = {}
    for path in folder.glob("results/*/results.json"):
        tests = [each for each in json.loads(path.read_text())["tests"] if "max_score" in each]
        shares[path.parent.name] = sum(each["score"] for each in tests) / sum(each["max_score"] for each in tests)
    return shares


def otter_version() -> str:
    done = subprocess.run([OTTER / "pip", "list", "--format=json"], capture_output=True, text=True, check=True)
    return next(each["version"] for each in json.loads(done.stdout) if each["name"] == "otter-grader")


GRADERS = {
    "stock": Grader(
        "stock `nbgrader autograde`",
        stock_course,
        lambda folder, lab: [[BIN / "nbgrader", "autograde", lab]],
        gradebook_shares,
    ),
    "ours": Grader(
        "`gradekit grade`",
        our_course,
        lambda folder, lab: [[BIN / "gradekit", "grade", lab]],
        gradebook_shares,
    ),
    "nbgrader": Grader(
        "`nbgrader autograde` of this course",
        our_course,
        lambda folder, lab: [[BIN / "nbgrader", "autograde", lab]],
        gradebook_shares,
    ),
    "stock-button": Grader(
        "stock Formgrader, its button",
        stock_course,
        press_the_button,
        gradebook_shares,
    ),
    "button": Grader(
        "Formgrader of this course, its button",
        our_course,
        press_the_button,
        gradebook_shares,
    ),
    "otter": Grader("`otter run`", otter_course, otter_runs, otter_shares),
}


def versions() -> str:
    installed = f", otter-grader {otter_version()}" if OTTER.exists() else ""
    return f"nbgrader {version('nbgrader')}{installed}"
