"""What stock nbgrader does with each submission of tests/hostile, recorded beside what this course expects.

Each case stands between two honest submissions and is graded in a lock: no network, a user without rights, limits.
python -m benchmarks.hostile [NAME ... | --page]: these cases alone, or docs/hostile.md from what is recorded.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

import nbformat

from gradekit.course import ROOT
from gradekit.sandbox.bwrap import spare_user, system, walls
from gradekit.sandbox.limits import GB, Limits
from gradekit.sandbox.probe import find_bwrap
from gradekit.sandbox.watcher import Watcher

sys.path.insert(0, str(ROOT / "tests"))
from course import LAB  # noqa: E402
from hostile_course import HONEST, SOURCE, Case, cases, read_case, scores  # noqa: E402
from hostile_page import PAGE, page  # noqa: E402
from hostile_services import SECRET  # noqa: E402
from nbgrader.api import Gradebook  # noqa: E402

LOCK = Path("/stock")
LIMITS = Limits(memory=6 * GB, wall=240)
PROCESSES, FILE_SIZE = 400, 500_000_000
BEFORE, AFTER = "00_before", "zz_after"
HONEST_WORK = SOURCE.parent / "accident" / "honest.ipynb"
TESTS = {
    "check_relu": """unseen = np.array([[-1.0, 2.0, 0.0], [3.5, -0.5, 7.0]])
assert np.allclose(relu(unseen), [[0, 2, 0], [3.5, 0, 7]])""",
    "check_sigmoid": """from dnnlib.activations import sigmoid as reference
unseen = np.random.default_rng(1).normal(0, 5, (3, 4))
assert np.allclose(sigmoid(unseen), reference(unseen))
assert np.allclose(sigmoid(np.array([[-1000.0, 1000.0]])), [[0, 1]])""",
    "check_quick_small_net": "assert quick_small_net == 101770",
}
VISIBLE = {
    "check_relu": "assert relu(np.array([[3.0]]))[0, 0] == 3",
    "check_sigmoid": "assert sigmoid(np.zeros((1, 1)))[0, 0] == 0.5",
    "check_quick_small_net": "assert quick_small_net is not None",
}


def main(arguments: tuple[str, ...] = ()) -> None:
    if "--page" not in arguments:
        chosen = [case for case in cases() if not arguments or case.name in arguments]
        with tempfile.TemporaryDirectory(prefix="stock-") as name:
            base = prepare(Path(name) / "base")
            for number, batch in enumerate(batches(chosen)):
                for case, record in grade(base, Path(name) / str(number), batch):
                    print(f"{case.name}: {record}", flush=True)
                    case.record(record)
    PAGE.write_text(page([read_case(case.place) for case in cases()]))


def batches(chosen: list[Case]) -> Iterator[list[Case]]:
    """One case each, but for those that come in pairs."""
    for _, batch in groupby(chosen, key=lambda case: re.sub("_[12]$", "", case.name)):
        yield list(batch)


def stock_lab() -> nbformat.NotebookNode:
    """The same lab with asserts in the place of the judge."""
    notebook = nbformat.read(SOURCE, as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in TESTS:
            cell.source = f"### BEGIN HIDDEN TESTS\n{TESTS[name]}\n### END HIDDEN TESTS\n{VISIBLE[name]}"
    return notebook


def prepare(folder: Path) -> Path:
    """A course as stock nbgrader makes it, with the library that its kernels import."""
    course = folder / "course"
    (course / "source" / LAB).mkdir(parents=True)
    (folder / "home").mkdir()
    nbformat.write(stock_lab(), course / "source" / LAB / f"{LAB}.ipynb")
    (course / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "stock"\n')
    for package in ("labkit", "dnnlib"):
        shutil.copytree(ROOT / package, folder / "library" / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "tests" / "hostile_services.py", folder)
    _, said = run_locked(folder, f"nbgrader generate_assignment {LAB} && python -c 'import matplotlib.pyplot'")
    if not (course / "release" / LAB).is_dir():
        raise RuntimeError(f"stock nbgrader made no release of the lab. It said: {said[-3000:]}")
    return folder


def grade(base: Path, folder: Path, batch: list[Case]) -> Iterator[tuple[Case, dict]]:
    """Grade these between two honest submissions: what became of each."""
    shutil.copytree(base, folder, symlinks=True)
    submitted = folder / "course" / "submitted"
    for case in batch:
        case.hand_in(submitted / case.name / LAB)
    for student in (BEFORE, AFTER):
        read_case(HONEST_WORK).hand_in(submitted / student / LAB)
    killed, _ = run_locked(folder, f"python {LOCK}/hostile_services.py & nbgrader autograde {LAB}")
    found = {student: seen(folder / "course", student) for student in (BEFORE, AFTER, *(case.name for case in batch))}
    became = "hung" if killed else what_became(found[BEFORE], found[AFTER])
    for case in batch:
        yield case, {"nbgrader": version("nbgrader"), "scores": found[case.name], "batch": became}
    shutil.rmtree(folder)


def seen(course: Path, student: str) -> dict | None:
    """A student's scores; None where nbgrader gave none, or gave up and removed what it had graded."""
    with Gradebook(f"sqlite:///{course}/gradebook.db", "stock") as gradebook:
        found = scores(gradebook, student) or {}
    kept = (course / "autograded" / student / LAB / f"{LAB}.ipynb").exists()
    return found if kept and any(score is not None for score in found.values()) else None


def what_became(before: dict | None, after: dict | None) -> str:
    if before is None or after is None:
        return "ended"
    return "went on" if before == after == HONEST else "changed"


def run_locked(folder: Path, command: str) -> tuple[bool, str]:
    """Run a shell command that sees this folder, Python and the system: whether it had to be killed, what it said."""
    user = spare_user()
    if user is not None:
        hand_over(folder, user)
    environment = {"HOME": f"{LOCK}/home", "USER": "grader", "LANG": "C.UTF-8", "PYTHONPATH": f"{LOCK}/library"}
    environment |= {"PATH": f"{sys.prefix}/bin:/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1", **SECRET}
    process = Popen(lock(folder, user, command), env=environment, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, text=True)
    watcher = Watcher(process.pid, LIMITS, process.kill)
    watcher.start()
    try:
        said = process.communicate()[1]
    finally:
        watcher.stop()
    if watcher.reason and "longer" not in watcher.reason:
        raise RuntimeError(f"a case left the bounds of the corpus: nbgrader and its kernels {watcher.reason}")
    return watcher.reason is not None, said


def lock(folder: Path, user: int | None, command: str) -> list[str]:
    """bubblewrap with the walls of the sandbox, but one room for the course, the grader and the students."""
    limits = ["prlimit", f"--fsize={FILE_SIZE}", *([] if user is None else [f"--nproc={PROCESSES}"])]
    become = [] if user is None else ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    shown = {path for path in (Path(sys.prefix), Path(sys.base_prefix)) if not path.is_relative_to("/usr")}
    room = [*walls(user), *system(), *parents(shown)]
    room += [word for path in shown for word in ("--ro-bind", str(path), str(path))]
    room += ["--bind", str(folder), str(LOCK), "--chdir", str(LOCK / "course")]
    return [*limits, str(find_bwrap()), *room, "--", *become, "sh", "-c", command]


def parents(paths: set[Path]) -> list[str]:
    """Folders that another user may pass."""
    above = sorted({parent for path in paths for parent in path.parents} - {Path("/")})
    return [word for path in above for word in ("--perms", "0755", "--dir", str(path))]


def hand_over(folder: Path, user: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
