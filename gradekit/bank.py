"""The bank of mistakes: known wrong versions of each graded function, and right ones in other styles.

A wrong version is a short function with a hint; gradekit/mistakes/ holds them, topic by topic. The bank tests the
checks (each wrong one must fail, each right one must pass) and explains failures to students.
"""

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Mistake:
    function: str
    hint: str
    version: Callable

    @property
    def name(self) -> str:
        return self.version.__name__


_mistakes: dict[str, list[Mistake]] = defaultdict(list)
_right: dict[str, list[Callable]] = defaultdict(list)


def mistake(function: str, hint: str) -> Callable:
    """Enter a wrong version of a graded function, with the hint that a student gets."""

    def enter(version: Callable) -> Callable:
        _mistakes[function].append(Mistake(function, hint, version))
        return version

    return enter


def right(function: str) -> Callable:
    """Enter another right version: the check must pass it."""

    def enter(version: Callable) -> Callable:
        _right[function].append(version)
        return version

    return enter


@cache
def _load() -> None:
    import gradekit.mistakes

    for info in pkgutil.iter_modules(gradekit.mistakes.__path__):
        importlib.import_module(f"gradekit.mistakes.{info.name}")


def mistakes_of(function: str) -> list[Mistake]:
    _load()
    return list(_mistakes[function])


def right_versions_of(function: str) -> list[Callable]:
    _load()
    return list(_right[function])
