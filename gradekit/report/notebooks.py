"""What an autograded notebook tells beside its scores: verdicts, repairs, what stopped it, how long it ran."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from gradekit.feedback import repairs_of
from gradekit.personal import OTHER_ID
from gradekit.report.gradebook import Key
from gradekit.verdicts import NO_REFERENCE, SANDBOX_SAYS, verdict_of
from labkit import cases
from labkit.exercise import Answer

UNFINISHED = ("it returns None. Finish it first.", "It is still None.")  # how such messages end
RAISED = re.compile(r"stopped with ([A-Za-z_]\w{0,60})|it raised ([A-Za-z_]\w{0,60})")
CUT_SHORT = re.compile(r"the kernel stopped in its check.*|its check was interrupted.*")
OUR_FAULT = "Tell your instructor."  # how the judge ends where it could not judge
LONGEST = 200  # characters of a text that came from a student's process


@dataclass(frozen=True)
class Miss:
    """Why a check did not give all its points."""

    kind: str  # "named", "unfinished", "stopped" or "other"
    mistake: str = ""
    hint: str = ""


@dataclass
class Trace:
    """What one submission's notebooks tell."""

    misses: dict[Key, Miss] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)
    unreadable: str = ""
    stops: list[tuple[str, str]] = field(default_factory=list)  # the cell, and what stopped there
    asked_for_reference: list[str] = field(default_factory=list)
    not_judged: list[str] = field(default_factory=list)
    other_id: str = ""
    seconds: float | None = None
    missing: bool = False  # there is no autograded notebook, or half of one


def read_notebooks(paths: list[Path]) -> Trace:
    trace = Trace()
    for path in paths:
        try:
            notebook = json.loads(path.read_bytes())
            _enter(trace, path.stem, notebook["metadata"].get("gradekit", {}), notebook["cells"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            trace.missing = True
    return trace


def _enter(trace: Trace, name: str, about: dict, cells: list[dict]) -> None:
    trace.unreadable = trace.unreadable or str(about.get("unreadable", ""))
    if isinstance(about.get("seconds"), int | float):
        trace.seconds = (trace.seconds or 0.0) + about["seconds"]
    for cell in cells:
        mark = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "code":
            trace.stops += _stops(cell, mark)
            verdict = verdict_of(nbformat.from_dict(cell)) if mark.get("grade") else None
            if verdict:
                _enter_verdict(trace, (name, mark["grade_id"]), verdict)
    trace.repairs += repairs_of(nbformat.from_dict({"cells": [c for c in cells if "gradekit" in c["metadata"]]}))


def _stops(cell: dict, mark: dict) -> list[tuple[str, str]]:
    where = mark.get("grade_id") or f"cell [{cell['execution_count']}]"
    return [
        (where, str(output["evalue"])[:LONGEST])
        for output in cell["outputs"]
        if output["output_type"] == "error" and output["ename"] in SANDBOX_SAYS
    ]


def _enter_verdict(trace: Trace, key: Key, verdict: dict[str, Any]) -> None:
    name, mistake = verdict["name"], verdict["mistake"] or ""
    message = verdict["message"].removeprefix(f"{name}: ").removesuffix(f" {NO_REFERENCE}")
    if cut := CUT_SHORT.search(message):
        trace.stops.append((key[1], cut[0].rstrip(".")))
    if OUR_FAULT in message and not mistake:
        trace.not_judged.append(name)
    if verdict["message"].endswith(NO_REFERENCE):
        trace.asked_for_reference.append(name)
    if mistake.startswith(OTHER_ID):
        trace.other_id = message
    elif verdict["fraction"] < 1:
        trace.misses[key] = _miss(name, mistake, message)


def _miss(name: str, mistake: str, message: str) -> Miss:
    if mistake:
        is_number = isinstance(cases.find(name), Answer)
        return Miss("named", f"answered {mistake}" if is_number else mistake.replace("_", " "), message)
    if message.endswith(UNFINISHED):
        return Miss("unfinished")
    if raised := RAISED.search(message):
        return Miss("stopped", next(filter(None, raised.groups())))
    return Miss("stopped" if "could not be checked" in message else "other")
