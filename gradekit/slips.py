"""Slips in a lab's source that must not be released, each as one line."""

import re
from pathlib import Path

import nbformat

from gradekit import reference
from gradekit.answers import answers
from labkit import cases
from labkit.exercise import Answer, Exercise

HIDDEN = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")
SOLUTION = ("### BEGIN SOLUTION", "### END SOLUTION")
SCHEMA = 3


def slips_in(source: Path) -> list[str]:
    """What is wrong in a source notebook; an empty list when it can be released."""
    if not source.is_file():
        return ["the notebook is not there"]
    try:
        notebook = nbformat.read(source, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # nbformat raises JSON, Unicode, schema and version errors of its own
        return [f"it is no valid notebook: {str(error).strip().splitlines()[0]}"]
    return [*_left_over(notebook), *_badly_named(notebook), *_bad_solutions(notebook), *_bad_checks(notebook)]


def role(cell) -> dict:
    return cell.metadata.get("nbgrader", {})


def _left_over(notebook) -> list[str]:
    found = []
    if any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells):
        found.append("it holds outputs; remove them: gradekit strip")
    if "widgets" in notebook.metadata:
        found.append("it holds widget state; remove it: gradekit strip")
    return found


def _badly_named(notebook) -> list[str]:
    found, seen = [], set()
    for cell in notebook.cells:
        if not role(cell):
            continue
        name = role(cell).get("grade_id")
        if not name:
            found.append(f"a cell of nbgrader's has no grade_id: {cell.source[:40]!r}")
        elif name in seen:
            found.append(f"{name}: two cells have this grade_id")
        elif role(cell).get("schema_version") != SCHEMA:
            found.append(f"{name}: expected nbgrader schema_version {SCHEMA}, got {role(cell).get('schema_version')}")
        seen.add(name)
    return found


def _bad_solutions(notebook) -> list[str]:
    return [
        f"{role(cell).get('grade_id')}: a solution must stand between {SOLUTION[0]} and {SOLUTION[1]}"
        for cell in notebook.cells
        if role(cell).get("solution") and not all(mark in cell.source for mark in SOLUTION)
    ]


def _bad_checks(notebook) -> list[str]:
    found, solved = [], set()
    for cell in notebook.cells:
        name = role(cell).get("grade_id") or ""
        if role(cell).get("solution"):
            solved.add(name)
        if name.startswith("check_"):
            found += [f"{name}: {slip}" for slip in _check_slips(cell, name.removeprefix("check_"), solved)]
    return found


def _check_slips(cell, name: str, solved: set[str]) -> list[str]:
    exercise = cases.find(name)
    if exercise is None:
        return [f"labkit/cases has nothing named {name}"]
    found = []
    if not (role(cell).get("grade") and role(cell).get("locked")) or role(cell).get("solution"):
        found.append("it must be a locked autograder test")
    if not role(cell).get("points"):
        found.append("it has no points")
    if name not in solved:
        found.append(f"no solution cell {name} stands before it")
    if isinstance(exercise, Exercise) and not _has_reference(name):
        found.append(f"dnnlib has no function {name}")
    elif isinstance(exercise, Answer) and name not in answers():
        found.append(f"gradekit/answers has no key for {name}")
    return found + _hidden_slips(cell.source, name)


def _has_reference(name: str) -> bool:
    try:
        reference.function(name)
    except reference.NoReference:
        return False
    return True


def _hidden_slips(source: str, name: str) -> list[str]:
    if not source.startswith(HIDDEN[0]):
        return [f"its first line must be {HIDDEN[0]}"]
    if HIDDEN[1] not in source:
        return [f"its hidden region has no {HIDDEN[1]}"]
    hidden = source.split(HIDDEN[0], 1)[1].split(HIDDEN[1], 1)[0]
    called = re.search(rf"^check\({re.escape(name)}\b", hidden, re.M)
    return [] if called else [f"its hidden region must call check({name})"]
