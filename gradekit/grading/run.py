"""A class through the workers and into the gradebook, so that a run can be stopped anywhere and taken up again."""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import nbformat
from nbgrader.api import MissingEntry

from gradekit.autograde import SafeAutograde
from gradekit.blueprint import order_in, true_cells
from gradekit.execute import SandboxedExecute
from gradekit.folder import CourseFolder, trouble
from gradekit.grading.folders import Folders
from gradekit.grading.job import Failed, Graded, Job, Lab, Marks, Preparation
from gradekit.grading.patience import WHILE_GRADING, Given, patiently
from gradekit.grading.record import Recorder, Row
from gradekit.grading.stamp import code_digest, contents, digest, environment_digest
from gradekit.grading.submission import Submission, read
from gradekit.grading.worker import marks
from gradekit.sandbox.files import pack
from gradekit.seeds import notebook_seed

SAVING = ("SaveAutoGrades", "AssignLatePenalties")  # what gradekit.grading.record does

log = logging.getLogger(__name__)


class Executor(Protocol):
    """Something with workers: gradekit.grading.pool.Pool, gradekit.grading.cluster.Cluster."""

    def run(self, jobs: Iterable[Job]) -> Iterator[Graded | Failed]: ...


@dataclass(frozen=True)
class Outcome:
    """What became of one submission. kept: it was graded before, with the same everything. reason: why it was not."""

    student: str
    rows: tuple[Row, ...] = ()
    mistakes: tuple[tuple[str, str, str], ...] = ()
    kept: bool = False
    reason: str = ""


class Run:
    """The grading of one lab, on behalf of the one writer."""

    def __init__(self, course: CourseFolder, lab: str, folders: Folders):
        self.course, self.folders = course, folders
        self.recorder = Recorder(course, lab)
        self._execute = SandboxedExecute(parent=course.app)
        self._submitted = SafeAutograde(coursedir=course.directory(lab), parent=course.app)
        self.lab = self._describe(lab)
        self.policy = self._policy()

    def close(self) -> None:
        self.recorder.close()

    def grade(self, students: Iterable[str], executor: Executor, force: bool = False) -> Iterator[Outcome]:
        """First those that were graded before, then the others as they get ready."""
        open_jobs = []
        known = {} if force else self._patiently(lambda: self.recorder.rows())
        for student in students:
            before = None if force else self._kept(student, known.get(student, []))
            if before:
                yield before
            else:
                open_jobs.append(student)
        for graded in executor.run(map(self._job, open_jobs)):
            yield self._settle(graded) if isinstance(graded, Graded) else Outcome(graded.student, reason=graded.reason)

    def _describe(self, lab: str) -> Lab:
        source = self.course.source(lab)
        with self.course.gradebook() as gradebook:
            truth = tuple(true_cells(gradebook, lab, lab, order_in(source)))
            kernelspec = json.loads(gradebook.find_notebook(lab, lab).kernelspec or "null")
        how = preparation(self.course, lab)
        return Lab(how.name, how.steps, how.settings, how.course, truth, kernelspec, code_digest())

    def _policy(self) -> str:
        """What all grades of this lab depend on; which kind of kernel ran the cells is not part of it."""
        folder = self.course.source(self.lab.name).parent
        settings = json.loads(self.lab.settings)
        settings.get("SandboxedExecute", {}).pop("engine", None)
        return digest(
            self.lab.code,
            environment_digest(self._execute.students_python()),
            [asdict(cell) for cell in self.lab.truth],
            [self.lab.kernelspec, self.lab.steps, settings],
            notebook_seed(self.lab.name, ""),
            *contents(sorted(path for path in folder.rglob("*") if path.is_file()), folder),
        )

    def _read(self, student: str) -> Submission:
        return read(self._folder(student), self.lab.name)

    def _folder(self, student: str) -> Path:
        return self.course.path("submitted", self.lab.name, student)

    def _stamp(self, student: str, submission: Submission) -> str:
        timestamp = self._submitted.timestamp(str(self._folder(student)))
        return digest(self.policy, student, submission.digest(), str(timestamp))

    def _job(self, student: str) -> Job:
        submission = self._read(student)
        packed = pack(self.folders.prepare(student), self._execute.scratch_limit // 2)
        if packed.left_out:
            log.warning("%s: no space in the working folder for %s", student, ", ".join(packed.left_out))
        return Job(
            self.lab,
            student,
            seed=notebook_seed(self.lab.name, student),
            stamp=self._stamp(student, submission),
            notebook=submission.notebook,
            files=packed.archive,
            about=submission.about,
        )

    def _kept(self, student: str, rows: list[Row]) -> Outcome | None:
        """What an earlier run left, if gradebook and folder agree that it was this grading, to its end."""
        try:
            notebook = nbformat.v4.reads(self.folders.notebook(student).read_text("utf-8"))
            stamp, earned = notebook.metadata.gradekit.stamp, marks(notebook)
        except (OSError, ValueError, AttributeError, KeyError):
            return None
        agree = {row.name: row.auto for row in rows} == dict.fromkeys(self.recorder.graded) | earned.scores
        if not agree or stamp != self._stamp(student, self._read(student)):
            return None
        return Outcome(student, tuple(rows), earned.mistakes, kept=True)

    def _settle(self, graded: Graded) -> Outcome:
        """Folder aside, gradebook, folder in its place: killed between any two, the next run finds them to differ."""
        try:
            self.folders.write(graded.student, graded.notebook)
            rows = self._record(graded.student, graded.marks)
            self.folders.put(graded.student)
        except OSError as error:
            raise trouble(str(error)) from error
        except MissingEntry as error:
            return Outcome(graded.student, reason=f"{error}.")
        return Outcome(graded.student, tuple(rows), graded.marks.mistakes)

    def _record(self, student: str, earned: Marks) -> list[Row]:
        timestamp = self._submitted.timestamp(str(self._folder(student)))
        return self._patiently(lambda: self.recorder.record(student, earned, timestamp))

    def _patiently(self, act: Callable[[], Given]) -> Given:
        return patiently(act, WHILE_GRADING, self._reconnect)

    def _reconnect(self) -> None:
        self.recorder.close()
        self.recorder = Recorder(self.course, self.lab.name)


def preparation(course: CourseFolder, lab: str) -> Preparation:
    """How this course runs and judges a lab: nbgrader's steps as configured, up to those that save."""
    steps = SafeAutograde(coursedir=course.directory(lab), parent=course.app).autograde_preprocessors
    names = [step if isinstance(step, str) else f"{step.__module__}.{step.__qualname__}" for step in steps]
    running = tuple(name for name in names if name.rpartition(".")[2] not in SAVING)
    return Preparation(lab, running, settings_of(course.app.config), str(course.root))


def settings_of(config) -> str:
    """The settings as JSON; what is no data, such as a function, concerns the runner alone."""
    sections = {}
    for name, section in config.items():
        sections[name] = {key: value for key, value in dict(section).items() if is_data(value)}
    return json.dumps(sections, sort_keys=True)


def is_data(value) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True
