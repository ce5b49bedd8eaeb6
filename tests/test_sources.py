"""The notebooks in source/: well-formed, in step with dnnlib, with tested numbers, as long as they may be."""

import ast
import json
import os
import re
import subprocess
import sys
from decimal import Decimal

import nbformat
import numpy as np
import pytest

from gradekit import reference
from gradekit.answers import answers
from gradekit.course import LABS, ROOT
from gradekit.lab_library import library_for
from labkit import cases
from labkit.exercise import Answer, Exercise, PersonalAnswer

SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.S)
WORDS_A_CELL = 75
LINES_A_CELL = 15

labs = pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)


def read(lab):
    return nbformat.read(lab.source(), as_version=4)


def role(cell) -> dict:
    return cell.metadata.get("nbgrader", {})


def checks(nb):
    return {role(cell)["grade_id"]: cell for cell in nb.cells if role(cell).get("grade_id", "").startswith("check_")}


@labs
def test_no_outputs_and_no_widget_state_are_saved(lab):
    nb = read(lab)
    nbformat.validate(nb)
    assert "widgets" not in nb.metadata
    assert nb.metadata.kernelspec.name == "python3"
    assert all(not cell.outputs and cell.execution_count is None for cell in nb.cells if cell.cell_type == "code")


def definition(text: str, name: str) -> ast.FunctionDef:
    """The last function of that name, without its docstring."""
    found = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef) and n.name == name][-1]
    if ast.get_docstring(found):
        found.body = found.body[1:]
    for argument in [*found.args.args, *found.args.kwonlyargs]:
        argument.annotation = None
    found.returns = None
    return found


@labs
def test_solutions_equal_the_reference(lab):
    """By syntax tree, docstrings and annotations apart."""
    nb = read(lab)
    graded = [name.removeprefix("check_") for name in checks(nb)]
    for name in graded:
        if not isinstance(cases.find(name), Exercise):
            continue
        cell = next(cell for cell in nb.cells if role(cell).get("grade_id") == name)
        module = sys.modules[reference.function(name).__module__]
        with open(module.__file__) as file:
            assert ast.dump(definition(cell.source, name)) == ast.dump(definition(file.read(), name)), name


@labs
def test_check_cells_take_evidence_first_and_match_the_catalogue(lab):
    nb = read(lab)
    for grade_id, cell in checks(nb).items():
        name = grade_id.removeprefix("check_")
        known = cases.find(name)
        assert known is not None, grade_id
        call = f"check({name})" if isinstance(known, Exercise) else f'check({name}, "{name}")'
        assert cell.source.startswith(f"### BEGIN HIDDEN TESTS\n{call}\n### END HIDDEN TESTS\n"), grade_id
        assert f"preview({name}" in cell.source
        assert role(cell)["points"] > 0 and role(cell)["locked"] and role(cell)["grade"]
        if isinstance(known, Answer):
            assert name in answers()


@labs
def test_a_numeric_question_is_worked_out_and_comes_to_its_key(lab):
    """A comment that says how, an expression with the numbers, its value behind it. The book shows them."""
    for cell in read(lab).cells:
        name = role(cell).get("grade_id", "")
        if name in answers() and role(cell)["solution"]:
            *how, line = SOLUTION.search(cell.source)[0].strip().splitlines()[1:-1]
            assert how and all(said.startswith("# ") for said in how), name
            expression, _, said = line.removeprefix(f"{name} = ").partition("  # ")
            value = eval(expression, {"np": np})
            assert answers()[name].value == pytest.approx(value, rel=1e-3), name
            assert answers()[name].value == pytest.approx(float(said or expression), rel=1e-3), name


@labs
def test_a_stub_is_all_that_is_left_without_the_solution(lab):
    """With its solution cut out, a cell still parses: the function has a docstring and returns None."""
    for cell in read(lab).cells:
        if role(cell).get("solution") and cell.cell_type == "code":
            assert SOLUTION.search(cell.source), role(cell)["grade_id"]
            ast.parse(SOLUTION.sub("# YOUR CODE HERE\n", cell.source))


@labs
def test_the_anatomy_of_a_lab(lab):
    nb = read(lab)
    functions = [name for name in checks(nb) if isinstance(cases.find(name.removeprefix("check_")), Exercise)]
    questions = [name for name in checks(nb) if not isinstance(cases.find(name.removeprefix("check_")), Exercise)]
    whys = [cell for cell in nb.cells if role(cell).get("grade") and role(cell).get("solution")]
    text = "\n".join(cell.source for cell in nb.cells)
    assert whys and all(cell.cell_type == "markdown" for cell in whys)
    assert re.search("recap", text, re.I)
    if lab.modules:
        assert "explore_" in text
    else:  # practice for the exam: it teaches no function
        assert not functions and "drill(" in text
        assert len(questions) >= 10 and len(whys) == 3
    if lab.modules and lab.name != "00_start":
        assert 4 <= len(functions) <= 8
        assert len(questions) >= 2


@labs
def test_a_personal_question_has_the_id_before_it(lab):
    names = [role(cell).get("grade_id") for cell in read(lab).cells]
    personal = [name for name in names if isinstance(cases.find(name or ""), PersonalAnswer)]
    assert personal[:1] == ["student_id"][: len(personal)]


@labs
def test_cells_are_short(lab):
    for cell in read(lab).cells:
        if cell.cell_type == "markdown" and not role(cell) and "|" not in cell.source:
            words = len(re.sub(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`", "x", cell.source, flags=re.S).split())
            assert words <= WORDS_A_CELL, f"{words} words: {cell.source[:80]!r}"
        if cell.cell_type == "code":
            assert len(body_lines(cell.source)) <= LINES_A_CELL, cell.source[:80]


def body_lines(source: str) -> list[str]:
    """Lines that are neither blank, comment, marker nor docstring."""
    text = re.sub(r'"""(.|\n)*?"""', "", source)
    return [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


DECIMAL = re.compile(r"(?<![\w.])[-−]?\d+\.\d+(?:e[-+]?\d+)?")


def prose(source: str) -> str:
    """Markdown without formulas, code, links and tables' rules."""
    for pattern in (r"```.*?```", r"\$\$.*?\$\$", r"\$[^$\n]+\$", r"`[^`\n]*`", r"\]\([^)]*\)"):
        source = re.sub(pattern, " ", source, flags=re.S)
    return source


@labs
def test_each_decimal_number_in_prose_is_measured_or_given(lab):
    for cell in read(lab).cells:
        if cell.cell_type == "markdown":
            known = {*numbers_of(cell), *cell.metadata.get("labkit", {}).get("given", [])}
            loose = set(DECIMAL.findall(prose(cell.source))) - known
            assert not loose, f"{loose} in {cell.source[:60]!r}: tie it to a cell (metadata labkit.measured)"


RUN = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
code, expressions = json.load(sys.stdin)
shell.run_cell(code).raise_error()
print(json.dumps({each: float(eval(each, shell.user_ns)) for each in expressions}), file=sys.stderr)
"""


@pytest.fixture(scope="module", params=LABS, ids=lambda lab: lab.name)
def ran(request, tmp_path_factory):
    """A lab, run by the student's Python (labkit, dnnlib-so-far, no judge, no warnings), and how that ended."""
    lab, nb = request.param, read(request.param)
    code = "\n\n".join(cell.source for cell in nb.cells if cell.cell_type == "code")
    measured = [expression for cell in nb.cells for expression in numbers_of(cell).values()]
    home = tmp_path_factory.mktemp(lab.name)
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(library_for(lab.name)),
           "OPENBLAS_NUM_THREADS": "1"}  # fmt: skip
    python = ROOT / ".venv-student" / "bin" / "python"
    done = subprocess.run([python, "-W", "error::RuntimeWarning", "-c", RUN], input=json.dumps([code, measured]),
                          env=env, cwd=home, capture_output=True, text=True)  # fmt: skip
    return lab, done


def numbers_of(cell) -> dict[str, str]:
    """The numbers in a cell's prose that are tied to an expression."""
    return cell.metadata.get("labkit", {}).get("measured", {})


def test_a_lab_needs_only_what_its_students_have(ran):
    _, done = ran
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_numbers_in_prose_are_what_the_cells_compute(ran):
    lab, done = ran
    values = json.loads(done.stderr.splitlines()[-1])
    for cell in read(lab).cells:
        for text, expression in numbers_of(cell).items():
            assert text in cell.source, f"{text!r} is not in the prose: {cell.source[:60]!r}"
            value = values[expression]
            assert agrees(text, value), f"prose says {text}, {expression} gives {value}"


def agrees(text: str, value: float) -> bool:
    """Whether the number as printed is the value, rounded to the digits that are printed."""
    said = Decimal(text.replace("−", "-").replace(",", "").replace(" ", "").replace("\u202f", ""))
    step = Decimal(1).scaleb(said.as_tuple().exponent)
    return abs(Decimal(repr(value)) - said) <= step / 2


def test_a_wrong_number_in_prose_would_be_seen():
    assert agrees("88.7", 88.7228)
    assert not agrees("88.8", 88.7228)
    assert agrees("1,000", 1000.0)
    assert not agrees("17", 16.4)
