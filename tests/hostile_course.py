"""The corpus in tests/hostile: submissions as they were handed in, each with what it does and what must come of it.

A case is a notebook NAME.ipynb whose metadata.hostile tells about it, or a folder NAME/ of files that are handed in
as they are, where its case.json does. The keys:

does      one line
expects   {grade_id: {"score": points, "says": words of the message}}; other cells earn what honest work earns
repairs   words of the repair notes, when there are any
promise   sentences of docs/ that the case puts to the test
open      {engine: why the expectation does not hold there yet}
stock     what stock nbgrader did: {"scores": {grade_id: points} or null, "batch": words}
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from course import LAB
from nbgrader.api import Gradebook, MissingEntry

CORPUS = Path(__file__).resolve().parent / "hostile"
SOURCE = CORPUS / f"{LAB}.ipynb"
CATEGORIES = ("escape", "cheating", "exhaustion", "sabotage", "accident")
ABOUT = "case.json"
HONEST = {"check_relu": 2, "check_sigmoid": 4, "check_quick_small_net": 1, "plain_test": 1, "why_bias": None}


@dataclass(frozen=True)
class Case:
    place: Path
    about: dict

    @property
    def name(self) -> str:
        return self.place.stem

    @property
    def category(self) -> str:
        return self.place.parent.name

    @property
    def scores(self) -> dict[str, float | None]:
        """What each cell must earn; None waits for a grader."""
        return HONEST | {name: cell["score"] for name, cell in self.about["expects"].items()}

    @property
    def words(self) -> dict[str, str]:
        return {name: cell["says"] for name, cell in self.about["expects"].items() if "says" in cell}

    @property
    def promises(self) -> list[str]:
        return self.about.get("promise", [])

    def hand_in(self, folder: Path) -> None:
        """Into a student's folder that is not there yet."""
        if self.place.is_dir():
            shutil.copytree(self.place, folder, symlinks=True, ignore=shutil.ignore_patterns(ABOUT))
        else:
            folder.mkdir(parents=True)
            shutil.copy(self.place, folder / SOURCE.name)

    def record(self, stock: dict) -> None:
        """Write down what stock nbgrader did."""
        file = self.place / ABOUT if self.place.is_dir() else self.place
        data = json.loads(file.read_bytes())
        (data if self.place.is_dir() else data["metadata"]["hostile"])["stock"] = stock
        file.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")


def cases() -> list[Case]:
    return [read_case(place) for category in CATEGORIES for place in sorted((CORPUS / category).iterdir())]


def read_case(place: Path) -> Case:
    if place.is_dir():
        return Case(place, json.loads((place / ABOUT).read_bytes()))
    return Case(place, json.loads(place.read_bytes())["metadata"]["hostile"])


def scores(gradebook: Gradebook, student: str) -> dict[str, float | None] | None:
    """What counts for each cell: a score given by hand, else that of the machine. None for an unknown student."""
    try:
        grades = gradebook.find_submission_notebook(LAB, LAB, student).grades
    except MissingEntry:
        return None
    return {each.name: each.auto_score if each.manual_score is None else each.manual_score for each in grades}
