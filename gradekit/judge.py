"""The judge: compares evidence with the reference on the same inputs and says what it found.

It runs outside the student's process. Without readable evidence it gives nothing and says why.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradekit import bank, reference
from gradekit.answers import answers
from gradekit.compare import differs, loses_digits
from gradekit.personal import judge_personal
from gradekit.verdict import Verdict, no_points
from labkit import cases
from labkit.evidence import VERSION, BadEvidence, collect, load, observe
from labkit.exercise import Answer, Exercise, PersonalAnswer

WEIGHTS = {"values": 0.6, "stability": 0.2, "edge": 0.1, "form": 0.1}


def judge(name: str, evidence: Any, seed: str, student: str | None = None) -> Verdict:
    """The verdict on evidence for the exercise of this name, drawn with this seed. Never raises for bad evidence.

    student: who handed it in; None in self-study, where the id in the notebook counts.
    """
    exercise = cases.find(name)
    if exercise is None:
        return no_points(name, "No exercise of this name is known to the grader. Tell your instructor.")
    try:
        seen = _read(evidence, exercise)
    except BadEvidence as error:
        return no_points(name, f"What the check handed out can't be judged: {error}.")
    if isinstance(exercise, PersonalAnswer):
        return judge_personal(exercise, seen[0].result, evidence.get("student"), student)
    if isinstance(exercise, Answer):
        return _judge_answer(exercise, seen[0])
    return _judge_function(exercise, seen, seed)


@dataclass(frozen=True)
class Seen:
    """One case as it came back: a result, or what was raised, and which inputs were changed."""

    result: Any
    raised: tuple[str, str] | None
    changed: tuple[int, ...]


def _read(evidence: Any, exercise: Exercise | Answer | PersonalAnswer) -> list[Seen]:
    if not isinstance(evidence, dict) or evidence.get("version") != VERSION:
        raise BadEvidence("it is of another version, or no evidence at all")
    if evidence.get("name") != exercise.name:
        raise BadEvidence(f"it is about {str(evidence.get('name'))[:40]!r}")
    found = evidence.get("cases")
    wanted = len(exercise.cases) if isinstance(exercise, Exercise) else 1
    if not isinstance(found, list) or len(found) != wanted:
        raise BadEvidence(f"it does not hold the {wanted} cases asked for")
    return [_read_case(each) for each in found]


def _read_case(case: Any) -> Seen:
    if not isinstance(case, dict):
        raise BadEvidence("a case is no data")
    if case.get("raised"):
        raised = case["raised"] if isinstance(case["raised"], dict) else {}
        return Seen(None, (str(raised.get("type"))[:80], str(raised.get("message"))[:300]), ())
    changed = case.get("changed")
    if not isinstance(changed, list) or not all(isinstance(n, int) for n in changed):
        raise BadEvidence("a case is not whole")
    return Seen(load(case.get("result")), None, tuple(changed))


def _judge_answer(answer: Answer, seen: Seen) -> Verdict:
    value = seen.result
    if value is None:
        return no_points(answer.name, "It is still None.")
    if not isinstance(value, np.ndarray) or value.shape != () or value.dtype.kind not in "iuf":
        return no_points(answer.name, "Expected one number.")
    key = answers().get(answer.name)
    if key is None:
        return no_points(answer.name, "The grader has no key for it. Tell your instructor.")
    value = float(value)
    if _near(value, key.value, answer):
        return Verdict(answer.name, 1.0, f"{answer.name}: right.")
    for wrong, hint in key.wrong.items():
        if _near(value, wrong, answer):
            return Verdict(answer.name, 0.0, f"{answer.name}: {hint}", mistake=f"{wrong:g}")
    return Verdict(answer.name, 0.0, f"{answer.name}: {value:g} is not the answer.")


def _near(value: float, wanted: float, answer: Answer) -> bool:
    return value == wanted if answer.integer else bool(np.isclose(value, wanted, rtol=answer.relative, atol=0))


def _judge_function(exercise: Exercise, seen: list[Seen], seed: str) -> Verdict:
    try:
        wanted = observed(reference.function(exercise.name), exercise, seed)
    except reference.NoReference:
        return no_points(exercise.name, "The grader has no reference for it. Tell your instructor.")
    inputs = exercise.draw(seed)
    complaints = [_complaint(exercise, *each) for each in zip(exercise.cases, inputs, seen, wanted, strict=True)]
    aspects = {}
    for case, complaint in zip(exercise.cases, complaints, strict=True):
        aspects[case.aspect] = aspects.get(case.aspect, True) and complaint is None
    slips = [_slip_of_form(case, *each) for case, *each in zip(exercise.cases, seen, wanted, strict=True)]
    aspects["form"] = aspects.get("form", True) and not any(slips)
    fraction = _fraction(aspects)
    if fraction == 1:
        return Verdict(exercise.name, 1.0, f"{exercise.name}: all {len(seen)} cases are right.", aspects=aspects)
    known = _recognise(exercise, seen, wanted, inputs)
    message = known.hint if known else _message(exercise, complaints, slips)
    return Verdict(exercise.name, fraction, f"{exercise.name}: {message}", known and known.name, aspects)


def observed(fn, exercise: Exercise, seed: str) -> list[Seen]:
    """What a function of ours does on the same inputs, read back as evidence would be."""
    return _read(collect(fn, exercise, seed), exercise)


def _fraction(aspects: dict[str, bool]) -> float:
    """Ordinary values gate the score; then the aspects that the function has share it by their weights."""
    if not aspects.get("values", True):
        return 0.0
    total = sum(WEIGHTS[aspect] for aspect in aspects)
    return round(sum(WEIGHTS[aspect] for aspect, passed in aspects.items() if passed) / total, 4)


def _complaint(exercise: Exercise, case, inputs: tuple, seen: Seen, wanted: Seen) -> str | None:
    """What is wrong in one case, or None."""
    if wanted.raised:
        if seen.raised and seen.raised[0] == wanted.raised[0]:
            return None
        return f"on {case.kind}, expected a {wanted.raised[0]}, got {_came(seen)}."
    if seen.raised:
        return f"on {case.kind}, it raised {seen.raised[0]}: {seen.raised[1]}"
    wrong = differs(seen.result, wanted.result, exercise.integer, case.aspect == "form", exercise.tolerance)
    return f"on {case.kind}, {_sensed(exercise, inputs, seen.result) or wrong}" if wrong else None


def _sensed(exercise: Exercise, inputs: tuple, result: Any) -> str | None:
    """What the exercise itself can say about a wrong result. It may trip over one that is no result at all."""
    if exercise.sense is None or result is None:
        return None
    try:
        return exercise.sense(result, *inputs)
    except Exception:
        return None


def _slip_of_form(case, seen: Seen, wanted: Seen) -> str | None:
    """What a right result may still do wrong: change its input, or give digits away."""
    if seen.changed:
        return f"on {case.kind}, it changes its input. Work on a copy, or make a new array."
    if loses_digits(seen.result, wanted.result):
        return f"on {case.kind}, it returns fewer digits than it was given. Which step makes an array of another dtype?"
    return None


def _came(seen: Seen) -> str:
    return seen.raised[0] if seen.raised else "a result"


def _message(exercise: Exercise, complaints: list[str | None], slips: list[str | None]) -> str:
    order = list(WEIGHTS)
    ranked = sorted(
        (order.index(case.aspect), complaint)
        for case, complaint in zip(exercise.cases, complaints, strict=True)
        if complaint
    )
    if ranked:
        return ranked[0][1]
    return next(filter(None, slips))


def _recognise(exercise: Exercise, seen: list[Seen], wanted: list[Seen], inputs: list[tuple]) -> bank.Mistake | None:
    """The known mistake that does the same as the student's function: on all cases, or at least on ordinary values."""
    ordinary = [n for n, case in enumerate(exercise.cases) if case.aspect == "values"]
    wrong_there = any(not _alike(exercise, n, seen[n], wanted[n]) for n in ordinary)
    order = [*ordinary, *(n for n in range(len(seen)) if n not in ordinary)]
    second_best = None
    for known in bank.mistakes_of(exercise.name):
        alike = 0  # cases from the first on; most mistakes differ on the first already
        while alike < len(order) and _does_the_same(known, exercise, order[alike], seen, inputs):
            alike += 1
        if alike == len(order):
            return known
        if wrong_there and second_best is None and alike >= len(ordinary):
            second_best = known
    return second_best


def _does_the_same(known: bank.Mistake, exercise: Exercise, n: int, seen: list[Seen], inputs: list[tuple]) -> bool:
    return _alike(exercise, n, seen[n], _read_case(observe(known.version, exercise.run, inputs[n])))


def _alike(exercise: Exercise, number: int, a: Seen, b: Seen) -> bool:
    if a.raised or b.raised:
        return bool(a.raised and b.raised and a.raised[0] == b.raised[0])
    dtype = exercise.cases[number].aspect == "form"
    same = differs(a.result, b.result, exercise.integer, dtype, exercise.tolerance) is None
    return same and bool(a.changed) == bool(b.changed)
