"""What goes to a worker, and what comes back: data alone, so that a worker needs neither gradebook nor course."""

from dataclasses import dataclass, field

from gradekit.blueprint import TrueCell


@dataclass(frozen=True)
class Preparation:
    """How submissions of a lab are run and judged.

    steps: the preprocessors that do it. settings: theirs, as JSON. course: the course's folder.
    """

    name: str
    steps: tuple[str, ...]
    settings: str
    course: str


@dataclass(frozen=True)
class Lab(Preparation):
    """What all submissions of a lab have in common.

    truth: the lab's nbgrader cells. code: the digest of the course's code, which a worker elsewhere must have too.
    """

    truth: tuple[TrueCell, ...]
    kernelspec: dict | None
    code: str


@dataclass(frozen=True)
class Job:
    """One submission. about: "renamed" or "unreadable", as in gradekit.reading. seed: derived, never the secret."""

    lab: Lab
    student: str
    seed: str
    stamp: str
    notebook: bytes = b""
    files: bytes = b""
    about: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Graded:
    """notebook: the autograded one, as the text of its file. marks: what the gradebook is to hold of it."""

    student: str
    notebook: str
    marks: "Marks"


@dataclass(frozen=True)
class Marks:
    """scores: by grade_id; None waits for a grader. unanswered: solution cells left as they were released."""

    scores: dict[str, float | None]
    unanswered: frozenset[str]
    mistakes: tuple[tuple[str, str, str], ...]  # function, mistake's name, message


@dataclass(frozen=True)
class Failed:
    """A submission that could not be graded; nothing of it is the student's fault."""

    student: str
    reason: str
