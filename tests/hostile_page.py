"""docs/hostile.md, made from the corpus."""

from collections import Counter

from course import ROOT
from hostile_course import CATEGORIES, HONEST, Case

PAGE = ROOT / "docs" / "hostile.md"
COMMAND = "python -m benchmarks.hostile --page"
BATCH = {
    "went on": "",
    "ended": "The batch ended: those after it were not graded.",
    "hung": "It hung until it was killed.",
    "changed": "The scores of others changed.",
}
OUTCOMES = {
    "hung": "nbgrader hung until it was killed from outside",
    "ended": "the batch ended: those after it were not graded",
    "changed": "the scores of other students changed",
    "lost": "this submission was not graded",
    "more": "some cell got more points than here",
    "fewer": "some cell got fewer points than here",
    "same": "the same points as here",
}

INTRODUCTION = """# Hostile and unlucky submissions

`tests/hostile/` holds {count} submissions, each as a student would hand it in. `tests/test_hostile.py` grades them all
as one class. It compares the points of every cell, the words of the messages and the repairs, and looks for what was
left on the machine.

A case that another follows (`_1`, `_2`) leaves something behind; the second profits if it is there.

**Add one.** Copy `tests/hostile/accident/honest.ipynb`, edit it in JupyterLab, and write into its metadata, under
`hostile`, what it does and what you expect. Where it is more than one notebook, or none, make a folder with the files
and a `case.json`. Then `{command}` makes this page anew.

## What is promised, and what is not

The promises of [the sandbox](sandbox.md) and of [the checks](checks.md) stand there, with what they leave out. Each row
that a submission can put to the test has a case here: the last section lists them. These cases show what is **not**
promised:

- `strips_asserts`, `blanks_tests`, `always_equal`: a plain hidden assert can be switched off, and keeps its point.
- `lies_about_purity`: whether an input was changed is reported by the student's own process.
- `own_check`: who breaks `check` by accident loses the points of all later checks. The message says so.

## Beside stock nbgrader

Stock nbgrader {version} graded the same files with its own defaults, each between two honest submissions. It asks for
the same in the same cells. It has no judge, so its hidden tests are asserts: those of `relu` and of the number hold the
expected values, those of `sigmoid` compare with the reference, which its kernel can import as in many courses. The
whole of it ran in a lock without network, with limits. `python -m benchmarks hostile` records it anew.

{outcomes}

More points under *escape* and *cheating* are points for nothing, but for those of right functions whose checks
`easy_inputs` and `patches_check` spoil here. Under *exhaustion* they are work that stock nbgrader lets run on, and that
a limit stops here. "The same" means the same points: stock nbgrader gives no reasons.
"""


def page(cases: list[Case]) -> str:
    parts = [introduction(cases)]
    for category in CATEGORIES:
        rows = [row(case) for case in cases if case.category == category]
        parts.append(
            "\n".join([f"## {category.capitalize()}", "", *table("Case", "What it does", "Here", "Stock"), *rows])
        )
    promises = {promise: [] for case in cases for promise in case.promises}
    for case in cases:
        for promise in case.promises:
            promises[promise].append(f"`{case.name}`")
    rows = [f"| {promise} | {', '.join(names)} |" for promise, names in sorted(promises.items())]
    parts.append("\n".join(["## Promises and their cases", "", *table("Promise", "Cases"), *rows]))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def introduction(cases: list[Case]) -> str:
    recorded = [case for case in cases if "stock" in case.about]
    counted = Counter((outcome(case), case.category) for case in recorded)
    rows = [
        f"| {words} | {' | '.join(str(counted[name, category] or '') for category in CATEGORIES)} |"
        for name, words in OUTCOMES.items()
    ]
    outcomes = "\n".join([*table("What stock nbgrader did", *CATEGORIES), *rows])
    versions = {case.about["stock"]["nbgrader"] for case in recorded}
    return INTRODUCTION.format(count=len(cases), command=COMMAND, version=" and ".join(versions), outcomes=outcomes)


def outcome(case: Case) -> str:
    """The worst that can be said of stock nbgrader on this case."""
    stock = case.about["stock"]
    if stock["batch"] != "went on":
        return stock["batch"]
    if stock["scores"] is None:
        return "lost"
    pairs = [(stock["scores"].get(cell) or 0, score or 0) for cell, score in case.scores.items()]
    if any(theirs > ours for theirs, ours in pairs):
        return "more"
    return "fewer" if any(theirs < ours for theirs, ours in pairs) else "same"


def table(*heads: str) -> list[str]:
    return [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]


def row(case: Case) -> str:
    return f"| `{case.name}` | {case.about['does']} | {here(case)} | {stock(case)} |"


def here(case: Case) -> str:
    reasons = case.about.get("open", {})
    engines = {reason: [engine for engine in reasons if reasons[engine] == reason] for reason in reasons.values()}
    notes = [f"Not yet so ({', '.join(names)}): {reason}" for reason, names in engines.items()]
    return " ".join([points(case.scores, case.words), *notes])


def stock(case: Case) -> str:
    seen = case.about.get("stock")
    if seen is None:
        return "not recorded"
    if seen["scores"] is None:
        text = "Not graded."
    elif outcome(case) == "same":
        text = "The same."
    else:
        text = points(seen["scores"], {})
    return " ".join(filter(None, [text, BATCH[seen["batch"]]]))


def points(scores: dict[str, float | None], words: dict[str, str]) -> str:
    """What is not as in honest work."""
    other = {cell: score for cell, score in scores.items() if (score or 0) != (HONEST[cell] or 0)}
    if not other:
        return "Full marks."
    if all(not scores[cell] for cell in HONEST):
        reasons = {*words.values()}
        return f"0: “{reasons.pop()}”." if len(reasons) == 1 else "0."
    return ", ".join(f"`{cell}` {score or 0:g}{quoted(words.get(cell))}" for cell, score in other.items()) + "."


def quoted(words: str | None) -> str:
    return f" (“{words}”)" if words else ""
