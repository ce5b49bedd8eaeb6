"""nbgrader's Autograde, for which every submission counts: none is passed over, none keeps an old score.

Stock nbgrader skips a folder without a notebook, copies what links point to, gives up on a damaged timestamp,
and leaves the old scores in the gradebook wherever a resubmission fails.
"""

import contextlib
import fnmatch
import glob
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter
from nbgrader.utils import find_all_files

NOT_THEIRS = ("labkit", "dnnlib")  # came with the lab, and grading brings its own


class SafeAutograde(Autograde):
    def __init__(self, coursedir=None, **kwargs):
        super().__init__(coursedir=coursedir, **kwargs)
        self._read_timestamp = coursedir.get_existing_timestamp

    def start(self) -> None:
        with replaced(self.coursedir, "get_existing_timestamp", self.timestamp):
            super().start()

    def init_notebooks(self) -> None:
        """Every notebook of the lab for every folder handed in, also where its file is missing."""
        course = self.coursedir
        folders = glob.glob(self._format_source(course.assignment_id, course.student_id))
        names = [name for name in self._notebooks_of_lab() if fnmatch.fnmatch(name, course.notebook_id)]
        if not folders or not names:
            super().init_notebooks()  # says what is wrong
            return
        self.notebooks = []
        self.assignments = {folder: [os.path.join(folder, f"{name}.ipynb") for name in names] for folder in folders}

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        with self._leaving_out(assignment_id, student_id):
            super().init_assignment(assignment_id, student_id)
        self._forget_scores(assignment_id, student_id)

    def copy_files(self, assignment_id: str, student_id: str) -> None:
        """What stands beside the notebooks, as init_assignment copies it; the source's files lie upon the student's."""
        with self._leaving_out(assignment_id, student_id):
            BaseConverter.init_assignment(self, assignment_id, student_id)
        source = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", assignment_id))
        target = Path(self._format_dest(assignment_id, student_id))
        keep = {str(source / name) for name in self.exclude_overwriting.get(assignment_id, [])}
        for file in find_all_files(str(source), [*self.coursedir.ignore, "*.ipynb"]):
            if file not in keep:
                copy = target / Path(file).relative_to(source)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.unlink(missing_ok=True)
                shutil.copy(file, copy)

    @contextlib.contextmanager
    def _leaving_out(self, assignment_id: str, student_id: str) -> Iterator[None]:
        folder = Path(self._format_source(assignment_id, student_id))
        left_out = [*NOT_THEIRS, *odd_files(folder)]
        if self.timestamp(str(folder)) is None:
            left_out.append("timestamp.txt")
        with replaced(self.coursedir, "ignore", [*self.coursedir.ignore, *left_out]):
            yield

    def _notebooks_of_lab(self) -> list[str]:
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                return [notebook.name for notebook in gradebook.find_assignment(self.coursedir.assignment_id).notebooks]
            except MissingEntry:
                return []

    def _forget_scores(self, assignment_id: str, student_id: str) -> None:
        """What the last submission earned by machine is void before this one is run; a grader's scores stay."""
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            for path in self.notebooks:
                notebook = gradebook.find_submission_notebook(Path(path).stem, assignment_id, student_id)
                for grade in notebook.grades:
                    grade.auto_score = None
                    grade.needs_manual_grade = True
            gradebook.db.commit()

    def timestamp(self, folder: str) -> datetime | None:
        try:
            return self._read_timestamp(folder)
        except Exception as error:  # nbgrader raises whatever the file's damage leads to
            self.log.warning("The timestamp in %s can't be read (%s): it is graded as in time.", folder, error)
            return None


def odd_files(folder: Path) -> list[str]:
    """Names of links, pipes and devices in a submission: what they lead to is not the student's work."""
    paths = [Path(top, name) for top, dirs, files in os.walk(folder) for name in dirs + files]
    odd = {path.name for path in paths if path.is_symlink() or not (path.is_file() or path.is_dir())}
    return [glob.escape(name) for name in sorted(odd)]


@contextlib.contextmanager
def replaced(thing, attribute: str, value) -> Iterator[None]:
    """An attribute has another value for a while."""
    before = getattr(thing, attribute)
    setattr(thing, attribute, value)
    try:
        yield
    finally:
        setattr(thing, attribute, before)
