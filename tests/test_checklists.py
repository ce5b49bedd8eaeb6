"""The two checklists of lab 09, run on right and on broken work."""

import nbformat
import numpy as np
import pytest
from test_sources import run_all

from gradekit.course import lab

RIGHT = "✓"


@pytest.fixture(scope="module")
def given():
    """What the lab's cells define."""
    return run_all(nbformat.read(lab("09_midterm").source(), as_version=4))


def said(capsys, checklist, work) -> list[str]:
    capsys.readouterr()
    checklist(work)
    return [line for line in capsys.readouterr().out.splitlines() if line[0] in "✓✗"]


def test_each_slip_of_the_lab_fails_its_item_and_says_what_to_do(given):
    assert list(given["slips"]) == given["PRE_SUBMISSION"] + given["PROBLEM_SOLVING"]
    for item, work in given["slips"].items():
        assert len(item(work).split()) >= 6, item.__name__
    said = [item(work) for item, work in given["slips"].items()]
    assert "Add the 7 biases" in said[1] and "6 times what is measured" in said[7] and "dW1 is (2, 4)" in said[10]


def test_right_work_passes_every_item(given, capsys):
    lines = said(capsys, given["pre_submission"], given["mine"])
    lines += said(capsys, given["problem_solving"], given["mine"])
    assert len(lines) == 11 and all(line.startswith(RIGHT) for line in lines)


def test_a_regression_passes_too(given, capsys):
    rng, mine = np.random.default_rng(3), given["mine"]
    work = given["replace"](mine, y=rng.normal(size=(3, 6)), loss=given["mse"], output_delta=given["mse_delta"])
    lines = said(capsys, given["problem_solving"], work)
    assert all(line.startswith(RIGHT) for line in lines), lines


def test_a_net_as_large_as_a_labs_passes(given, capsys):
    rng = np.random.default_rng(4)
    sizes, phis = [64, 32, 32, 10], [given["relu"], given["relu"], given["identity"]]
    layers = [(given["he"]((n, k), rng), rng.normal(size=(n, 1)), phi) for k, n, phi in zip(sizes, sizes[1:], phis)]
    work = given["replace"](given["mine"], layers=layers, X=rng.normal(size=(64, 500)), y=rng.integers(0, 10, 500))
    lines = said(capsys, given["problem_solving"], work)
    assert all(line.startswith(RIGHT) for line in lines), lines


def test_work_that_raises_is_a_line_and_no_traceback(given, capsys):
    (W1, b1, phi), second = given["mine"].layers
    work = given["replace"](given["mine"], layers=[(W1.T, b1, phi), second])
    lines = said(capsys, given["problem_solving"], work)
    assert any("it stopped with ValueError" in line and "above it first" in line for line in lines)


@pytest.mark.parametrize(
    ("why", "found"),
    [
        ("Since each unit has its own gate, z counts and not a.", None),
        ("It is smooth. So it trains.", "2 sentences"),
        ("Batch norm is good", "names no cause"),
        ("", "names no cause"),
    ],
)
def test_a_reason_is_one_sentence_with_a_cause(given, why, found):
    came = given["the_reason_is_one_sentence"](given["replace"](given["mine"], why=why))
    assert came is None if found is None else found in came
