"""The numeric exam-style questions: right answers, and wrong ones that tell what was forgotten, topic by topic.

Each module here holds `ANSWERS`, a dict from the question's name to its `Key`.
"""

import importlib
import pkgutil
from functools import cache

from gradekit.answers.key import Key


@cache
def answers() -> dict[str, Key]:
    found: dict[str, Key] = {}
    for info in pkgutil.iter_modules(__path__):
        found.update(getattr(importlib.import_module(f"{__name__}.{info.name}"), "ANSWERS", {}))
    return found
