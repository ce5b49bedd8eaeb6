"""`gradekit doctor`: what is missing or broken, and what to do about it."""

import contextlib
import importlib.metadata
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gradekit import seeds
from gradekit.course import ROOT
from gradekit.folder import CONFIG, CourseFolder, Trouble
from gradekit.grade import ROOM, is_safe
from gradekit.lab import exchange_is_set_up, student_python
from gradekit.sandbox.engines import warm_probe
from gradekit.sandbox.probe import probe

OLDEST_PYTHON = (3, 11)
ASK = """import importlib.metadata as m, json, sys
print(json.dumps({d.metadata["Name"].lower(): d.version for d in m.distributions()}))"""


@dataclass(frozen=True)
class Finding:
    """One thing looked at. advice: what to do when it is not fine."""

    about: str
    fine: bool
    seen: str
    advice: str = ""

    def __str__(self) -> str:
        return (
            f"{'ok  ' if self.fine else 'BAD '} {self.about}: {self.seen}{' ' + self.advice if not self.fine else ''}"
        )


def examine(folder: Path) -> list[Finding]:
    findings = [*_python(), *_packages(), *_student_environment(), _sandbox(), *_warm_kernels(), _secret()]
    try:
        course = CourseFolder(folder)
    except Trouble as error:
        return [*findings, Finding("course folder", False, str(error))]
    return [*findings, _configuration(course), _database(course), _disk(course), _exchange(course)]


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, OLDEST_PYTHON))
    yield Finding("Python", sys.version_info >= OLDEST_PYTHON, version,
                  f"{wanted} or newer is needed: make clean, then make setup PYTHON=python{wanted}.")  # fmt: skip


def _packages() -> Iterator[Finding]:
    wrong = list(
        unmet([line for line in importlib.metadata.requires("deep-nets-course") or []], importlib.metadata.version)
    )
    yield Finding("grader's environment", not wrong, ", ".join(wrong) or "all packages are there", "Run: make setup.")


def _student_environment() -> Iterator[Finding]:
    try:
        python = student_python()
        there = json.loads(subprocess.run([python, "-c", ASK], capture_output=True, text=True, check=True).stdout)
    except (Trouble, OSError, subprocess.CalledProcessError, ValueError) as error:
        yield Finding("student's environment", False, str(error).splitlines()[0], "Run: make setup.")
        return

    def version(name: str) -> str:
        if name.lower() not in there:
            raise importlib.metadata.PackageNotFoundError(name)
        return there[name.lower()]

    lines = (ROOT / "requirements-student.in").read_text().splitlines()
    wrong = list(unmet([line for line in lines if line and not line.startswith("#")], version))
    yield Finding("student's environment", not wrong, ", ".join(wrong) or "all packages are there",
                  f"Delete {python.parent.parent} and run: make setup.")  # fmt: skip
    forbidden = sorted({"scipy", "torch", "scikit-learn", "deep-nets-course"} & there.keys())
    yield Finding("what students must not import", not forbidden, ", ".join(forbidden) or "none of it is there",
                  "It does the exercises for them. Remove it with pip uninstall.")  # fmt: skip
    kernel = python.parent.parent / "share" / "jupyter" / "kernels" / "python3" / "kernel.json"
    yield Finding("kernel python3", kernel.is_file(), str(kernel) if kernel.is_file() else f"{kernel} is missing.",
                  f"Run: {python} -m pip install --force-reinstall ipykernel.")  # fmt: skip


def unmet(requirements: list[str], version: Callable[[str], str]) -> Iterator[str]:
    """The requirements that are not met, each in a few words."""
    for line in requirements:
        wanted = Requirement(line)
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(wanted.name)
        except importlib.metadata.PackageNotFoundError:
            yield f"{wanted.name} is missing"
        else:
            if not wanted.specifier.contains(found, prereleases=True):
                yield f"{wanted.name} is {found}, expected {wanted.specifier}"


def _sandbox() -> Finding:
    return Finding("sandbox", bool(probe()), probe().reason,
                   "Until then `gradekit grade` refuses without --no-sandbox.")  # fmt: skip


def _warm_kernels() -> Iterator[Finding]:
    """Without them grading is slower, not wrong."""
    with contextlib.suppress(Trouble):
        if probe():
            found = warm_probe(student_python())
            cold = f"none here, each submission gets a cold one, several times slower. {found.reason}"
            yield Finding("warm kernels", True, found.reason if found else cold)


def _secret() -> Finding:
    path = seeds.secret_path()
    if not path.exists():
        return Finding("course secret", True, f"none yet; the first grading makes {path}")
    try:
        seeds.course_secret()
    except seeds.NoSecret as error:
        return Finding("course secret", False, str(error))
    open_to_others = os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077
    if open_to_others:
        return Finding("course secret", False, f"others can read {path}.", f"Run: chmod 600 {path}")
    return Finding("course secret", True, str(path))


def _configuration(course: CourseFolder) -> Finding:
    safe = is_safe(course)
    seen = "grades in the sandbox, by the judge" if safe else "it grades without sandbox and judge."
    return Finding(CONFIG, safe, seen, "Call gradekit.config.configure(c) in it.")


def _database(course: CourseFolder) -> Finding:
    url = course.directory().db_url
    shown = url.split("@")[-1]  # no password on the screen
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return Finding("gradebook", True, f"none yet; grading makes {shown}")
    try:
        with course.gradebook() as gradebook:
            gradebook.db.execute(text("UPDATE student SET id = id WHERE 1 = 0"))  # asks for the right to write
    except (SQLAlchemyError, RuntimeError, OSError) as error:
        return Finding("gradebook", False, f"{shown}: {str(error).splitlines()[0]}",
                       "May you write it? Is it of an older nbgrader? Then: nbgrader db upgrade.")  # fmt: skip
    return Finding("gradebook", True, f"{shown} can be written")


def _disk(course: CourseFolder) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=course.root):
            pass
    except OSError as error:
        return Finding("disk", False, f"{course.root} can't be written ({error.strerror}).", "Whose folder is it?")
    free = shutil.disk_usage(course.root).free
    return Finding("disk", free >= ROOM, f"{free / 1e9:.1f} GB free in {course.root}", "Make room.")


def _exchange(course: CourseFolder) -> Finding:
    if exchange_is_set_up(course):
        return Finding("exchange", True, "it is set up")
    return Finding("exchange", True, "none; collect with nbgrader zip_collect (docs/term.md)")
