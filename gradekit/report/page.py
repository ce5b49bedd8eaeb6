"""The page itself: what the template shows, and what an anonymous page must not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np
from jinja2 import Environment, PackageLoader

from gradekit.feedback import points
from gradekit.formulas import formulas
from gradekit.report.attention import CAUSES, ENOUGH, cases_in
from gradekit.report.facts import Facts, Slip
from gradekit.report.figures import questions_figure, scores_figure
from gradekit.report.gradebook import Key
from gradekit.report.numbers import FAR, SMALL, Item, bins_of, distances, items_of, margin, table_of

LEADS = 3  # questions to start the lecture with
MOST_SLIPS = 15  # mistakes that are listed
MOST_RAISED = 5  # kinds of errors that are told
MOST_SLOW = 10  # students that are listed as slow
KINDS = {"unfinished": "not finished", "stopped": "stopped with an error", "other": "wrong in ways of their own"}


@dataclass(frozen=True)
class Lead:
    """A question to talk about, and what went wrong there most often."""

    item: Item
    slip: Slip | None
    rest: list[tuple[str, int]]  # kinds of misses without a name, and how many


def render(facts: Facts, least: int = 1) -> str:
    """The page. least: above 1 it is anonymous: it shows no person, and no count of persons below this."""
    anonymous = least > 1
    items = items_of(facts.records.questions, table_of(facts.records.questions, facts.counted))
    settled = [item for item in items if item.scored == len(facts.counted)]  # what was left blank is scored first
    slips = [slip for slip in facts.slips if slip.count >= least]
    pages = Environment(loader=PackageLoader("gradekit"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    pages.filters |= {"points": points, "percent": percent, "count": partial(count, least=least), "signed": signed}
    pages.filters["formulas"] = formulas
    return pages.get_template(
        "report.html"
    ).render(
        lab=facts.records.lab,
        now=datetime.now(),
        least=least,
        people=None if anonymous else people(facts),  # all that names anybody
        handed_in=len(facts.graded) + len(facts.ungraded),
        roster=len(facts.records.names),
        counted=len(facts.counted),
        scores=scores(facts, settled, least) if facts.counted else None,
        items=items,
        leads=leads(facts, settled, slips, least),
        slips=[(names_of(facts)[slip.key], slip) for slip in slips[:MOST_SLIPS]],
        missed=facts.kinds,
        kinds=KINDS,
        raised=[each for each in facts.raised.most_common(MOST_RAISED) if each[1] >= least],
        small=SMALL,
        margin=margin(len(facts.counted)),
        times=times(facts),
        failures=failures(facts),
        waiting=[(question.name, len(facts.waiting(question))) for question in facts.unread],
    )


def people(facts: Facts) -> dict:
    """Everything on the page that names a student."""
    return {
        "cases": cases_in(facts),
        "causes": CAUSES,
        "slow": slow(facts),
        "absent": [facts.who(student) for student in facts.absent],
        "waiting": {question.name: [facts.who(one.student) for one in facts.waiting(question)]
                    for question in facts.unread},
    }  # fmt: skip


def names_of(facts: Facts) -> dict[Key, str]:
    return {question.key: question.name for question in facts.records.questions}


def leads(facts: Facts, items: Sequence[Item], slips: Sequence[Slip], least: int) -> list[Lead]:
    """The questions that most students missed, the most missed first."""
    missed = sorted((item for item in items if item.missed >= least), key=lambda item: item.full)[:LEADS]
    return [
        Lead(
            item,
            next((slip for slip in slips if slip.key == item.question.key), None),
            [(words, number) for kind, words in KINDS.items()
             if (number := facts.kinds[item.question.key][kind]) >= least],
        )
        for item in missed
    ]  # fmt: skip


def scores(facts: Facts, items: Sequence[Item], least: int) -> dict:
    """The distribution of scores: figure, table, and the usual numbers."""
    totals = [one.total for one in facts.counted]
    most = sum(question.most for question in facts.records.questions)
    low, middle, high = np.percentile(totals, [25, 50, 75])
    bins = bins_of(totals, most, least)
    return {
        "most": most, "mean": np.mean(totals), "low": low, "median": middle, "high": high, "bins": bins,
        "full": sum(total >= most - 1e-9 for total in totals),
        "figure": scores_figure(bins, middle),
        "questions": questions_figure(items) if items else "",
    }  # fmt: skip


def times(facts: Facts) -> dict | None:
    """How long grading ran the notebooks: half of them, and all but the slowest twentieth."""
    seconds = [trace.seconds for trace in facts.traces.values() if trace.seconds is not None]
    if not seconds:
        return None
    middle, long = np.percentile(seconds, [50, 95])
    return {"number": len(seconds), "median": middle, "long": long}


def slow(facts: Facts) -> list[tuple[str, float]]:
    """Those whose notebooks took far longer than the rest: who, and seconds."""
    timed = [(trace.seconds, student) for student, trace in facts.traces.items() if trace.seconds is not None]
    if len(timed) < ENOUGH:
        return []
    far = distances([seconds for seconds, _ in timed])
    found = sorted((each for each, z in zip(timed, far) if z > FAR), reverse=True)[:MOST_SLOW]
    return [(facts.who(student), seconds) for seconds, student in found]


def failures(facts: Facts) -> list[tuple[str, int]]:
    """What went wrong beside wrong answers, and in how many submissions."""
    traces = list(facts.traces.values())
    found = {
        "not graded": len(facts.ungraded),
        "could not be read": sum(bool(trace.unreadable) for trace in traces),
        "not judged, by a fault of the grader": sum(bool(trace.not_judged) for trace in traces),
        "stopped by the sandbox": sum(bool(trace.stops) for trace in traces),
        "repaired before grading": sum(bool(trace.repairs) and not trace.unreadable for trace in traces),
        "asked for the reference in vain": sum(bool(trace.asked_for_reference) for trace in traces),
        "another's id in the notebook": sum(bool(trace.other_id) for trace in traces),
    }
    return [(what, number) for what, number in found.items() if number]


def percent(share: float) -> str:
    return f"{share:.0%}"


def count(number: int, least: int) -> str:
    return f"under {least}" if 0 < number < least else str(number)


def signed(number: float) -> str:
    return f"{number:.2f}".replace("-", "−")  # noqa: RUF001
