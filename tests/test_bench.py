"""check, preview and try_it as they answer in each of the places where they stand."""

import os
import subprocess
from functools import partial

import numpy as np
import pytest

from gradekit.course import ROOT
from gradekit.lab_library import library_for
from labkit import bench, check, preview, try_it
from labkit.bench import NotYet, function_seed
from labkit.evidence import MIME


def batch_size(X):
    return X.shape[1]


@pytest.fixture(autouse=True)
def no_seed(monkeypatch):
    monkeypatch.delenv(bench.SEED, raising=False)


def test_where_a_judge_is_installed_check_answers_at_once(capsys):
    check(batch_size)
    assert "all 5 cases are right" in capsys.readouterr().out
    with pytest.raises(NotYet, match="It counts rows"):
        check(lambda X: X.shape[0], "batch_size")


def test_under_grading_check_hands_out_evidence_and_judges_nothing(monkeypatch):
    shown = []
    monkeypatch.setenv(bench.SEED, "ab" * 32)
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    check(lambda X: X.shape[0], "batch_size")
    (data,) = shown
    assert data[MIME]["name"] == "batch_size"
    assert len(data[MIME]["cases"]) == 5


def in_the_students_python(code: str) -> subprocess.CompletedProcess:
    python = ROOT / ".venv-student" / "bin" / "python"
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(library_for("00_start"))}
    return subprocess.run([python, "-c", code], env=env, cwd="/", capture_output=True, text=True)


def test_without_a_judge_check_is_a_preview():
    done = in_the_students_python("from labkit import check\ndef batch_size(X): return X.shape[0]\ncheck(batch_size)")
    assert "The values are compared at grading" in done.stdout


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("None", "Finish batch_size first"),
        ("X.shape", "expected a single number, got a tuple of 2"),
        ("np.array([X.shape[1]])", "Return the number, without an array"),
        ("X.shape[1] / 0", "it raised ZeroDivisionError"),
        ("float('nan')", "expected finite numbers, got nan"),
        ("X.fill(0) or 3", "it changes its first input"),
        ("max(0, X)", "take one number"),
        ("X - X.max(axis=1)", "over which axis did one of them shrink"),
        ("'five'", "expected a single number, got a str"),
        ("X @ X", "Is one side to be transposed?"),
        ("np.dot(X, X)", "Is one side to be transposed?"),
        ("None + X", "Something here is None"),
        ("{}[np.sin]", "Is the mapping the one that came in"),
        ("{}['sin']", "it raised KeyError: 'sin'"),
        ("list(X)[len(X)]", "The places of a list start at 0"),
    ],
)
def test_a_preview_says_what_is_wrong(body, said):
    function = eval(f"lambda X: {body}", {"np": np})
    with pytest.raises(NotYet) as error:
        preview(function, "batch_size")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        ("slopes[layers[l - 2][2]](Z[l - 1]) * (layers[l - 1][0] @ delta)", "Is one side to be transposed?"),
        ("slopes[layers[l - 2][2]](Z[l]) * (layers[l - 1][0].T @ delta)", "Or are they of two layers?"),
        ("slopes[layers[l - 2][2]](Z[l - 1]) * (layers[l - 1][0].T @ delta)", "Z[0], which always is"),
        ("SLOPES[layers[l - 2][2]](Z[l - 1]) * (layers[l - 1][0].T @ delta)", "the one that came in as argument?"),
        ("layers[l][0].T @ delta", "The places of a list start at 0"),
    ],
)
def test_typical_slips_of_backward_get_a_question(slip, said):
    namespace = {"SLOPES": {}}
    exec(
        "def backward(layers, Z, A, delta, slopes):\n"
        "    gradients = []\n"
        "    for l in range(len(layers), 0, -1):\n"
        "        gradients.insert(0, (delta @ A[l - 1].T, delta.sum(axis=1, keepdims=True)))\n"
        f"        delta = {slip}\n"
        "    return gradients\n",
        namespace,
    )
    with pytest.raises(NotYet) as error:
        preview(namespace["backward"], "backward")
    assert said in str(error.value)


def test_a_preview_is_a_sentence_not_a_traceback():
    assert NotYet("Finish it first.")._render_traceback_() == ["Finish it first."]


def test_a_function_is_known_by_the_variable_that_holds_it():
    """A lambda, a partial or a wrapped function has another name than the exercise, or none."""
    for text in ("lambda X: X.shape[1]", "partial(np.size, axis=1)"):
        namespace = {"np": np, "partial": partial, "check": check}
        exec(f"batch_size = {text}\ncheck(batch_size)", namespace)


def test_a_name_that_is_no_exercise_is_said():
    with pytest.raises(NotYet, match="no exercise named 'batchsize'"):
        check(lambda X: 1, "batchsize")


def test_try_it_shows_the_result_or_says_what_is_to_be_done(capsys):
    assert try_it(batch_size, np.zeros((3, 5))) == 5
    assert try_it(lambda X: None, 1) is None
    assert "first: it returns None" in capsys.readouterr().out


def test_seeds_differ_by_function_and_repeat():
    assert function_seed("ab", "softmax") == function_seed("ab", "softmax") != function_seed("ab", "mse")
