"""check, preview and try_it: what a student meets in a notebook."""

import hashlib
import hmac
import json
import os
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

import numpy as np

from labkit import cases, evidence
from labkit.exercise import Answer, Case, Exercise, PersonalAnswer

SEED = "LABKIT_SEED"  # set by the grader alone
PREVIEW_SEED = "5eed"
ADVICE = {  # what Python and NumPy say, and what a student may ask then
    "truth value of an array": "Python's `if`, `max` and `and` take one number: is there a NumPy function for it?",
    "could not be broadcast": "Print both shapes: over which axis did one of them shrink? Or are they of two layers?",
    "matmul: ": "Print both shapes. Is the order right? Is one side to be transposed?",
    "not aligned": "Print both shapes. Is the order right? Is one side to be transposed?",
    "NoneType": "Something here is None: print it. Is it a function that is not finished, or Z[0], which always is?",
    "KeyError: <": "Is the mapping the one that came in as argument? Is its entry needed at this layer?",
    "list index out of range": "The places of a list start at 0: where does it end?",
}


class NotYet(Exception):
    """A check that fails with a sentence instead of a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def check(thing: Any, name: str | None = None) -> None:
    """Hand the work to the judge.

    Where a judge is installed (instructor, self-study) it answers at once: a line that all is right, or `NotYet`
    with the hint. Under grading the kernel only hands out evidence and the verdict falls elsewhere.
    A number does not know its name: check(n_parameters, "n_parameters").
    """
    namespace = sys._getframe(1).f_globals
    names = _names_of(thing, name, namespace)
    student = namespace.get("student_id")
    seed = os.environ.get(SEED)
    if seed:
        for each in names:
            _hand_out(_gather(thing, each, function_seed(seed, each), student))
        return
    judge = _judge()
    if judge is None:
        for each in names:
            _preview(thing, each, student)
        return
    seed = os.urandom(16).hex()
    for each in names:
        seed_here = function_seed(seed, each)
        verdict = judge(each, _gather(thing, each, seed_here, student), seed_here)
        if verdict.fraction < 1:
            raise NotYet(verdict.message)
        print(verdict.message)


def preview(thing: Any, name: str | None = None) -> None:
    """Say what is wrong with shape, dtype, finiteness or purity, before anything is graded.

    The values are compared at grading.
    """
    namespace = sys._getframe(1).f_globals
    for each in _names_of(thing, name, namespace):
        _preview(thing, each, namespace.get("student_id"))


def try_it(fn: Callable, *inputs: Any) -> Any:
    """Call a function and show what it returns; for an unfinished one, say so."""
    result = fn(*inputs)
    if result is None:
        print(f"Finish {getattr(fn, '__name__', 'the function')} first: it returns None.")
    return result


def function_seed(seed: str, name: str) -> str:
    """Each function's own seed, from the notebook's."""
    return hmac.new(bytes.fromhex(seed), name.encode(), hashlib.sha256).hexdigest()[:32]


def _names_of(thing: Any, name: str | None, namespace: dict) -> list[str]:
    """The exercises that a thing may be meant for: the name given, else the variables that hold it."""
    known = cases.catalogue()
    if name is not None:
        names = [name]
    else:
        own = getattr(thing, "__name__", None)
        names = [key for key, value in namespace.items() if value is thing and key in known] or [own]
    unknown = [each for each in names if each not in known]
    if unknown:
        raise NotYet(f"There is no exercise named {unknown[0]!r}. Was the function renamed?")
    return names


def _gather(thing: Any, name: str, seed: str, student: Any) -> dict:
    exercise = cases.find(name)
    if isinstance(exercise, PersonalAnswer):
        from labkit.drills.mock import letter_as_number

        return evidence.personal_evidence(letter_as_number(thing), name, student)
    if isinstance(exercise, Answer):
        return evidence.answer_evidence(thing, name)
    return evidence.collect(thing, exercise, seed)


def _hand_out(found: dict) -> None:
    from IPython.display import display

    if len(json.dumps(found)) > evidence.TOTAL_CAP:
        raise NotYet(f"{found['name']}: its results are too large to be judged. Are the shapes right?")
    display({evidence.MIME: found, "text/plain": f"{found['name']}: evidence taken"}, raw=True)


def _judge() -> Callable | None:
    for entry in entry_points(group="labkit.judge"):
        return entry.load()
    return None


def _preview(thing: Any, name: str, student: Any) -> None:
    exercise = cases.find(name)
    if isinstance(exercise, PersonalAnswer):
        print(_preview_personal(thing, exercise, student))
        return
    if isinstance(exercise, Answer):
        print(_preview_answer(thing, exercise))
        return
    if not callable(thing):
        raise NotYet(f"{name}: expected a function, got {_describe(thing)}.")
    for case, inputs in zip(exercise.cases, exercise.draw(PREVIEW_SEED), strict=True):
        preview_case(thing, exercise, case, inputs)
    print(f"{name}: the form is right on {len(exercise.cases)} kinds of input (shape, number type, no inf or nan, "
          "input unchanged). The values are compared at grading.")  # fmt: skip


def _preview_answer(value: Any, answer: Answer) -> str:
    if value is None or value is ...:
        raise NotYet(f"Finish {answer.name} first: replace None by a number.")
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise NotYet(f"{answer.name}: expected a number, got {_describe(value)}.")
    if answer.integer and value != int(value):
        raise NotYet(f"{answer.name}: expected a whole number, got {value}.")
    return f"{answer.name}: {value} is a number. It is compared at grading."


def _preview_personal(value: Any, answer: PersonalAnswer, student: Any) -> str:
    from labkit.drills.mock import NoId, letter_as_number, normal_id, question_of

    try:
        if answer.family is None:
            return f"{answer.name}: your numbers are drawn for {normal_id(value)!r}. Is that your id?"
        question = question_of(answer, student)
    except NoId as error:
        raise NotYet(str(error)) from None
    if value is None or value is ...:
        raise NotYet(f"Finish {answer.name} first: replace None by your answer.")
    typed, value, asks = value, letter_as_number(value) if question.choices else value, question.asks
    if not _is_numbers(value) or np.size(value) != len(asks) or not np.isfinite(value).all():
        wanted = "one number" if len(asks) == 1 else f"{len(asks)} numbers in brackets, with commas between"
        wanted = 'a letter in quotes, such as "b"' if question.choices else wanted
        raise NotYet(f"{answer.name}: expected {wanted}, got {typed!r:.60}.")
    shown = typed if question.choices else np.array(value).tolist()
    return f"{answer.name}: {shown} has the right form. It is compared at grading."


def _is_numbers(value: Any) -> bool:
    try:
        return np.asarray(value).dtype.kind in "iuf"
    except ValueError:  # a nest of unequal lengths
        return False


def preview_case(fn: Callable, exercise: Exercise, case: Case, inputs: tuple) -> None:
    """Raise NotYet where the form of one result is wrong. The values are not looked at."""
    name = exercise.signature
    seen = evidence.observe(fn, exercise.run, inputs)
    if seen["raised"]:
        raised = seen["raised"]
        said = f"{raised['type']}: {raised['message']}"
        advice = [text for words, text in ADVICE.items() if words in said][:1]
        raise NotYet(". ".join([f"{name} on {case.kind}: it raised {said}", *advice]))
    result = evidence.load(seen["result"])
    if result is None:
        raise NotYet(f"Finish {exercise.name} first: {name} returns None. Is there a `return`?")
    if seen["changed"]:
        number = seen["changed"][0]
        changed = exercise.inputs[number] if exercise.inputs else f"its {_ordinal(number)} input"
        raise NotYet(f"{name} on {case.kind}: it changes {changed}. "
                     "Work on a copy, or make a new array.")  # fmt: skip
    if exercise.expects is not None:
        _preview_shapes(f"{name} on {case.kind},", result, exercise.expects(*inputs))
    if case.finite:
        _preview_finite(name, case.kind, result)
    if case.aspect == "form" and not exercise.integer:
        _preview_dtype(name, case.kind, result, inputs)
    if exercise.sense is not None:
        complaint = exercise.sense(result, *inputs)
        if complaint:
            raise NotYet(f"{name} on {case.kind}: {complaint}")


def _preview_shapes(about: str, result: Any, expected: Any, place: str = "") -> None:
    """Compare a nest of results with the nest of expected shapes. `about` begins the complaint."""
    where = f"{about} in {place}:" if place else about
    if isinstance(expected, list):
        if not isinstance(result, tuple | list) or len(result) != len(expected):
            raise NotYet(f"{where} expected a list of {len(expected)}, got {_describe(result)}.")
        for number, (each, shape) in enumerate(zip(result, expected, strict=True)):
            _preview_shapes(about, each, shape, f"{place or 'result'}[{number}]")
    elif not isinstance(result, np.ndarray):
        raise NotYet(f"{where} expected {_shape_words(expected)}, got {_describe(result)}.")
    elif result.shape != tuple(expected):
        advice = _advice(result.shape, tuple(expected))
        raise NotYet(f"{where} expected {_shape_words(expected)}, got {_shape_words(result.shape)}. {advice}")


def _advice(shape: tuple, expected: tuple) -> str:
    if expected:
        return "Which axis holds the examples?"
    return "Is a sum or a mean still to be taken?" if np.prod(shape) > 1 else "Return the number, without an array."


def _preview_finite(name: str, kind: str, result: Any) -> None:
    if isinstance(result, tuple | list):
        for each in result:
            _preview_finite(name, kind, each)
    elif isinstance(result, np.ndarray) and not np.isfinite(result).all():
        odd = result[~np.isfinite(result)].flat[0]
        raise NotYet(f"{name} on {kind}: expected finite numbers, got {odd}. "
                     "Which step overflows, divides 0 by 0, or takes the log of 0?")  # fmt: skip


def _preview_dtype(name: str, kind: str, result: Any, inputs: tuple) -> None:
    floats = {x.dtype for x in inputs if isinstance(x, np.ndarray) and x.dtype.kind == "f"}
    if len(floats) == 1 and isinstance(result, np.ndarray) and result.ndim and result.dtype not in floats:
        raise NotYet(f"{name} on {kind}: expected dtype {floats.pop()}, got {result.dtype}. "
                     "Which step makes an array of another dtype?")  # fmt: skip


def _describe(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return _shape_words(value.shape)
    if isinstance(value, evidence.Other):
        return repr(value)
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return "None" if value is None else f"a {type(value).__name__}"


def _shape_words(shape: tuple) -> str:
    return "a single number" if tuple(shape) == () else f"shape {tuple(shape)}"


def _ordinal(number: int) -> str:
    return ("first", "second", "third", "fourth", "fifth", "sixth")[number] if number < 6 else f"number {number + 1}"
