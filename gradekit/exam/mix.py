"""What an exam is made of: a short TOML file with a title, the time, and how many questions of each topic."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from gradekit.folder import Trouble
from labkit.drills.families import TOPICS, of_topic

DEFAULT = Path(__file__).with_name("midterm.toml")
FORM = {"title": str, "minutes": int, "points": int, "topics": dict}


@dataclass(frozen=True)
class Mix:
    """points: of each question. topics: how many questions of each, in this order."""

    title: str
    minutes: int
    points: int
    topics: dict[str, int]


def read(path: Path) -> Mix:
    """Read a mix. Raises Trouble that names the line to mend."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Trouble(f"{path} can't be read: {error}") from error
    for name, kind in FORM.items():
        if not isinstance(found.get(name), kind) or isinstance(found.get(name), bool):
            raise Trouble(f"{path}: {name} should be a {kind.__name__}. An example: {DEFAULT}")
    unknown = [name for name in found if name not in FORM]
    if unknown:
        raise Trouble(f"{path}: {unknown[0]!r} is not known. It may hold {', '.join(FORM)}.")
    _refuse_topics(path, found["topics"])
    return Mix(**found)


def _refuse_topics(path: Path, topics: dict) -> None:
    if not topics:
        raise Trouble(f"{path}: [topics] is empty. It takes lines such as: backprop = 3")
    for topic, count in topics.items():
        if topic not in TOPICS:
            raise Trouble(f"{path}: there is no topic {topic!r}. The topics are: {', '.join(TOPICS)}.")
        most = sum(len(family.variants) for family in of_topic(topic))
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= most:
            raise Trouble(f"{path}: {topic} = {count!r}, but it should be a number from 1 to {most}.")
