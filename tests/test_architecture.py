"""The house: which package may import which, and what may stand in a student's library."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from gradekit.course import COMING, LABS, ROOT, UnknownLab, lab, modules_before
from gradekit.lab_library import assemble

ALLOWED = {
    "dnnlib": {"dnnlib", "numpy"},
    "labkit": {"labkit", "numpy", "matplotlib", "ipywidgets", "IPython", "nbconvert"},
}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it points"
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", ALLOWED)
def test_arrows_point_as_designed(package):
    for path in (ROOT / package).rglob("*.py"):
        strangers = imports(path) - ALLOWED[package] - sys.stdlib_module_names
        assert not strangers, f"{path.relative_to(ROOT)} imports {strangers}"


@pytest.mark.parametrize("package", ["dnnlib", "labkit", "gradekit"])
def test_nothing_leans_on_the_book(package):
    assert not [path for path in (ROOT / package).rglob("*.py") if "book" in imports(path)]


def test_a_dnnlib_module_belongs_to_one_lab():
    listed = [module for each in (*LABS, *COMING) for module in each.modules]
    assert len(listed) == len(set(listed))
    assert set(listed) == {path.stem for path in (ROOT / "dnnlib").glob("*.py")} - {"__init__"}


@pytest.mark.parametrize("each", LABS, ids=lambda each: each.name)
def test_a_module_leans_on_earlier_labs_alone(each):
    known = {*modules_before(each.name), *each.modules}
    for module in each.modules:
        tree = ast.parse((ROOT / "dnnlib" / f"{module}.py").read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("dnnlib"):
                assert node.module.removeprefix("dnnlib.") in known


@pytest.mark.parametrize("each", LABS, ids=lambda each: each.name)
def test_a_lab_library_holds_no_answer_of_its_own(each, tmp_path):
    assemble(each.name, tmp_path)
    shipped = {path.stem for path in (tmp_path / "dnnlib").glob("*.py")} - {"__init__"}
    assert shipped == set(modules_before(each.name))
    assert not (tmp_path / "gradekit").exists()


def test_an_assignment_of_ones_own_gets_no_answers(tmp_path):
    assemble("my_own_quiz", tmp_path)
    assert [path.name for path in (tmp_path / "dnnlib").glob("*.py")] == ["__init__.py"]
    assert (tmp_path / "labkit" / "bench.py").exists()
    assert not (tmp_path / "labkit" / "drills").exists()


@pytest.mark.parametrize("each", LABS, ids=lambda each: each.name)
def test_drills_come_with_the_last_lab_alone(each, tmp_path):
    """They hold answers of all labs before it."""
    assemble(each.name, tmp_path)
    assert (tmp_path / "labkit" / "drills").exists() == (each is LABS[-1])


def test_an_unknown_lab_is_named():
    with pytest.raises(UnknownLab, match="02_losses"):
        lab("02_loses")


def test_a_student_can_import_neither_answers_nor_graders():
    """In the student's environment: no reference, no judge, no library that would do the exercise."""
    python = ROOT / ".venv-student" / "bin" / "python"
    for name in ("dnnlib", "gradekit", "labkit", "scipy", "torch", "sklearn", "autograd"):
        done = subprocess.run([python, "-c", f"import {name}"], cwd="/", capture_output=True, text=True)
        assert "ModuleNotFoundError" in done.stderr, name
