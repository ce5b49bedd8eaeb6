"""Evidence: what a function did on its cases, as plain data that can leave the kernel.

Arrays travel as base64 bytes with dtype and shape, so that NaN, inf and the last bit survive.
Never a pickle, never an object. `dump` makes JSON-able data, `load` reads it back and trusts nothing.
"""

import base64
import copy
import re
from collections.abc import Callable
from typing import Any

import numpy as np

MIME = "application/vnd.labkit.evidence+json"
VERSION = 1
SIZE_CAP = 200_000  # bytes of one array
TOTAL_CAP = 600_000  # characters of all evidence of one check
DEPTH_CAP = 6
MOST_AXES = 8
LONGEST_ID = 200
KINDS = "biufc"  # dtype kinds that may travel


class BadEvidence(ValueError):
    """Evidence that can't be read: too large, of a wrong form, or not data at all."""


def dump(value: Any, depth: int = 0) -> dict:
    """A result as JSON-able data."""
    if depth > DEPTH_CAP:
        return {"type": "other", "name": "deeply nested value"}
    if value is None:
        return {"type": "none"}
    if isinstance(value, tuple | list):
        return {"type": "nest", "tuple": isinstance(value, tuple), "items": [dump(v, depth + 1) for v in value[:100]]}
    if isinstance(value, bool | int | float | np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.kind in KINDS:
            return _dump_array(
                array, python=isinstance(value, bool | int | float) and not isinstance(value, np.generic)
            )
    return {"type": "other", "name": type(value).__name__[:80]}


def _dump_array(array: np.ndarray, python: bool) -> dict:
    if array.nbytes > SIZE_CAP:
        return {"type": "other", "name": f"array of shape {array.shape}, too large to judge"}
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
    return {"type": "array", "dtype": array.dtype.str, "shape": list(array.shape), "data": data, "python": python}


class Other:
    """A result that is no number, array or nest of them."""

    def __init__(self, name: str):
        self.name = name

    def __repr__(self) -> str:
        return f"{'an' if self.name[:1] in 'aeiou' else 'a'} {self.name}"


def load(data: Any, depth: int = 0) -> Any:
    """Data back to None, an array, a nest of them, or `Other`. Raises BadEvidence."""
    if depth > DEPTH_CAP or not isinstance(data, dict):
        raise BadEvidence("the evidence has a wrong form")
    match data.get("type"):
        case "none":
            return None
        case "nest" if isinstance(data.get("items"), list):
            items = [load(item, depth + 1) for item in data["items"]]
            return tuple(items) if data.get("tuple") else items
        case "array":
            return _load_array(data)
        case "other":
            return Other(str(data.get("name"))[:80])
    raise BadEvidence("the evidence has a wrong form")


def _load_array(data: dict) -> np.ndarray:
    name, shape, text = data.get("dtype"), data.get("shape"), data.get("data")
    if not isinstance(name, str) or not re.fullmatch(rf"[<>|=]?[{KINDS}]\d{{1,2}}", name):
        raise BadEvidence("the evidence has an array of an unknown kind")
    if not isinstance(shape, list) or len(shape) > MOST_AXES or not all(type(n) is int and n >= 0 for n in shape):
        raise BadEvidence("the evidence has an array of an odd shape")
    if not isinstance(text, str) or len(text) > 2 * SIZE_CAP:
        raise BadEvidence("the evidence has an array that is too large")
    try:
        raw = base64.b64decode(text, validate=True)
        return np.frombuffer(raw, np.dtype(name)).reshape(shape).copy()
    except (TypeError, ValueError) as error:
        raise BadEvidence("the evidence has an array that is not whole") from error


def collect(fn: Callable, exercise, seed: str) -> dict:
    """Run a function through an exercise's cases: results, what it raised, which inputs it changed."""
    return {
        "version": VERSION,
        "name": exercise.name,
        "cases": [observe(fn, exercise.run, inputs) for inputs in exercise.draw(seed)],
    }


def observe(fn: Callable, run: Callable, inputs: tuple) -> dict:
    """One case: `fn` gets copies, and the copies are compared with the inputs afterwards."""
    given = copy.deepcopy(inputs)
    try:
        with np.errstate(all="ignore"):
            result = dump(run(fn, given))
    except Exception as error:  # a student's function may raise anything
        raised = {"type": type(error).__name__[:80], "message": str(error)[:300]}
        return {"result": None, "raised": raised, "changed": []}
    changed = [number for number, (was, now) in enumerate(zip(inputs, given, strict=True)) if not same_bits(was, now)]
    return {"result": result, "raised": None, "changed": changed}


def same_bits(a: Any, b: Any) -> bool:
    """Whether two inputs are equal to the last bit (NaN equals NaN)."""
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, tuple | list):
        return type(a) is type(b) and len(a) == len(b) and all(map(same_bits, a, b))
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same_bits(a[k], b[k]) for k in a)
    return True


def answer_evidence(value: Any, name: str) -> dict:
    """Evidence of a numeric answer."""
    return {"version": VERSION, "name": name, "cases": [{"result": dump(value), "raised": None, "changed": []}]}


def personal_evidence(value: Any, name: str, student: Any) -> dict:
    """Evidence of an answer to a question that was drawn for this student id."""
    return {**answer_evidence(value, name), "student": student[:LONGEST_ID] if isinstance(student, str) else None}
