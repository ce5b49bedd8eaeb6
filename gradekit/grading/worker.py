"""One submission from its bytes to its marks: read, repair, run, judge. There is no database here, and no secret."""

import json
import logging
import time
from contextlib import suppress
from functools import lru_cache

import gradekit.quick  # noqa: F401  # isort: skip
import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from gradekit.execute import SandboxedExecute
from gradekit.grading.job import Failed, Graded, Job, Marks, Preparation
from gradekit.grading.stamp import code_digest
from gradekit.reading import Unreadable, notebook_of, parse
from gradekit.repair import repair
from gradekit.sandbox.cage import MachineFault
from gradekit.verdicts import mistakes_in

log = logging.getLogger(__name__)


def attempt(job: Job) -> Graded | Failed:
    """Grade; whatever goes wrong is the machine's fault or ours, and comes back as Failed."""
    try:
        return grade(job)
    except MachineFault as fault:
        return Failed(job.student, str(fault))
    except Exception as error:  # no submission may end the run of the class
        log.exception("Grading %s failed.", job.student)
        return Failed(job.student, f"{type(error).__name__}: {error}")


def prepare(what: Preparation) -> None:
    """Start the warm parent, if there is to be one; the first job says what is wrong with it."""
    for step in steps(what.steps, what.settings, what.course):
        if isinstance(step, SandboxedExecute):
            with suppress(MachineFault):
                step.warm_up(what.name)


def grade(job: Job) -> Graded:
    if job.lab.code != code_digest():
        raise MachineFault("This worker has another version of the course than the runner. Install the same on both.")
    started = time.monotonic()
    notebook, about = read(job)
    repair(notebook, list(job.lab.truth), about)
    if job.lab.kernelspec:
        notebook.metadata["kernelspec"] = job.lab.kernelspec
    who = {"student": job.student, "assignment": job.lab.name, "notebook": job.lab.name}
    own = {"seed": job.seed, "files": job.files}
    resources = {"nbgrader": who, "metadata": {"name": job.lab.name}, "gradekit": own}
    for step in steps(job.lab.steps, job.lab.settings, job.lab.course):
        notebook, resources = step.preprocess(notebook, resources)
    seconds = round(time.monotonic() - started, 3)
    notebook.metadata["gradekit"] = {**notebook.metadata.get("gradekit", {}), "stamp": job.stamp, "seconds": seconds}
    nbformat.validate(notebook)
    return Graded(job.student, nbformat.v4.writes(notebook) + "\n", marks(notebook))


def read(job: Job) -> tuple[NotebookNode, dict]:
    if "unreadable" in job.about:
        return notebook_of([]), job.about
    try:
        return parse(job.notebook, job.about.get("renamed", f"{job.lab.name}.ipynb")), job.about
    except Unreadable as reason:
        return notebook_of([]), job.about | {"unreadable": str(reason)}


@lru_cache(maxsize=1)
def steps(names: tuple[str, ...], settings: str, course: str) -> list:
    """The preprocessors between sanitising and saving, as nbgrader_config.py sets them."""
    config = Config(json.loads(settings))
    config.SandboxedExecute.course_root = course
    made = [import_item(name)(config=config) for name in names]
    return [each for each in made if each.enabled]


def marks(notebook: NotebookNode) -> Marks:
    """What nbgrader's SaveAutoGrades would write into the gradebook."""
    cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader")]
    scores = {cell.metadata.nbgrader.grade_id: determine_grade(cell, log)[0] for cell in cells if is_grade(cell)}
    unanswered = frozenset(
        cell.metadata.nbgrader.grade_id
        for cell in cells
        if is_solution(cell) and not is_task(cell) and cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
    )
    return Marks(scores, unanswered, tuple(mistakes_in(notebook)))
