"""On which inputs each graded function is called, lab by lab. `find(name)` looks one up."""

import importlib
import pkgutil
from functools import cache

from labkit.exercise import Answer, Exercise, PersonalAnswer


@cache
def catalogue() -> dict[str, Exercise | Answer | PersonalAnswer]:
    """Every exercise and answer of the modules here, by name."""
    found = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for item in vars(module).values():
            if isinstance(item, Exercise | Answer | PersonalAnswer):
                found[item.name] = item
    return found


def find(name: str) -> Exercise | Answer | PersonalAnswer | None:
    return catalogue().get(name)
