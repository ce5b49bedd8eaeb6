"""A small course in a folder of its own: nbgrader's real files, gradebook and converters, for tests of grading."""

import contextlib
import copy
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory

from gradekit.autograde import SafeAutograde
from gradekit.feedback import FeedbackPages

ROOT = Path(__file__).resolve().parent.parent
LAB = "01_shapes"

RELU = "return np.maximum(Z, 0)"
SIGMOID = """Z = Z if Z.dtype.kind == "f" else Z.astype(float)
    e = np.exp(-np.abs(Z))
    return np.where(Z >= 0, 1, e) / (1 + e)"""


def cell(source: str, grade_id: str | None = None, kind: str = "code", **marks) -> NotebookNode:
    metadata = {}
    if grade_id:
        metadata["nbgrader"] = {"schema_version": 3, "grade_id": grade_id, "grade": False, "solution": False,
                                "locked": False, "task": False} | marks  # fmt: skip
    return (new_code_cell if kind == "code" else new_markdown_cell)(source, metadata=metadata)


def function(name: str, body: str) -> NotebookNode:
    solution = f"    ### BEGIN SOLUTION\n    # canary-solution-{name}\n    {body}\n    ### END SOLUTION"
    return cell(f'def {name}(Z):\n    """The {name} of each number."""\n{solution}', name, solution=True)


def check(name: str, points: int, arguments: str = "", visible: str = "") -> NotebookNode:
    source = f"### BEGIN HIDDEN TESTS\ncheck({name}{arguments})  # canary-hidden-{name}\n### END HIDDEN TESTS\n"
    return cell(f"{source}preview({name}{arguments}){visible}", f"check_{name}", grade=True, locked=True, points=points)


def source_notebook() -> NotebookNode:
    why = "Because a sum.\n### BEGIN SOLUTION\ncanary-model-answer\n### END SOLUTION"
    plain = ("assert relu(np.zeros((2, 3))).shape == (2, 3)\n### BEGIN HIDDEN TESTS\n"
             "assert (relu(np.array([[4.0]])) == 4).all(), 'canary-hidden-assert'\n### END HIDDEN TESTS")  # fmt: skip
    cells = [
        cell("# A lab", kind="markdown"),
        cell("import numpy as np\n\nfrom labkit import check, preview, try_it", "imports", locked=True),
        function("relu", RELU),
        cell("try_it(relu, np.array([[-1.0, 2.0]]))"),
        check("relu", 2, visible="\nassert relu(np.array([[3.0]]))[0, 0] == 3"),
        function("sigmoid", SIGMOID),
        check("sigmoid", 4),
        cell("quick_small_net = None\n### BEGIN SOLUTION\nquick_small_net = 101770\n### END SOLUTION",
             "quick_small_net", solution=True),
        check("quick_small_net", 1, ', "quick_small_net"'),
        cell("Why does a layer need a bias? 2 points.", "why_bias_question", "markdown", locked=True),
        cell(why, "why_bias", "markdown", grade=True, solution=True, points=2),
        cell(plain, "plain_test", grade=True, locked=True, points=1),
    ]  # fmt: skip
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return new_notebook(cells=cells, metadata=kernel)


class Course:
    """A course folder with one lab, released. Submissions are edited copies of the student copy."""

    def __init__(self, root: Path, db_url: str | None = None):
        self.root = root
        self.db_url = db_url or f"sqlite:///{root}/gradebook.db"
        self.released = nbformat.read(root / "release" / LAB / f"{LAB}.ipynb", as_version=4)

    def fresh(self) -> NotebookNode:
        return copy.deepcopy(self.released)

    def path(self, student: str) -> Path:
        folder = self.root / "submitted" / student / LAB
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{LAB}.ipynb"

    def submit(self, student: str, edit: Callable[[NotebookNode], object] = lambda nb: None) -> Path:
        """Hand in the student copy after `edit`; whatever it made of the notebook is written as it is."""
        notebook = self.fresh()
        edit(notebook)
        self.path(student).write_text(json.dumps(notebook))
        return self.path(student)

    def autograde(self, student: str = "*", force: bool = True) -> None:
        self._run(SafeAutograde, student, force)

    def feedback(self, student: str = "*") -> None:
        self._run(FeedbackPages, student, True)

    def page(self, student: str) -> str:
        return (self.root / "feedback" / student / LAB / f"{LAB}.html").read_text()

    def autograded(self, student: str) -> NotebookNode:
        return nbformat.read(self.root / "autograded" / student / LAB / f"{LAB}.ipynb", as_version=4)

    @contextlib.contextmanager
    def grade(self, student: str, grade_id: str) -> Iterator:
        with self.gradebook() as gradebook:
            yield gradebook.find_grade(grade_id, LAB, LAB, student)
            gradebook.db.commit()

    def scores(self, student: str) -> dict[str, float | None]:
        with self.gradebook() as gradebook:
            notebook = gradebook.find_submission_notebook(LAB, LAB, student)
            return {grade.name: grade.auto_score for grade in notebook.grades}

    def messages(self, student: str) -> dict[str, str]:
        tests = [here for here in self.autograded(student).cells if here.metadata.get("nbgrader", {}).get("grade")]
        return {
            here.metadata.nbgrader.grade_id: "".join(out.get("text", out.get("evalue", "")) for out in here.outputs)
            for here in tests
            if here.cell_type == "code"
        }

    def gradebook(self) -> Gradebook:
        return Gradebook(self.db_url, "deep-nets")

    def _run(self, converter: type, student: str, force: bool) -> None:
        app = configured(self.root)
        course = CourseDirectory(parent=app, root=str(self.root), assignment_id=LAB, student_id=student)
        converter(coursedir=course, parent=app, force=force).start()


def configured(root: Path) -> NbGrader:
    with contextlib.chdir(root):
        app = NbGrader()
        app.initialize(["--quiet"], root=str(root))
    return app


def make_course(root: Path, source: NotebookNode | None = None, db_url: str | None = None) -> Course:
    """A new course folder, with the lab generated by nbgrader from our configuration."""
    place = root / "source" / LAB
    place.mkdir(parents=True)
    nbformat.write(source or source_notebook(), place / f"{LAB}.ipynb")
    config = (ROOT / "nbgrader_config.py").read_text()
    if db_url:
        config += f"\nc.CourseDirectory.db_url = {db_url!r}\n"
    (root / "nbgrader_config.py").write_text(config)
    app = configured(root)
    course = CourseDirectory(parent=app, root=str(root), assignment_id=LAB)
    GenerateAssignment(coursedir=course, parent=app).start()
    return Course(root, db_url)


def copy_of(course: Course, root: Path) -> Course:
    shutil.copytree(course.root, root, dirs_exist_ok=True)
    return Course(root)


def find(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def place_of(notebook: NotebookNode, grade_id: str) -> int:
    return next(n for n, cell in enumerate(notebook.cells) if cell is find(notebook, grade_id))


def write(notebook: NotebookNode, grade_id: str, body: str) -> None:
    """Type a body into a function's stub, or an answer in place of a stub."""
    cell = find(notebook, grade_id)
    cell["source"] = cell.source.replace("# YOUR CODE HERE", body).replace("YOUR ANSWER HERE", body)


def solve(notebook: NotebookNode) -> None:
    """All exercises done right."""
    write(notebook, "relu", RELU)
    write(notebook, "sigmoid", SIGMOID)
    write(notebook, "quick_small_net", "quick_small_net = 101770")
    write(notebook, "why_bias", "Without it every line goes through the origin.")
