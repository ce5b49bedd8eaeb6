"""What a student's function returns, checked for its form: arrays of known shapes, in lists."""

from collections.abc import Callable
from typing import Any

import numpy as np

from labkit.explorers.engine import Unfinished, ask

Form = tuple | list | None


def ask_for(form: Form, function: Callable, *inputs: Any) -> Any:
    """What the function returns. Raises Unfinished where that has another form.

    form: the shape of an array of numbers, () for one number; a list of forms; None where anything may stand.
    """
    result = ask(function, *inputs)
    if not _has(form, result):
        name = getattr(function, "__name__", "the function")
        raise Unfinished(f"{name} should return {_told(form)} here, but returns {_told(form_of(result))}. "
                         "Mend it first.")  # fmt: skip
    return result


def called(name: str, function: Callable) -> Callable:
    """The function under another name, for the sentences that a student reads."""

    def renamed(*inputs: Any) -> Any:
        return function(*inputs)

    renamed.__name__ = name
    return renamed


def form_of(result: Any) -> Any:
    """The form that a result has; the name of its type where it is no number, array or list of such."""
    if isinstance(result, list | tuple):
        return [form_of(each) for each in result]
    if isinstance(result, np.ndarray | np.generic | float | int):
        return np.shape(result)
    return None if result is None else type(result).__name__


def _has(form: Form, result: Any) -> bool:
    if isinstance(form, list):
        return isinstance(result, list | tuple) and len(result) == len(form) and all(map(_has, form, result))
    if form is None:
        return True
    return isinstance(form_of(result), tuple) and np.shape(result) == form and np.asarray(result).dtype.kind in "biuf"


def _told(form: Any) -> str:
    if isinstance(form, list):
        return f"a list ({', '.join(map(_told, form))})"[:150] if form else "an empty list"
    if isinstance(form, tuple):
        return f"shape {form}" if form else "one number"
    return "None" if form is None else f"a {form}"
