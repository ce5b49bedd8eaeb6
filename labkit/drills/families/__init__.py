"""The question families, topic by topic. Each module here holds FAMILIES, a tuple."""

import importlib
import pkgutil
from functools import cache

from labkit.drills.question import Family


@cache
def families() -> dict[str, Family]:
    """Every family, by name, in the order of the topics."""
    modules = [importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]
    found = [family for module in modules for family in module.FAMILIES]
    return {family.name: family for family in sorted(found, key=lambda family: TOPICS.index(family.topic))}


TOPICS = (
    "shapes", "losses", "backprop", "initialization", "optimizers", "regularization", "batch_norm", "resnets", "claims",
)  # fmt: skip


def of_topic(topic: str) -> list[Family]:
    """The families of a topic, or of all of them: "all"."""
    if topic not in (*TOPICS, "all"):
        raise ValueError(f"There is no topic {topic!r}. The topics are: all, {', '.join(TOPICS)}.")
    return [family for family in families().values() if topic in ("all", family.topic)]
