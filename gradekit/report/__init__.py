"""`gradekit report`: what a class did in one lab, as one page."""

from pathlib import Path

from gradekit.folder import CourseFolder, Trouble
from gradekit.report.facts import FEW, gather
from gradekit.report.page import render

LEAST = 5  # submissions: below it even a mean points at somebody

__all__ = ["report"]


def report(course: CourseFolder, lab: str, *, anonymous: bool = False, to: Path | None = None) -> Path:
    """Write the page, by default to reports/LAB.html in the course folder, and return where it is.

    anonymous: without names, ids and single persons' results, to be shown to the class.
    """
    facts = gather(course, lab)
    if anonymous and len(facts.counted) < LEAST:
        raise Trouble(f"An anonymous report needs {LEAST} graded submissions, {lab} has {len(facts.counted)}: "
                      "whatever it said would point at somebody.")  # fmt: skip
    to = to or course.root / "reports" / f"{lab}{'-anonymous' if anonymous else ''}.html"
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(render(facts, least=FEW if anonymous else 1), encoding="utf-8")
    return to
