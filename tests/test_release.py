"""release/: what source/ generates, whole or not at all, and nothing of the answers in it."""

import hashlib
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import nbformat
import pytest
from course import LAB, ROOT, cell, find, make_course, source_notebook

from gradekit.course import LABS, modules_before
from gradekit.folder import CourseFolder, Trouble
from gradekit.release import build, release
from gradekit.strip import strip_file

with_source = [lab for lab in LABS if lab.source().exists()]


def tree(folder: Path) -> dict[str, str]:
    """Every file and its content's hash."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def root(tmp_path):
    """A course folder with one source and nothing else."""
    place = tmp_path / "source" / LAB
    place.mkdir(parents=True)
    nbformat.write(source_notebook(), place / f"{LAB}.ipynb")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    return tmp_path


def edit_source(root: Path, edit) -> None:
    path = root / "source" / LAB / f"{LAB}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    edit(notebook)
    nbformat.write(notebook, path)


@pytest.mark.parametrize("lab", with_source, ids=lambda lab: lab.name)
def test_release_is_what_source_generates(lab, tmp_path):
    build(CourseFolder(ROOT), lab.name, tmp_path)
    generated = (tmp_path / lab.name / f"{lab.name}.ipynb").read_bytes()
    assert lab.release().read_bytes() == generated, f"run: gradekit release {lab.name}"


def test_released_twice_nothing_changes(root):
    release(CourseFolder(root))
    first = tree(root / "release")
    release(CourseFolder(root))
    assert tree(root / "release") == first
    assert f"{LAB}.zip" in first


def test_nbgraders_own_command_makes_the_same(root, tmp_path_factory):
    release(CourseFolder(root))
    plain = tmp_path_factory.mktemp("plain")
    make_course(plain)
    shutil.copytree(root / "source", plain / "source", dirs_exist_ok=True)
    shutil.rmtree(plain / "release")
    subprocess.run(["nbgrader", "generate_assignment", LAB, "--force"], cwd=plain, check=True, capture_output=True)
    assert tree(plain / "release") == tree(root / "release")


def test_the_gradebook_is_not_touched(root):
    release(CourseFolder(root))
    assert not (root / "gradebook.db").exists()


@pytest.mark.parametrize("lab", with_source, ids=lambda lab: lab.name)
def test_no_solution_and_no_hidden_test_gets_out(lab, tmp_path):
    shutil.copytree(lab.source().parent, tmp_path / "source" / lab.name)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    planted = plant_canaries(tmp_path / "source" / lab.name / f"{lab.name}.ipynb")
    assert planted >= 2
    release(CourseFolder(tmp_path))
    with zipfile.ZipFile(tmp_path / "release" / f"{lab.name}.zip") as kit:
        for name in kit.namelist():
            assert b"canary" not in kit.read(name), name
    for path in (tmp_path / "release" / lab.name).rglob("*"):
        assert path.is_dir() or b"canary" not in path.read_bytes(), path


def plant_canaries(path: Path) -> int:
    """A canary as first line of every solution and every hidden region; how many there are."""
    notebook = nbformat.read(path, as_version=4)
    count = 0
    for each in notebook.cells:
        each.source, planted = re.subn(r"(### BEGIN (SOLUTION|HIDDEN TESTS)\n)", r"\1# canary\n", each.source)
        count += planted
    nbformat.write(notebook, path)
    return count


def test_the_kit_holds_the_library_but_no_answer_of_this_lab(root):
    release(CourseFolder(root))
    with zipfile.ZipFile(root / "release" / f"{LAB}.zip") as kit:
        names = set(kit.namelist())
        kit.extractall(root / "kit")
    modules = {name.removeprefix(f"{LAB}/dnnlib/") for name in names if name.startswith(f"{LAB}/dnnlib/")}
    assert modules == {"__init__.py", *(f"{module}.py" for module in modules_before(LAB))}
    assert {f"{LAB}/{LAB}.ipynb", f"{LAB}/requirements.txt", f"{LAB}/labkit/bench.py"} <= names
    assert not any("gradekit" in name for name in names)
    code = (
        "from labkit import preview\nimport dnnlib.start\ntry: import dnnlib.layers\nexcept ImportError: print('none')"
    )
    python = ROOT / ".venv-student" / "bin" / "python"
    done = subprocess.run([python, "-c", code], cwd=root / "kit" / LAB, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "none"


def without(grade_id):
    return lambda notebook: notebook.cells.remove(find(notebook, grade_id))


def change(grade_id, old, new):
    def edit(notebook):
        here = find(notebook, grade_id)
        assert old in here.source
        here.source = here.source.replace(old, new)

    return edit


def mark(grade_id, **marks):
    return lambda notebook: find(notebook, grade_id).metadata.nbgrader.update(marks)


def unknown_check(notebook):
    find(notebook, "check_relu").metadata.nbgrader.grade_id = "check_rely"


def outputs(notebook):
    find(notebook, "relu").outputs = [nbformat.v4.new_output("stream", text="canary")]


SLIPS = {
    "solution cell missing": (without("relu"), "check_relu: no solution cell relu stands before it"),
    "unknown name": (unknown_check, "check_rely: labkit/cases has nothing named rely"),
    "hidden region missing": (
        change("check_relu", "### BEGIN HIDDEN TESTS\n", ""),
        "check_relu: its first line must be ### BEGIN HIDDEN TESTS",
    ),
    "hidden region not first": (
        change("check_relu", "### BEGIN", "x = 1\n### BEGIN"),
        "check_relu: its first line must be ### BEGIN HIDDEN TESTS",
    ),
    "hidden region open": (change("check_relu", "### END HIDDEN TESTS\n", ""), "has no ### END HIDDEN TESTS"),
    "another is checked": (change("check_relu", "check(relu)", "check(sigmoid)"), "must call check(relu)"),
    "call commented out": (change("check_relu", "check(relu)", "# check(relu)"), "must call check(relu)"),
    "solution not marked": (change("relu", "### END SOLUTION", ""), "relu: a solution must stand between"),
    "no points": (mark("check_relu", points=0), "check_relu: it has no points"),
    "not locked": (mark("check_relu", locked=False), "check_relu: it must be a locked autograder test"),
    "old schema": (mark("relu", schema_version=2), "relu: expected nbgrader schema_version 3, got 2"),
    "two of one name": (lambda notebook: notebook.cells.append(cell("", "imports", locked=True)), "imports: two cells"),
    "outputs": (outputs, "it holds outputs"),
    "widget state": (lambda notebook: notebook.metadata.update(widgets={"canary": {}}), "it holds widget state"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_source_is_one_line_and_nothing_is_released(root, slip):
    edit, line = SLIPS[slip]
    release(CourseFolder(root))
    before = tree(root / "release")
    edit_source(root, edit)
    with pytest.raises(Trouble) as trouble:
        release(CourseFolder(root))
    head, *lines = str(trouble.value).splitlines()
    assert head.startswith("Nothing was released") and len(lines) == 1, lines
    assert lines[0].startswith(f"{LAB}: ") and line in lines[0]
    assert tree(root / "release") == before


def test_a_damaged_source_is_one_line(root):
    (root / "source" / LAB / f"{LAB}.ipynb").write_text('{"cells": [')
    with pytest.raises(Trouble, match="no valid notebook"):
        release(CourseFolder(root))
    assert list((root / "release").iterdir()) == [] if (root / "release").exists() else True


def test_work_in_a_student_copy_is_kept_until_force(root):
    release(CourseFolder(root))
    path = root / "release" / LAB / f"{LAB}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    find(notebook, "relu").source += "\n    return Z"
    nbformat.write(notebook, path)
    mine = path.read_bytes()
    said = release(CourseFolder(root))
    assert "kept" in said[0] and "relu" in said[0] and path.read_bytes() == mine
    release(CourseFolder(root), force=True)
    assert path.read_bytes() != mine


def test_strip_takes_what_running_leaves_behind(root):
    path = root / "source" / LAB / f"{LAB}.ipynb"
    assert not strip_file(path)
    clean = path.read_bytes()

    def run(notebook):
        outputs(notebook)
        notebook.metadata["widgets"] = {"canary": {}}
        for each in notebook.cells:
            if each.cell_type == "code":
                each.execution_count, each.metadata["execution"] = 7, {"iopub.status.idle": "now"}

    edit_source(root, run)
    assert strip_file(path, write=False) and path.read_bytes() != clean
    assert strip_file(path)
    assert path.read_bytes() == clean
