"""autograded/: a folder is built aside and put into its place whole, so that a kill leaves the old one or the new."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from gradekit.autograde import SafeAutograde
from gradekit.folder import CourseFolder, Trouble

ASIDE = ".gradekit"


class Folders:
    """The autograded folders of one lab. Make one with `autograded_folders`, which keeps other runs out."""

    def __init__(self, course: CourseFolder, lab: str, aside: Path):
        self.course, self.lab, self.aside = course, lab, aside
        directory = course.directory(lab)
        directory.autograded_directory = str(aside / "new")
        self._converter = SafeAutograde(coursedir=directory, parent=course.app)

    def notebook(self, student: str) -> Path:
        return self.course.path("autograded", self.lab, student) / f"{self.lab}.ipynb"

    def prepare(self, student: str) -> Path:
        """A folder with what stands beside the notebook: the student's files and upon them the source's."""
        built = self._aside(student)
        shutil.rmtree(built, ignore_errors=True)
        built.mkdir(parents=True)
        self._converter.copy_files(self.lab, student)
        return built

    def put(self, student: str) -> None:
        """The folder, prepared and with its notebook, into its place."""
        place = self.course.path("autograded", self.lab, student)
        place.parent.mkdir(parents=True, exist_ok=True)
        old = self.aside / "old"
        shutil.rmtree(old, ignore_errors=True)
        if place.exists():
            place.rename(old)
        self._aside(student).rename(place)
        shutil.rmtree(old, ignore_errors=True)

    def write(self, student: str, notebook: str) -> None:
        (self._aside(student) / f"{self.lab}.ipynb").write_text(notebook, encoding="utf-8")
        self._converter.set_permissions(self.lab, student)

    def _aside(self, student: str) -> Path:
        return Path(os.path.normpath(self._converter._format_dest(self.lab, student)))


@contextlib.contextmanager
def autograded_folders(course: CourseFolder, lab: str) -> Iterator[Folders]:
    """Raises Trouble while another run grades in this course."""
    aside = course.path("autograded", "", "x").parent / ASIDE
    aside.mkdir(parents=True, exist_ok=True)
    with (aside / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(f"Another run is grading in {course.root}: wait until it has ended.") from None
        for left in ("new", "old"):
            shutil.rmtree(aside / left, ignore_errors=True)
        try:
            yield Folders(course, lab, aside)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
