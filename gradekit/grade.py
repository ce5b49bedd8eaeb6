"""`gradekit grade`: grade a lab's submissions and report."""

import os
import shutil
import tempfile
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import MissingEntry
from tqdm import tqdm

from gradekit.course import lab as find_lab
from gradekit.folder import CONFIG, CourseFolder, Trouble, trouble
from gradekit.grading.folders import Folders, autograded_folders
from gradekit.grading.patience import AT_THE_START, patiently
from gradekit.grading.pool import Pool, processors
from gradekit.grading.run import Outcome, Run, preparation
from gradekit.personal import OTHER_ID
from gradekit.sandbox.probe import probe
from gradekit.seeds import course_secret
from gradekit.slips import slips_in

ID = "student_id"  # the check that compares the id in a notebook with nbgrader's
ROOM = 200_000_000  # bytes that grading a class may need at least


@dataclass
class Result:
    """What became of one submission."""

    student: str
    state: str  # "graded", "kept" (graded before, unchanged) or "ungraded"
    reason: str = ""
    score: float = 0.0
    most: float = 0.0
    by_hand: list[str] = field(default_factory=list)
    mistakes: list[tuple[str, str, str]] = field(default_factory=list)  # function, mistake's name, message


def grade(
    course: CourseFolder,
    lab: str,
    students: Iterable[str] = (),
    *,
    sandbox: bool = True,
    force: bool = False,
    lost: str | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    say: Callable[[str], None] = print,
) -> list[Result]:
    """Grade these students' submissions (default: all), and say what becomes of each.

    lost: only those who lost points at this cell. force: also what was graded before with the same source, checks and
    seeds. workers: processes, by default one for each processor. scheduler: the address of a Dask cluster to use
    instead. Raises Trouble before anything is written.
    """
    find_lab(lab)
    _refuse_unsafe(course, sandbox)
    students = _chosen(course, lab, list(students), lost)
    _refuse_unwritable(course)
    results: dict[str, Result] = {}
    with _executor(course, lab, scheduler, min(workers or processors(), len(students))) as executor:
        _refuse_slips(course, lab)
        patiently(lambda: course.enter(lab), AT_THE_START)
        bar = tqdm(total=len(students), unit=" submissions", disable=None, smoothing=0.1)  # None: only on a terminal
        with bar, autograded_folders(course, lab) as folders, closing(_run(course, lab, folders)) as run:
            try:
                for outcome in run.grade(students, executor, force or lost is not None):
                    result = results[outcome.student] = _result(outcome, run.recorder.most)
                    with bar.external_write_mode():
                        say(f"[{len(results)}/{len(students)}] {line(result)}")
                    bar.update()
            except KeyboardInterrupt:
                raise KeyboardInterrupt(_how_far(results, students)) from None
            except Trouble as error:
                raise type(error)(f"{error} {_how_far(results, students)}") from error
    return [results[student] for student in students]


def _how_far(results: dict[str, Result], students: list[str]) -> str:
    done = sum(each.state != "ungraded" for each in results.values())
    return f"{done} of {len(students)} are graded; the same command goes on from there."


def _executor(course: CourseFolder, lab: str, scheduler: str | None, workers: int):
    if scheduler is None:
        return Pool(workers, preparation(course, lab))
    try:
        from gradekit.grading.cluster import Cluster
    except ImportError as error:
        raise Trouble(f"--scheduler needs Dask ({error}). Install it: pip install distributed") from error
    return Cluster(scheduler)


def _run(course: CourseFolder, lab: str, folders: Folders) -> Run:
    return patiently(lambda: Run(course, lab, folders), AT_THE_START)


def _result(outcome: Outcome, most: float) -> Result:
    if outcome.reason:
        return Result(outcome.student, "ungraded", outcome.reason)
    return Result(
        outcome.student,
        "kept" if outcome.kept else "graded",
        score=sum(row.score for row in outcome.rows),
        most=most,
        by_hand=sorted(row.name for row in outcome.rows if row.waits),
        mistakes=list(outcome.mistakes),
    )


def submitted(course: CourseFolder, lab: str) -> list[str]:
    """The students who handed in this lab, by folder."""
    folders = course.path("submitted", "", "x").parent
    return sorted(path.name for path in folders.glob("*") if (path / lab).is_dir())


def line(result: Result) -> str:
    if result.state == "ungraded":
        return f"{result.student}: NOT GRADED. {result.reason}"
    kept = "; graded before, unchanged" if result.state == "kept" else ""
    return f"{result.student}: {result.score:g} of {result.most:g}{kept}"


def report(lab: str, results: list[Result]) -> str:
    """The class in three short tables: scores, commonest mistakes, what is left to do."""
    parts = [_scores(lab, results)]
    counted = Counter((function, name) for each in results for function, name, _ in each.mistakes
                      if not name.startswith(OTHER_ID))  # fmt: skip
    messages = {(function, name): message for each in results for function, name, message in each.mistakes}
    if counted:
        parts.append("\n".join(["Commonest mistakes", *_mistake_lines(counted, messages)]))
    cells = sorted({cell for each in results for cell in each.by_hand})
    if cells:
        parts.append("\n".join(["To be graded by hand, in Formgrader", *(_waiting(cell, results) for cell in cells)]))
    strange = [f"  {each.student}: {message}" for each in results for name, _, message in each.mistakes if name == ID]
    if strange:
        parts.append("\n".join(["Ids that do not fit", *strange]))
    ungraded = [f"  {each.student}: {each.reason}" for each in results if each.state == "ungraded"]
    if ungraded:
        parts.append("\n".join(["Not graded", *ungraded]))
    return "\n\n".join(parts)


def _scores(lab: str, results: list[Result]) -> str:
    width = max(len("student"), *(len(each.student) for each in results))
    rows = [f"  {'student':<{width}}  score"]
    for each in results:
        score = "not graded" if each.state == "ungraded" else f"{each.score:5g} of {each.most:g}"
        rows.append(f"  {each.student:<{width}}  {score}")
    return "\n".join([f"{lab}: {len(results)} submission{'s' if len(results) != 1 else ''}", *rows])


def _waiting(cell: str, results: list[Result]) -> str:
    names = ", ".join(each.student for each in results if cell in each.by_hand)
    return textwrap.fill(f"{cell}: {names}", 100, initial_indent="  ", subsequent_indent="    ")


def _mistake_lines(counted: Counter, messages: dict, most: int = 10) -> list[str]:
    lines = []
    for (function, name), count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:most]:
        lines.append(f"  {count} x  {function}: {name}")
        lines.append(f"        {messages[function, name]}")
    return lines


def _chosen(course: CourseFolder, lab: str, students: list[str], lost: str | None) -> list[str]:
    there = submitted(course, lab)
    folder = course.path("submitted", lab, "STUDENT")
    if not there:
        raise Trouble(f"Nobody has handed in {lab}: there is no {folder}. Collect first: docs/term.md.")
    absent = [student for student in students if student not in there]
    if absent:
        raise Trouble(f"{absent[0]} has not handed in {lab}: there is no {course.path('submitted', lab, absent[0])}.")
    chosen = students or there
    return patiently(lambda: _who_lost(course, lab, lost, chosen), AT_THE_START) if lost else chosen


def _who_lost(course: CourseFolder, lab: str, cell: str, students: list[str]) -> list[str]:
    with course.gradebook() as gradebook:
        try:
            gradebook.find_grade_cell(cell, lab, lab)
            rows = [(student, gradebook.find_grade(cell, lab, lab, student)) for student in students]
        except MissingEntry as error:
            raise Trouble(f"The gradebook can't tell who lost points at {cell}: {error}.") from error
        touched = [student for student, row in rows if (row.auto_score or 0) < row.max_score]
    if not touched:
        raise Trouble(f"Nobody lost points at {cell}: there is nothing to grade again.")
    return touched


def is_safe(course: CourseFolder) -> bool:
    """Whether the configuration puts the sandbox and the judge into nbgrader's steps."""
    steps = course.app.config.get("Autograde", {}).get("autograde_preprocessors", [])
    return {"gradekit.execute.SandboxedExecute", "gradekit.verdicts.Verdicts"} <= set(steps)


def _refuse_unsafe(course: CourseFolder, sandbox: bool) -> None:
    if not is_safe(course):
        raise Trouble(f"Nothing was graded: {course.root / CONFIG} does not call gradekit.config.configure(c).")
    course_secret()
    if not sandbox:
        course.app.config.SandboxedExecute.sandbox = False
    wanted = course.app.config.get("SandboxedExecute", {}).get("sandbox", True)
    if wanted and not probe():
        raise Trouble(f"Nothing was graded: student code would run without a sandbox. {probe().reason} "
                      "If you trust every submission: gradekit grade --no-sandbox")  # fmt: skip


def _refuse_unwritable(course: CourseFolder) -> None:
    for folder in (course.root, course.path("autograded", "", "x").parent):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as trial:
                trial.write(b"0" * 100_000)
        except OSError as error:
            why = trouble(f"{folder} can't be written ({os.strerror(error.errno)}).")
            raise Trouble(f"Nothing was graded: {why}") from error
        free = shutil.disk_usage(folder).free
        if free < ROOM:
            raise Trouble(f"Nothing was graded: {folder} has {free / 1e6:.0f} MB left, {ROOM / 1e6:.0f} MB are needed. "
                          "Make room and run this again.")  # fmt: skip


def _refuse_slips(course: CourseFolder, lab: str) -> None:
    slips = slips_in(course.source(lab))
    if slips:
        raise Trouble("\n".join(["Nothing was graded. Mend this in source/ first:", *(f"{lab}: {s}" for s in slips)]))


def where(course: CourseFolder, lab: str) -> Path:
    """The folder pattern that autograded notebooks stand in."""
    return course.path("autograded", lab, "*")
