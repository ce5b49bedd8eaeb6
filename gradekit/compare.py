"""Compare a result with the reference's and say in words what differs."""

from typing import Any

import numpy as np

from labkit.evidence import Other

FINE = 1e-7  # relative
FLOAT32 = 2e-4  # where float32 is asked for
ROUNDED = 1e-5  # where float64 is asked for and float32 came, which costs elsewhere


def differs(
    got: Any, wanted: Any, exact: bool = False, dtype: bool = False, tolerance: float | None = None
) -> str | None:
    """What is wrong with `got`, as the end of a sentence, or None when it equals `wanted`.

    exact: whole numbers, no tolerance. dtype: an array's dtype must agree too.
    tolerance: relative; by default that of the dtypes.
    """
    if wanted is None:
        return None if got is None else f"expected None, got {_kind(got)}."
    if got is None:
        return "it returns None. Finish it first."
    if isinstance(got, Other) or isinstance(wanted, Other):
        return f"expected {_kind(wanted)}, got {got}."
    if isinstance(wanted, tuple | list):
        return _nest_differs(got, wanted, exact, dtype, tolerance)
    if not isinstance(got, np.ndarray):
        return f"expected {_kind(wanted)}, got {_kind(got)}."
    if got.shape != wanted.shape:
        return f"expected {_kind(wanted)}, got {_kind(got)}. Which axis holds the examples?"
    if dtype and wanted.ndim and got.dtype != wanted.dtype:
        return f"expected dtype {wanted.dtype}, got {got.dtype}."
    return _values_differ(got, wanted, exact, tolerance)


def _nest_differs(got: Any, wanted: tuple | list, exact: bool, dtype: bool, tolerance: float | None) -> str | None:
    if not isinstance(got, tuple | list) and not (isinstance(got, np.ndarray) and got.ndim):
        return f"expected {_kind(wanted)}, got {_kind(got)}."
    if len(got) != len(wanted):
        return f"expected {len(wanted)} results, got {len(got)}."
    for number, (mine, theirs) in enumerate(zip(got, wanted), start=1):
        mine = np.asarray(mine) if isinstance(mine, np.generic) else mine  # an item of an array
        wrong = differs(mine, theirs, exact, dtype, tolerance)
        if wrong:
            return f"result {number} of {len(wanted)}: {wrong}"
    return None


def _values_differ(got: np.ndarray, wanted: np.ndarray, exact: bool, tolerance: float | None) -> str | None:
    if got.dtype.kind == "c" or (got.dtype.kind == "b") != (wanted.dtype.kind == "b"):
        return f"expected values of dtype {wanted.dtype}, got {got.dtype}."
    if exact or wanted.dtype.kind == "b":
        right = got == wanted
    else:
        tolerance = tolerance or _tolerance(got.dtype, wanted.dtype)
        finite = wanted[np.isfinite(wanted)]
        smallest = tolerance * (np.abs(finite).max() if finite.size else 0.0) * 1e-3
        right = np.isclose(got, wanted, rtol=tolerance, atol=smallest, equal_nan=True)
    if np.all(right):
        return None
    return _first_difference(got, wanted, np.asarray(right))


def _tolerance(got: np.dtype, wanted: np.dtype) -> float:
    if wanted == np.float32:
        return FLOAT32
    return ROUNDED if got == np.float32 else FINE


def loses_digits(got: Any, wanted: Any) -> bool:
    """Whether an array has a coarser floating type than the reference's."""
    if isinstance(wanted, tuple | list):
        return isinstance(got, tuple | list) and any(map(loses_digits, got, wanted))
    if not isinstance(got, np.ndarray) or not isinstance(wanted, np.ndarray) or not wanted.ndim:
        return False
    return got.dtype.kind == wanted.dtype.kind == "f" and got.dtype.itemsize < wanted.dtype.itemsize


def _first_difference(got: np.ndarray, wanted: np.ndarray, right: np.ndarray) -> str:
    where = tuple(int(n) for n in np.argwhere(~right)[0])
    if not where:
        return f"the value is off: it gives {got[()]:.6g}."
    count = int((~right).sum())
    return f"{count} of {right.size} values are off, the first at {list(where)}: it gives {got[where]:.6g}."


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return "a single number" if value.shape == () else f"shape {value.shape}"
    if isinstance(value, tuple | list):
        return f"{len(value)} results"
    return "None" if value is None else f"a {type(value).__name__}"
