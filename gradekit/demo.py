"""`gradekit demo`: a class of our own, graded from end to end in a folder of its own.

The instructor's gradebook is never touched: demo/ is a course folder with a configuration, a gradebook and a secret.
"""

import ast
import contextlib
import inspect
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from gradekit.answers import answers
from gradekit.bank import Mistake, mistakes_of
from gradekit.course import LABS
from gradekit.course import lab as find_lab
from gradekit.folder import CONFIG, CourseFolder, Trouble
from gradekit.grade import Result, grade, report, submitted
from gradekit.release import complete
from gradekit.sandbox.probe import probe
from gradekit.seeds import SECRET_FILE
from gradekit.slips import role
from labkit import cases
from labkit.drills.mock import question_of
from labkit.exercise import Exercise, PersonalAnswer

MARK = "# Made by `gradekit demo`, which makes this folder anew each time."
CONFIGURATION = f'''{MARK}
import os
from pathlib import Path

from gradekit.config import configure

c = get_config()  # noqa: F821
configure(c)
c.CourseDirectory.course_id = "demo"
os.environ["{SECRET_FILE}"] = str(Path(__file__).resolve().parent / "secret")
'''
ANOTHERS = 3  # the student who hands in the work of the one before, id and all: where numbers are personal
ANSWER = "It follows from the definition above: I wrote both sides out and compared the terms."


def demo(folder: Path, labs: Sequence[str] = (), size: int = 6, say: Callable[[str], None] = print) -> list[Result]:
    """Make the class, grade it, make its feedback, and say what came out. Returns the ungraded, if there are any.

    labs: by default all but the first, which explains how a lab works.
    """
    labs = [find_lab(lab).name for lab in labs] or [lab.name for lab in LABS[1:]]
    if not 1 <= size <= 12:
        raise Trouble(f"A class of {size} can't be made: --size takes 1 to 12.")
    results = []
    with secret_kept():
        course = make_course(folder, labs)
        say(f"A class of {size} hands in {', '.join(labs)}: see {folder / 'submitted'}.")
        sandbox = bool(probe())
        say("Grading in the sandbox." if sandbox else f"Grading without a sandbox. {probe().reason} "
            "This class is our own; never do so with students' work.")  # fmt: skip
        for lab in labs:
            make_class(course, lab, size)
            graded = grade(course, lab, sandbox=sandbox, say=say)
            course.feedback(lab)
            say(f"\n{report(lab, graded)}\n")
            results += graded
    say(f"Feedback pages: {folder.name}/feedback/STUDENT/LAB/LAB.html")
    jupyter = Path(sys.executable).with_name("jupyter")
    say(f"As an instructor sees it: cd {folder} && {jupyter} lab, then Nbgrader > Formgrader.")
    return [each for each in results if each.state == "ungraded"]


def make_course(folder: Path, labs: Sequence[str]) -> CourseFolder:
    """A fresh course folder with these labs. A folder that we did not make is left alone."""
    config = folder / CONFIG
    if folder.exists():
        if not (config.is_file() and config.read_text().startswith(MARK)):
            raise Trouble(f"{folder} is not the demo's: it was not made by `gradekit demo`. Move it away first.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    config.write_text(CONFIGURATION)
    course = CourseFolder(folder)
    for lab in labs:
        shutil.copytree(find_lab(lab).source().parent, folder / "source" / lab)
        course.generate(lab, course.path("release", ""))
        complete(lab, course.path("release", lab))
    return course


def make_class(course: CourseFolder, lab: str, size: int) -> list[str]:
    """Hand in for everybody: student01 is perfect, student02 unfinished, the others err, each in a way of their own."""
    stub = nbformat.read(course.path("release", lab) / f"{lab}.ipynb", as_version=4)
    solved = solutions(nbformat.read(course.source(lab), as_version=4))
    for number in range(size):
        if number == 1:
            filled = dict(list(solved.items())[: len(solved) // 2])
        else:
            filled = {**solved, **(errors(solved, number - 2) if number > 1 else {})}
        filled |= own_answers(solved, number)
        _hand_in(course, lab, _student(number), with_answers(stub, filled))
    return submitted(course, lab)


def solutions(source: NotebookNode) -> dict[str, str]:
    """What a perfect student writes, by grade_id: the solutions without their markers; prose in words of our own."""
    found = {}
    for cell in source.cells:
        if role(cell).get("solution"):
            code = re.sub(r"^[ \t]*### (BEGIN|END) SOLUTION[^\n]*\n?", "", cell.source, flags=re.M)
            found[role(cell)["grade_id"]] = code.rstrip() if cell.cell_type == "code" else ANSWER
    return found


def errors(solved: dict[str, str], number: int) -> dict[str, str]:
    """The wrong cells of one student: two functions, and every other time a number.

    The first mistake of the bank comes up more often than the others, as in a real class.
    """
    wrong = {}
    functions = [name for name in solved if isinstance(cases.find(name), Exercise) and usable(name, solved)]
    for turn in range(min(2, len(functions))):
        name = functions[(number + turn * 3) % len(functions)]
        known = usable(name, solved)
        wrong[name] = rewritten(known[0 if turn else number % len(known)])
    numbers = [name for name in solved if name in answers() and answers()[name].wrong]
    if numbers and number % 2:
        name = numbers[number % len(numbers)]
        wrong[name] = f"{name} = {next(iter(answers()[name].wrong))!r}"
    return wrong


def own_answers(solved: dict[str, str], number: int) -> dict[str, str]:
    """The id of one student and, for those who err, two typical wrong answers to questions with their own numbers."""
    if "student_id" not in solved:
        return {}
    author = _student(number - 1 if number == ANOTHERS else number)
    own = {"student_id": f"student_id = {author!r}"}
    asked = [name for name in solved if isinstance(cases.find(name), PersonalAnswer) and cases.find(name).family]
    for turn in range(2 if number > 1 else 0):
        name = asked[(number + turn * 3) % len(asked)]
        wrong = question_of(cases.find(name), author).wrong
        own[name] = f"{name} = {[float(each) for each in wrong[number % len(wrong)].numbers]}"
    return own


def usable(name: str, solved: dict[str, str]) -> list[Mistake]:
    """The mistakes whose text runs in the notebook: it needs NumPy and the notebook's own functions only."""
    return [each for each in mistakes_of(name) if _stands_alone(each.version, {"np", *solved})]


def rewritten(known: Mistake) -> str:
    """A mistake's source as a student would type it: no decorator, the exercise's name."""
    text = textwrap.dedent(inspect.getsource(known.version))
    function = ast.parse(text).body[0]
    lines = text.splitlines()[function.lineno - 1 :]
    lines[0] = re.sub(rf"\b{known.name}\b", known.function, lines[0], count=1)
    return "\n".join(lines)


def with_answers(stub: NotebookNode, filled: dict[str, str]) -> NotebookNode:
    notebook = nbformat.from_dict(stub)
    for cell in notebook.cells:
        name = role(cell).get("grade_id")
        if role(cell).get("solution") and name in filled:
            cell.source = filled[name]
    return notebook


def _student(number: int) -> str:
    return f"student{number + 1:02}"


def _stands_alone(version: Callable, known: set[str]) -> bool:
    """Whether it is a plain function that takes nothing from its module, or from a function around it, but these."""
    if not inspect.isfunction(inspect.unwrap(version)):
        return False
    function = ast.parse(textwrap.dedent(inspect.getsource(version))).body[0]
    used = {node.id for part in function.body for node in ast.walk(part) if isinstance(node, ast.Name)}
    return version.__closure__ is None and used & set(version.__globals__) <= known


def _hand_in(course: CourseFolder, lab: str, student: str, notebook: NotebookNode) -> None:
    folder = course.path("submitted", lab, student)
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{lab}.ipynb")


@contextlib.contextmanager
def secret_kept():
    """The demo's configuration names a secret of its own; afterwards the former one counts again."""
    before = os.environ.get(SECRET_FILE)
    try:
        yield
    finally:
        os.environ.pop(SECRET_FILE, None)
        if before is not None:
            os.environ[SECRET_FILE] = before
