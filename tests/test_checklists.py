"""The two checklists of lab 09, run on right and on broken work."""

import contextlib
import io

import nbformat
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from gradekit.course import lab

RIGHT = "✓"


@pytest.fixture(scope="module")
def given():
    """What the lab's cells define."""
    nb = nbformat.read(lab("09_midterm").source(), as_version=4)
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in nb.cells:
            if cell.cell_type == "code":
                shell.run_cell(cell.source).raise_error()
    return shell.user_ns | {"cells": nb.cells}


def said(capsys, checklist, work) -> list[str]:
    capsys.readouterr()
    checklist(work)
    return [line for line in capsys.readouterr().out.splitlines() if line[0] in "✓✗"]


def first_fault(capsys, checklist, work) -> str:
    """The only ✗: the items above it hold, those below it are not looked at."""
    *above, last = said(capsys, checklist, work)
    assert all(line.startswith(RIGHT) for line in above) and last[0] == "✗", [*above, last]
    return last


def first(changed):
    """Gradients with a change in each (dW, db)."""

    def backward(given):
        return lambda *arguments: [changed(*pair) for pair in given["backward"](*arguments)]

    return backward


def by_a(given):
    return lambda layers, Z, A, delta, slopes: given["backward"](layers, A, A, delta, slopes)


def transposed_weights(given):
    (W1, b1, phi), second = given["mine"].layers
    return [(W1.T, b1, phi), second]


SLIPS = {
    "6 columns": ("X", lambda given: given["mine"].X.T, "X has 2 columns, y has 6 labels"),
    "weights": ("layers", transposed_weights, "W1 is (2, 4) and meets 2 rows. Give it 2 columns"),
    "one-hot": ("y", lambda given: given["one_hot"](given["mine"].y, 3), "y.argmax(axis=0)"),
    "a regression, no loss named": ("y", lambda given: np.ones((3, 6)), "name loss=mse, output_delta=mse_delta"),
    "floats": ("y", lambda given: np.ones(6), "takes 6 whole numbers"),
    "a delta forgotten": ("loss", lambda given: given["mse"], "Name output_delta= as well"),
    "no activation": (
        "forward",
        lambda given: lambda layers, X: given["forward"]([(W, b, given["identity"]) for W, b, _ in layers], X),
        "A[1] is not tanh of Z[1]",
    ),
    "no 1/m": (
        "output_delta",
        lambda given: lambda O, y: given["softmax"](O) - given["one_hot"](y, 3),
        "6 times what is measured",
    ),
    "dW turned": ("backward", first(lambda dW, db: (dW.T, db)), "dW1 is (2, 4), W1 is (4, 2)"),
    "db flat": ("backward", first(lambda dW, db: (dW, db[:, 0])), "db1 is (4,), b1 is (4, 1). Sum over axis 1"),
    "db a mean": ("backward", first(lambda dW, db: (dW, db / 6)), "db2 is not the sum of delta"),
    "dW a mean": ("backward", first(lambda dW, db: (dW / 6, db)), "dW2 is not delta (input)^T"),
    "gate at A": ("backward", by_a, "dW1 and db1: their delta is wrong"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_the_first_fault_and_says_what_to_do(given, capsys, slip):
    field, change, found = SLIPS[slip]
    line = first_fault(capsys, given["problem_solving"], given["replace"](given["mine"], **{field: change(given)}))
    assert found in line and "stopped with" not in line, line


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"parameters": 4 * 2 + 3 * 4}, "Add the 7 biases"),
        ({"parameters": 12}, "you counted 12, the arrays hold 27"),
        ({"softmax": lambda O: np.exp(O) / np.exp(O).sum(axis=0)}, "a logit of 1000 gives nan"),
        ({"why": "Residual nets are better."}, "names no cause"),
        ({"y": np.zeros(5, int)}, "X has 6 columns, y has 5 labels"),
    ],
)
def test_the_first_checklist_finds_its_slips(given, capsys, change, found):
    with np.errstate(all="ignore"):
        line = first_fault(capsys, given["pre_submission"], given["replace"](given["mine"], **change))
    assert found in line


def test_a_wrong_gradient_of_any_shape_is_named_before_you_submit(given, capsys):
    for backward in (by_a(given), SLIPS["db flat"][1](given)):
        line = first_fault(capsys, given["pre_submission"], given["replace"](given["mine"], backward=backward))
        assert "db1" in line and "Call problem_solving" in line


def test_a_wrong_bias_of_a_hidden_layer_alone_is_no_gate(given, capsys):
    def halved(*arguments):
        (dW1, db1), second = given["backward"](*arguments)
        return [(dW1, db1 / 2), second]

    line = first_fault(capsys, given["problem_solving"], given["replace"](given["mine"], backward=halved))
    assert "db1 is wrong, its delta is right" in line


def test_the_net_to_mend_has_three_slips_one_after_the_other(given, capsys):
    """Mended from the first ✗ to the last."""
    source = next(cell.source for cell in given["cells"] if "def somebodys_backward" in cell.source)
    for found, slip, mended in (
        ("dW2 is (4, 3)", "A[1] @ delta2.T", "delta2 @ A[1].T"),
        ("db2 is not the sum", "delta2.mean", "delta2.sum"),
        ("dW1 and db1: their delta", "slopes[phi](A[1])", "slopes[phi](Z[1])"),
    ):
        assert found in first_fault(capsys, lambda work, source=source: exec(source, given), None)
        assert slip in source
        source = source.replace(slip, mended)
    assert all(line.startswith(RIGHT) for line in said(capsys, lambda work: exec(source, given), None))


def test_right_work_passes_every_item(given, capsys):
    lines = said(capsys, given["pre_submission"], given["mine"])
    lines += said(capsys, given["problem_solving"], given["mine"])
    assert len(lines) == 15 and all(line.startswith(RIGHT) for line in lines)


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


def test_work_that_raises_is_told_once_and_no_traceback(given, capsys):
    labels = np.array([0, 1, 2, 0, 1, 9])
    for checklist in ("pre_submission", "problem_solving"):
        line = first_fault(capsys, given[checklist], given["replace"](given["mine"], y=labels))
        assert "it stopped with ValueError" in line and line.endswith(". Mend that first.") and ".." not in line


@pytest.mark.parametrize(
    ("why", "found"),
    [
        ("Since each unit has its own gate, z counts and not a.", None),
        ("Due to the skip (cf. lab 08), e.g. in deep nets, the gradient stays.", None),
        ("It is 2.5 times slower if one axis is steep.", None),
        ("It is smooth. So it trains.", "2 sentences"),
        ("Batch norm is good", "names no cause"),
        ("", "names no cause"),
    ],
)
def test_a_reason_is_one_sentence_with_a_cause(given, why, found):
    came = given["the_reason_is_one_sentence"](given["replace"](given["mine"], why=why))
    assert came is None if found is None else found in came
