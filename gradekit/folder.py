"""A course folder as nbgrader sees it: its configuration, its gradebook, its converters, run one step at a time.

nbgrader answers a failure with a traceback in its log; here a failure is one line.
"""

import contextlib
import logging
import os
import re
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import text
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from gradekit.feedback import FeedbackPages

CONFIG = "nbgrader_config.py"
DATABASE_ERROR = re.compile(r"^sqlalchemy\.exc\.\w+: .*", re.M)  # more lines follow it, the last an address


class Trouble(Exception):
    """What a command can't do, and what to do about it, in one line."""


class DiskFull(Trouble):
    """There is no room left to write."""


class Unanswered(Trouble):
    """The gradebook is locked, or its database does not answer."""


class Quiet(NbGrader):
    """nbgrader's application: its configuration is read, its log is kept and not printed."""

    name = "nbgrader"
    raise_config_file_errors = True


class Build(GenerateAssignment):
    """nbgrader's own builder of the student copy, without the hook that completes release/."""

    def run_post_convert_hook(self) -> None:
        pass


class Kept(logging.Handler):
    """The log of one step."""

    def __init__(self):
        super().__init__(logging.INFO)
        self.records: list[tuple[int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append((record.levelno, record.getMessage()))

    def reason(self) -> str:
        """What went wrong: the last line of the first traceback, else the first error."""
        errors = [text.strip() for level, text in self.records if level >= logging.ERROR and text.strip()]
        traceback = next((text for text in errors if text.startswith("Traceback")), None)
        if traceback:
            return re.sub(r"^[\w.]+: ", "", (DATABASE_ERROR.findall(traceback) or traceback.splitlines())[-1])
        return errors[0].splitlines()[0] if errors else "nbgrader gave no reason"


class CourseFolder:
    def __init__(self, root: Path):
        self.root = root.resolve()
        if not (self.root / CONFIG).is_file():
            raise Trouble(f"{self.root} is no course folder: it has no {CONFIG}. Go there, or give --course.")
        self.kept = Kept()
        self.app = self._configured()
        self.app.log.handlers = [self.kept]
        self.app.log.propagate = False
        self.app.log.setLevel(logging.INFO)

    def _configured(self) -> Quiet:
        app = Quiet()
        app.log.handlers = []
        try:
            with contextlib.chdir(self.root):
                app.initialize([], root=str(self.root))
        except Exception as error:  # the file is Python: anything can be wrong with it
            raise Trouble(f"{self.root / CONFIG} does not run: {type(error).__name__}: {error}") from error
        return app

    def directory(self, lab: str = "", student: str = "*") -> CourseDirectory:
        return CourseDirectory(parent=self.app, root=str(self.root), assignment_id=lab, student_id=student)

    def path(self, step: str, lab: str, student: str = ".") -> Path:
        """Where nbgrader keeps a step (source, release, submitted, autograded, feedback) of a lab."""
        course = self.directory()
        return Path(os.path.normpath(course.format_path(getattr(course, f"{step}_directory"), student, lab)))

    def source(self, lab: str) -> Path:
        return self.path("source", lab) / f"{lab}.ipynb"

    def gradebook(self) -> Gradebook:
        course = self.directory()
        return Gradebook(course.db_url, course.course_id)

    def generate(self, lab: str, release: Path, database: bool = False) -> None:
        """The student copy into release/lab; the gradebook learns of the lab only when asked to."""
        course = self.directory(lab)
        course.release_directory = str(release)
        converter = Build(coursedir=course, parent=self.app, no_database=not database, force=True)
        converter.update_config(Config({"SaveCells": {"enabled": database}}))
        self._run(converter)

    def enter(self, lab: str) -> None:
        """Tell the gradebook what source/ says: cells and points. release/ stays as it is."""
        with tempfile.TemporaryDirectory(prefix="gradekit-") as folder:
            self.generate(lab, Path(folder), database=True)
        with self.gradebook() as gradebook:
            add_indexes(gradebook)

    def feedback(self, lab: str, student: str = "*") -> None:
        self._run(FeedbackPages(coursedir=self.directory(lab, student), parent=self.app, force=True))

    def _run(self, converter) -> None:
        self.kept.records.clear()
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", category=SAWarning)  # SQLAlchemy's advice to nbgrader's authors
                converter.start()
        except NbGraderException as error:
            raise trouble(self.kept.reason()) from error


def add_indexes(gradebook: Gradebook) -> None:
    """nbgrader's tables have none for a notebook's grades: each of its own look-ups reads those of all students."""
    for table, column in (
        ("grade", "notebook_id"),
        ("comment", "notebook_id"),
        ("submitted_notebook", "assignment_id"),
        ("submitted_assignment", "student_id"),
    ):
        gradebook.db.execute(text(f"CREATE INDEX IF NOT EXISTS gradekit_{table}_{column} ON {table} ({column})"))
    gradebook.db.commit()


def trouble(why: str) -> Trouble:
    """A failure's reason as the operating system, SQLite or nbgrader gives it, in our words."""
    if "No space left on device" in why or "disk is full" in why:
        return DiskFull("the disk is full. Make room and run this again.")
    if "database is locked" in why:
        return Unanswered("another program keeps the gradebook locked. End it and run this again.")
    if found := re.match(r"\(psycopg\.\w+\) (.*)", why):
        return Unanswered(f"the gradebook's database does not answer ({found[1]}). Start it and run this again.")
    return Trouble(why)


@contextlib.contextmanager
def building(place: Path) -> Iterator[Path]:
    """A folder to build in, on the same file system as `place`; gone afterwards, whatever happens."""
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=place) as folder:
        yield Path(folder)
