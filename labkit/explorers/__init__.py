"""Explorers: figures that move under a student's hand, on the student's own functions.

    from labkit.explorers import explore_batch

Each lab has a module here; it is imported when one of its explorers is.
"""

import importlib
from typing import Any

HOME = {
    "explore_batch": "start",
    "explore_bump": "shapes",
    "explore_loss": "losses",
    "explore_breaking": "losses",
    "explore_graph": "backprop",
    "explore_bug": "gradient_check",
    "explore_depth": "initialization",
    "explore_descent": "optimizers",
    "explore_fit": "regularization",
    "explore_batch_norm": "batch_norm",
    "explore_landscape": "batch_norm",
    "explore_highway": "resnets",
}


def __getattr__(name: str) -> Any:
    if name not in HOME:
        raise AttributeError(f"labkit.explorers has no {name!r}. It has: {', '.join(HOME)}.")
    return getattr(importlib.import_module(f"labkit.explorers.{HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(HOME)
