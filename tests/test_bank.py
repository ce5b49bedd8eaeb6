"""Tests of the tests: what the hidden check of each graded function fails and passes."""

import ast
import importlib
import inspect

import numpy as np
import pytest
from equivalents import EQUIVALENTS
from mutants import mutants

from gradekit import bank, reference
from gradekit.answers import answers
from gradekit.course import LABS
from gradekit.judge import judge
from labkit import cases
from labkit.evidence import answer_evidence, collect
from labkit.exercise import Answer, Exercise

SEEDS = ("5eed", "c0ffee", "2026")
# A lab that is not in the course's list yet is not judged.
MODULES = [importlib.import_module(f"labkit.cases.{module}") for lab in LABS for module in lab.modules]
ITEMS = {item.name: item for module in MODULES for item in vars(module).values() if isinstance(item, Exercise | Answer)}
EXERCISES = [item for item in ITEMS.values() if isinstance(item, Exercise)]
ANSWERS = [item for item in ITEMS.values() if isinstance(item, Answer)]
LISTED_EQUIVALENTS = {key for key in EQUIVALENTS if key.split(":")[0] in ITEMS}
MISTAKES = [known for exercise in EXERCISES for known in bank.mistakes_of(exercise.name)]
RIGHT = [(exercise.name, version) for exercise in EXERCISES for version in bank.right_versions_of(exercise.name)]


def verdict(fn, name, seed):
    exercise = cases.find(name)
    return judge(name, collect(fn, exercise, seed), seed)


def by_name(items):
    return {"argvalues": items, "ids": [item.name for item in items]}


@pytest.mark.parametrize("exercise", **by_name(EXERCISES))
def test_the_reference_gets_all_points(exercise):
    for seed in SEEDS:
        assert verdict(reference.function(exercise.name), exercise.name, seed).fraction == 1


@pytest.mark.parametrize("known", MISTAKES, ids=lambda known: f"{known.function}-{known.name}")
def test_a_mistake_fails_with_its_own_hint(known):
    for seed in SEEDS:
        found = verdict(known.version, known.function, seed)
        assert found.fraction < 1
        assert found.mistake == known.name, found.message
        assert known.hint in found.message


@pytest.mark.parametrize(("name", "version"), RIGHT, ids=lambda x: getattr(x, "__name__", x))
def test_a_right_version_passes(name, version):
    for seed in SEEDS:
        found = verdict(version, name, seed)
        assert found.fraction == 1, found.message


@pytest.mark.parametrize("exercise", **by_name(EXERCISES))
def test_the_bank_is_large_enough(exercise):
    assert len(bank.mistakes_of(exercise.name)) >= 6
    assert len(bank.right_versions_of(exercise.name)) >= 3
    hints = [known.hint for known in bank.mistakes_of(exercise.name)]
    assert all(len(hint) > 20 and hint[-1] in ".?" for hint in hints)


@pytest.mark.parametrize("exercise", **by_name(EXERCISES))
def test_an_unfinished_function_gets_nothing_and_is_told_so(exercise):
    found = verdict(lambda *inputs: None, exercise.name, SEEDS[0])
    assert found.fraction == 0
    assert "Finish it first" in found.message or "None" in found.message


@pytest.mark.parametrize("exercise", **by_name(EXERCISES))
def test_no_mutant_of_the_solution_survives(exercise):
    survivors = []
    for change, version in mutants(reference.function(exercise.name)):
        if all(verdict(version, exercise.name, seed).fraction == 1 for seed in SEEDS[:2]):
            survivors.append(f"{exercise.name}: {change}")
    assert [each for each in survivors if each not in EQUIVALENTS] == []


def test_every_listed_equivalent_still_survives():
    surviving = set()
    for name in {key.split(":")[0] for key in LISTED_EQUIVALENTS}:
        for change, version in mutants(reference.function(name)):
            if verdict(version, name, SEEDS[0]).fraction == 1:
                surviving.add(f"{name}: {change}")
    assert LISTED_EQUIVALENTS <= surviving


class Equal:
    """Equal to everything, like everything."""

    def __eq__(self, other):
        return True

    def __array_ufunc__(self, *args, **kwargs):
        return True


NONSENSE = {
    "raises": lambda *inputs: 1 / 0,
    "a string": lambda *inputs: "0.5",
    "equal to all": lambda *inputs: Equal(),
    "an object array": lambda *inputs: np.array([Equal()], dtype=object),
    "a generator": lambda *inputs: (i for i in range(3)),
    "NaN": lambda *inputs: float("nan"),
    "complex": lambda *inputs: np.array([1j]),
    "itself": lambda *inputs: NONSENSE,
    "a huge array": lambda *inputs: np.zeros(2_000_000),
    "deep": lambda *inputs: [[[[[[[[[1]]]]]]]]],
    "a class": lambda *inputs: int,
    "an empty array": lambda *inputs: np.zeros((0, 3)),
}


@pytest.mark.parametrize("kind", NONSENSE)
@pytest.mark.parametrize("exercise", **by_name(EXERCISES))
def test_nonsense_gets_nothing_and_nothing_raises(exercise, kind):
    found = verdict(NONSENSE[kind], exercise.name, SEEDS[0])
    assert found.fraction == 0
    assert found.message


def test_coarse_numbers_buy_no_leniency():
    """float32 for float64 costs the form; an error hidden behind float32's or float16's tolerance costs everything."""

    def computed(dtype, error):
        return lambda Z: (reference.function("relu")(Z.astype(dtype)) * (1 + error)).astype(dtype)

    exact = verdict(computed(np.float32, 0), "relu", SEEDS[0])
    assert 0 < exact.fraction < 1 and "fewer digits" in exact.message
    assert verdict(computed(np.float32, 1.5e-4), "relu", SEEDS[0]).fraction == 0
    assert verdict(computed(np.float16, 0), "relu", SEEDS[0]).fraction == 0


BROKEN_ARRAYS = [
    {"dtype": "(2,"}, {"dtype": "O"}, {"dtype": "V8"}, {"dtype": ">f8,f8"}, {"shape": [99] * 240_000},
    {"shape": [0, 2**70]}, {"shape": [1] * 65}, {"shape": [-1]}, {"shape": [True]}, {"data": "?"}, {"data": None},
]  # fmt: skip


@pytest.mark.parametrize("damage", BROKEN_ARRAYS, ids=lambda damage: str(damage)[:30])
def test_a_broken_array_is_bad_evidence_and_no_more(damage):
    evidence = answer_evidence(1.0, ANSWERS[0].name)
    evidence["cases"][0]["result"].update(damage)
    found = judge(ANSWERS[0].name, evidence, "00")
    assert found.fraction == 0
    assert "can't be judged" in found.message


@pytest.mark.parametrize("answer", **by_name(ANSWERS))
def test_answers_are_told_apart(answer):
    key = answers()[answer.name]
    assert judge(answer.name, answer_evidence(key.value, answer.name), "00").fraction == 1
    assert judge(answer.name, answer_evidence(np.float64(key.value), answer.name), "00").fraction == 1
    assert judge(answer.name, answer_evidence(None, answer.name), "00").fraction == 0
    assert judge(answer.name, answer_evidence(key.value + 1, answer.name), "00").fraction == 0
    assert key.wrong, "name at least one typical wrong answer"
    for wrong, hint in key.wrong.items():
        found = judge(answer.name, answer_evidence(wrong, answer.name), "00")
        assert found.fraction == 0
        assert hint in found.message


@pytest.mark.parametrize("exercise", **by_name(EXERCISES))
def test_a_hint_does_not_give_the_solution_away(exercise):
    tree = ast.parse(inspect.getsource(reference.function(exercise.name)))
    results = [ast.unparse(node.value) for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value]
    for known in bank.mistakes_of(exercise.name):
        assert not any(len(result) > 8 and result in known.hint for result in results)
