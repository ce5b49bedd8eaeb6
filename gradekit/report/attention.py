"""Who needs a human look, and why."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from gradekit.feedback import points
from gradekit.report.facts import Facts
from gradekit.report.gradebook import Submission
from gradekit.report.notebooks import Trace
from gradekit.report.numbers import FAR, contrary, distances, table_of

CAUSES = {  # the most urgent first
    "ungraded": "not graded",
    "unreadable": "could not be read",
    "judge": "the judge failed",
    "stopped": "stopped by the sandbox",
    "id": "another's id in the notebook",
    "reference": "asked for the reference",
    "odd": "an odd score",
    "flagged": "flagged in Formgrader",
    "repaired": "repaired before grading",
    "late": "late, with a penalty",
}
ENOUGH = 10  # submissions with a time, to call one of them fast or slow
MOST_REPAIRS = 3  # that are told


@dataclass
class Case:
    who: str
    score: float | None
    reasons: list[tuple[str, str]] = field(default_factory=list)  # cause, and what is to be known

    @property
    def urgency(self) -> int:
        return min(list(CAUSES).index(cause) for cause, _ in self.reasons)


def cases_in(facts: Facts) -> list[Case]:
    """One case for each student with a reason; the most urgent first."""
    odd = odd_scores(facts)
    cases = [
        Case(facts.who(student), None, [("ungraded", _why_ungraded(facts, student))]) for student in facts.ungraded
    ]
    for one in facts.graded:
        trace = facts.traces[one.student]
        reasons = [*_from_notebook(trace), *(("odd", why) for why in odd.get(one.student, ())), *_from_gradebook(one)]
        if reasons:
            cases.append(Case(facts.who(one.student), one.total, reasons))
    return sorted(cases, key=lambda case: case.urgency)


def _why_ungraded(facts: Facts, student: str) -> str:
    if student not in facts.records.submissions:
        return "handed in, but never graded"
    return "grading did not come to its end: grade again"


def _from_notebook(trace: Trace) -> Iterator[tuple[str, str]]:
    if trace.missing:
        yield "ungraded", "the scores are there, but the graded notebook is missing or damaged: grade again"
    if trace.unreadable:
        yield "unreadable", trace.unreadable
        return
    if trace.not_judged:
        yield "judge", f"on {', '.join(trace.not_judged)}: see the log, mend it, grade again"
    for where, why in trace.stops[:1]:
        yield "stopped", f"{where}: {why}"
    if trace.other_id:
        yield "id", trace.other_id
    if trace.asked_for_reference:
        yield "reference", f"in vain, for {', '.join(trace.asked_for_reference)}"
    if trace.repairs:
        more = len(trace.repairs) - MOST_REPAIRS
        yield "repaired", " ".join([*trace.repairs[:MOST_REPAIRS], *([f"And {more} more."] if more > 0 else [])])


def _from_gradebook(one: Submission) -> Iterator[tuple[str, str]]:
    if one.flagged:
        yield "flagged", "by a grader"
    if one.penalty:
        yield "late", f"{points(one.penalty)} points taken off"


def odd_scores(facts: Facts) -> dict[str, list[str]]:
    """Scores that don't go with the rest. Each may have an innocent reason."""
    questions = facts.records.questions
    machine = [question for question in questions if not question.by_hand]
    odd: dict[str, list[str]] = defaultdict(list)
    for one in _very_fast(facts):
        if all(one.scores[question.key] >= question.most for question in machine):
            odd[one.student].append("full marks, graded in a fraction of the usual time")
    for number in contrary(questions, table_of(questions, facts.counted)):
        odd[facts.counted[number].student].append("right where most are wrong, wrong where most are right")
    for one in facts.counted:
        trace = facts.traces[one.student]
        tried = sum(miss.kind != "unfinished" for miss in trace.misses.values())
        if not trace.stops and 2 * tried > len(machine) and not any(one.scores[question.key] for question in machine):
            odd[one.student].append("no points, though most is attempted: is there one cause?")
    return odd


def _very_fast(facts: Facts) -> list[Submission]:
    timed = [one for one in facts.counted if facts.traces[one.student].seconds is not None]
    if len(timed) < ENOUGH:
        return []
    far = distances([facts.traces[one.student].seconds for one in timed])
    return [one for one, z in zip(timed, far) if z < -FAR]
