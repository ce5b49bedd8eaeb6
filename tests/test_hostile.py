"""The corpus of hostile and unlucky submissions, graded as one class: each case comes to its exact verdict."""

import hashlib
import re
import site
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
import pytest
from course import LAB, ROOT, Course, make_course
from hostile_course import HONEST, SOURCE, Case, cases, scores
from hostile_page import COMMAND, PAGE, page
from hostile_services import SECRET, answering
from killing import GRADEKIT

from gradekit.sandbox.probe import probe

ENGINES = ("cold", "warm")
CASES = cases()
LIMITS = """
c.SandboxedExecute.engine = {engine!r}
c.SandboxedExecute.timeout = 4
c.SandboxedExecute.time_limit = 8
c.SandboxedExecute.memory_limit = 1_300_000_000
"""
PAIR = re.compile("_[12]$")
LEFT_BEHIND = ("hostile-canary", "answers.py", "usercustomize.py")
NOT_FOR_SUBMISSIONS = {  # promises about the machine and its owner
    "A folder that would show the course is never mounted",
    "A fault of the machine is not taken for the student's",
    "No sandbox, no grading, unless you say so",
}

pytestmark = [pytest.mark.skipif(not probe(), reason=probe().reason), pytest.mark.timeout(900)]  # one class, one setup


@dataclass(frozen=True)
class Graded:
    """The class after grading; `temporary` was the grader's folder for temporary files."""

    engine: str
    course: Course
    temporary: Path
    handed_in: dict[str, str]


@pytest.fixture(scope="module", params=ENGINES)
def graded(request, tmp_path_factory):
    """The whole corpus, graded by one engine, on a machine that has something to find."""
    course = make_course(tmp_path_factory.mktemp("hostile"), nbformat.read(SOURCE, as_version=4))
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(LIMITS.format(engine=request.param))
    for case in CASES:
        case.hand_in(course.root / "submitted" / case.name / LAB)
    result = Graded(request.param, course, tmp_path_factory.mktemp("temporary"), fingerprint(course.root))
    with pytest.MonkeyPatch.context() as patch, answering():
        patch.setattr(tempfile, "tempdir", str(result.temporary))
        patch.setenv("TMPDIR", str(result.temporary))
        for name, value in SECRET.items():
            patch.setenv(name, value)
        grade_class(course)
    return result


def grade_class(course: Course) -> None:
    """What leaves something for the next one in one process, then all others, several at a time: most of them wait."""
    pairs = [f"--student={case.name}" for case in CASES if PAIR.search(case.name)]
    for options in (["--workers", "1", *pairs], ["--workers", "3"]):
        done = subprocess.run(
            [GRADEKIT, "grade", LAB, "--course", course.root, *options], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-3000:]


def fingerprint(root: Path) -> dict[str, str]:
    """What lies in source/ and submitted/."""
    files = (path for step in ("source", "submitted") for path in (root / step).rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_comes_to_its_verdict(request, graded, case):
    fault = case.about.get("open", {}).get(graded.engine)
    if fault:  # a mark that outlives its fault fails
        request.applymarker(pytest.mark.xfail(reason=fault, strict=True, raises=AssertionError))
    with graded.course.gradebook() as gradebook:
        assert scores(gradebook, case.name) == case.scores
    messages = graded.course.messages(case.name)
    for cell, words in case.words.items():
        assert words in messages[cell]
    assert repairs_are_as_told(graded.course.autograded(case.name), case)


def repairs_are_as_told(notebook, case: Case) -> bool:
    """Each repair that the case names, and none where it names none. What can't be read at all is told otherwise."""
    notes = notebook.cells[0].metadata.get("gradekit", {}).get("repairs", [])
    wanted = case.about.get("repairs", [])
    unreadable = "unreadable" in notebook.metadata.get("gradekit", {})
    return all(words in " ".join(notes) for words in wanted) and (bool(notes) == bool(wanted) or unreadable)


def test_nothing_is_left_on_the_machine(graded):
    arguments = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    assert not [words for words in arguments if any("hostile-daemon" in word for word in words)]
    left = [path.name for path in graded.temporary.iterdir()]
    assert all(name.startswith("gradekit-library-") for name in left)  # kept for the lab's next submission
    startup = Path.home() / ".ipython" / "profile_default" / "startup"
    folders = [Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path("/"), Path("/etc"), Path.home(), startup]
    folders += [graded.course.root, graded.course.root / "submitted", ROOT, ROOT / "labkit"]
    folders += [Path(site.getusersitepackages())]
    assert not [folder / name for folder in folders for name in LEFT_BEHIND if (folder / name).exists()]
    assert fingerprint(graded.course.root) == graded.handed_in


def test_a_script_reaches_nobodys_browser(graded):
    graded.course.feedback("script")
    shown = [output for cell in graded.course.autograded("script").cells for output in cell.get("outputs", [])]
    texts = [graded.course.page("script"), *(str(output.get("data")) for output in shown)]
    assert "hostile-script" in texts[0]
    assert not [text for text in texts if re.search(r"<script>alert|<img[^>]*onerror", text)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_says_what_it_does_and_why_it_lost_points(case):
    assert re.fullmatch(r"[A-Z].{10,140}\.", case.about["does"])
    assert set(case.about["expects"]) <= set(HONEST)
    judged = {cell for cell, score in case.scores.items() if cell.startswith("check_") and score != HONEST[cell]}
    assert judged <= set(case.words)


def test_names_are_unique():
    assert len({case.name for case in CASES}) == len(CASES) >= 60


def test_what_is_left_for_the_next_submission_has_a_next_submission():
    """NAME_2 profits if it finds what NAME_1 left."""
    pairs = {case.name for case in CASES if PAIR.search(case.name)}
    assert len(pairs) >= 10 and pairs == {f"{name[:-1]}{number}" for name in pairs for number in "12"}


def test_every_promise_has_a_case_and_every_case_uses_the_words_of_the_docs():
    pages = [(ROOT / "docs" / name).read_text() for name in ("sandbox.md", "checks.md", "term.md")]
    promises = {promise for case in CASES for promise in case.promises}
    for promise in promises:
        assert any(promise in " ".join(text.split()) for text in pages), f"no page of docs/ says: {promise}"
    rows = set(re.findall(r"^\| (.+?) \| `test_", pages[0], re.MULTILINE))
    assert len(rows) > 15 and rows - promises == NOT_FOR_SUBMISSIONS


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == page(CASES), f"make docs/hostile.md anew: {COMMAND}"
