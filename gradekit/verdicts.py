"""From evidence to points: every check cell's outputs are thrown away and replaced by the judge's verdict.

A check cell is known by its grade_id, check_<name>. The only thing taken from the student's process is the evidence
that this cell displayed, and it scores only by the values in it. Whatever is missing or odd gives 0 and says why.
"""

import json
import re
from dataclasses import asdict, replace

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import determine_grade, is_grade, is_solution

from gradekit.course import LABS, UnknownLab, modules_before
from gradekit.judge import judge
from gradekit.nodes import new_output
from gradekit.seeds import NoSecret, seed_for
from gradekit.verdict import Verdict, no_points
from labkit import cases
from labkit.bench import function_seed
from labkit.evidence import MIME
from labkit.exercise import Answer

VERDICT_MIME = "application/vnd.gradekit.verdict+json"
CHECK = "check_"
CUT = "the rest of this cell's output was cut off"  # as the sandbox says it
SANDBOX_SAYS = ("KernelStopped", "CellTimeout")
LARGEST = 5_000_000  # bytes of evidence
NO_REFERENCE = "The reference is not available while this lab is graded: write the function yourself."


class Verdicts(NbGraderPreprocessor):
    """Right after Execute: judged check cells get their verdict, tests that never ran an error."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        unreadable = nb.metadata.get("gradekit", {}).get("unreadable")
        for cell in nb.cells:
            drop_claims(cell)
            if cell.cell_type != "code" or not is_grade(cell) or is_solution(cell):
                continue
            name = checked_name(cell)
            if name is None:
                settle_plain_test(cell, unreadable)
            elif unreadable:
                enter(cell, no_points(name, f"The submission could not be read: {unreadable}."))
            else:
                enter(cell, self._verdict(nb, cell, name, resources))
        return nb, resources

    def _verdict(self, nb: NotebookNode, cell: NotebookNode, name: str, resources: dict) -> Verdict:
        found = evidence_in(cell, name)
        if not found:
            verdict = no_points(name, why_no_evidence(nb, cell, name))
        elif any(other != found[0] for other in found):
            verdict = no_points(name, "Its check handed out several results that contradict each other.")
        elif len(json.dumps(found[0])) > LARGEST:
            verdict = no_points(name, "It returns far more numbers than its check can judge.")
        else:
            verdict = self._judged(name, found[0], resources)
        if verdict.fraction == 0 and asks_for_reference(nb, cell, name, resources["nbgrader"]["assignment"]):
            return replace(verdict, message=f"{verdict.message} {NO_REFERENCE}")
        return verdict

    def _judged(self, name: str, evidence: dict, resources: dict) -> Verdict:
        student = resources["nbgrader"]["student"]
        try:
            return judge(name, evidence, function_seed(seed_for(resources), name), student)
        except NoSecret as error:
            self.log.error("%s", error)
            return no_points(name, "The grader has no course secret. Tell your instructor.")
        except Exception:  # no failure of the judge may turn into points
            self.log.exception("The judge failed on %s of %s.", name, student)
            return no_points(name, "The judge failed on it. Tell your instructor.")


def checked_name(cell: NotebookNode) -> str | None:
    """The function or answer that a check cell is about; None for a plain test cell."""
    grade_id = cell.metadata.nbgrader["grade_id"]
    return grade_id.removeprefix(CHECK) if grade_id.startswith(CHECK) else None


def evidence_in(cell: NotebookNode, name: str) -> list[dict]:
    shown = [output.data.get(MIME) for output in cell.outputs if output.output_type == "display_data"]
    return [each for each in shown if isinstance(each, dict) and each.get("name") == name]


def enter(cell: NotebookNode, verdict: Verdict) -> None:
    """Replace all outputs by the message and the points; nbgrader reads the first numeric result."""
    points = float(cell.metadata.nbgrader["points"])
    score = max(0.0, min(points, round(points * verdict.fraction, 2)))
    cell.outputs = [
        new_output("stream", name="stdout", text=f"{verdict.message}\n"),
        new_output("execute_result", data={"text/plain": repr(score), VERDICT_MIME: asdict(verdict)}),
    ]


def drop_claims(cell: NotebookNode) -> None:
    """No cell may bring a verdict of its own."""
    for output in cell.get("outputs", []):
        output.get("data", {}).pop(VERDICT_MIME, None)


def verdict_of(cell: NotebookNode) -> dict | None:
    """The verdict that an autograded check cell holds."""
    mark = cell.metadata.get("nbgrader", {})
    if not (mark.get("grade") and str(mark.get("grade_id")).startswith(CHECK)):
        return None
    for output in cell.get("outputs", []):
        if output.output_type == "execute_result" and VERDICT_MIME in output.data:
            return output.data[VERDICT_MIME]
    return None


def mistakes_in(nb: NotebookNode) -> list[tuple[str, str, str]]:
    """(function, mistake's name, message) of each verdict that names a mistake."""
    found = []
    for verdict in filter(None, map(verdict_of, nb.cells)):
        name, mistake = verdict["name"], verdict["mistake"]
        if mistake:
            number = isinstance(cases.find(name), Answer)
            message = verdict["message"].removeprefix(f"{name}: ")
            found.append((name, f"answered {mistake}" if number else mistake, message))
    return found


def settle_plain_test(cell: NotebookNode, unreadable: str | None) -> None:
    """An instructor's own test counts as nbgrader defines it, but one that never ran must not count as passed."""
    if unreadable:
        fail(cell, "NotRead", f"the submission could not be read: {unreadable}")
    elif cell.execution_count is None and not cell.outputs:
        fail(cell, "NotRun", "this test was not run")
    else:
        try:
            determine_grade(cell)
        except Exception as error:  # more points than there are, or a result without text
            fail(cell, "NoScore", f"this test gave no valid score ({error})")


def fail(cell: NotebookNode, name: str, why: str) -> None:
    cell.outputs = [new_output("error", ename=name, evalue=why, traceback=[f"{name}: {why}"])]


def why_no_evidence(nb: NotebookNode, check: NotebookNode, name: str) -> str:
    """Why a check cell handed out nothing: what stopped the solution's cell, else the check itself."""
    solution = cell_of(nb, name)
    if solution is not None and (stopped := how_it_stopped(solution, "its cell")):
        return f"It could not be checked: {stopped}."
    if was_cut(check):
        return "It prints or returns far too much: what its check handed out was cut off."
    if stopped := how_it_stopped(check, "its check"):
        return f"It could not be checked: {stopped}."
    if check.execution_count is None:
        return "Its check was not run."
    return "Its check ran but handed nothing out. Is `check` still labkit's?"


def how_it_stopped(cell: NotebookNode, who: str) -> str | None:
    """What ended a cell, in words: what the sandbox says, else what the cell raised."""
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    for output in errors:
        if output.ename == "NotRun":
            return f"{who} was {output.evalue}".rstrip(".")
        if output.ename in SANDBOX_SAYS:
            return output.evalue.replace("this cell", who).rstrip(".")
    return f"{who} stopped with {raised(errors[0])}" if errors else None


def raised(output: NotebookNode) -> str:
    line = re.sub(r"\(\d+\.py, (line \d+)\)", r"(\1)", f"{output.ename}: {output.evalue}")
    return line[:300].strip(" .:")


def was_cut(cell: NotebookNode) -> bool:
    return any(output.output_type == "stream" and CUT in output.text[-200:] for output in cell.outputs)


def cell_of(nb: NotebookNode, grade_id: str) -> NotebookNode | None:
    return next((cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id), None)


def asks_for_reference(nb: NotebookNode, check: NotebookNode, name: str, lab: str) -> bool:
    """Whether the function's cell, what was raised for it, or any failed cell names an answer that is closed."""
    solution = cell_of(nb, name)
    said = [solution.source] if solution is not None else []
    said += [json.dumps(each.get("cases")) for each in evidence_in(check, name)[:1]]
    said += [raised(out) for cell in nb.cells for out in cell.get("outputs", []) if out.output_type == "error"]
    closed = closed_answers(name, lab)
    return any(closed.search(text) for text in said)


def closed_answers(name: str, lab: str) -> re.Pattern:
    """gradekit, and in dnnlib this function and the modules of this lab and later ones."""
    try:
        open_to_all = modules_before(lab)
    except UnknownLab:
        open_to_all = ()
    closed = [module for each in LABS for module in each.modules if module not in open_to_all]
    words = "|".join([*closed, re.escape(name)])
    name = re.escape(name)
    grader, answer = r"(?<!vnd\.)\bgradekit\b", rf"\bdnnlib\b[^\n]{{0,80}}\b({words})\b"
    return re.compile(rf"{grader}|{answer}|\b{name}\b[^\n]{{0,20}}'dnnlib'")
