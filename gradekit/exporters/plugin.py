"""What the exporters share: whom and what to export, and a file that a spreadsheet opens without harm."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Dict, Enum, Unicode

from gradekit.exporters.scores import Lab, Person, Score, labs_in, people_in, scores_in
from gradekit.feedback import points

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
CALLS_NOTHING = re.compile(r"[\w.@+-]+")  # no bracket, quote or bar: a spreadsheet can make no call of it


class CannotExport(SystemExit):
    """Nothing was written; the message says why. nbgrader prints it and ends with exit code 1."""


class LmsExport(ExportPlugin):
    """One row a student, one column a lab. Late penalties are taken off."""

    columns = Dict(
        help="The head of a lab's column in the LMS, by lab. Default: the lab's name.",
        key_trait=Unicode(),
        value_trait=Unicode(),
    ).tag(config=True)
    identifier_from = Enum(
        ("id", "email", "lms_user_id"), "id", help="What the gradebook knows that the LMS knows students by."
    ).tag(config=True)
    no_submission = Enum(("empty", "zero"), "empty", help="What a student gets who handed nothing in.").tag(config=True)
    unfinished = Enum(
        ("empty", "score"), "empty", help="What is exported while an answer waits for its grade: nothing, or the rest."
    ).tag(config=True)

    destination = "grades.csv"
    nothing = ""  # what the LMS reads as "no grade"

    def export(self, gradebook: Gradebook) -> None:
        self.scores = scores_in(gradebook)
        labs, people = self._labs(gradebook), self._people(gradebook)
        rows = [self.row(person, [self._cell(lab, person) for lab in labs]) for person in people]
        self._write([*self.head(labs), *rows])
        self._say_what_is_unfinished(labs, people)

    def head(self, labs: Sequence[Lab]) -> list[list[str]]:
        """The rows above the students'."""
        raise NotImplementedError

    def row(self, person: Person, cells: list[str]) -> list[str]:
        raise NotImplementedError

    def fits(self, identifier: str) -> bool:
        """Whether the LMS can take this for one of its identifiers."""
        return True

    def titles(self, labs: Sequence[Lab]) -> list[str]:
        titles = [self.columns.get(lab.name, lab.name) for lab in labs]
        twice = [title for title, count in Counter(titles).items() if count > 1]
        if twice:
            raise CannotExport(f"Two labs would have the column {twice[0]!r}: see {type(self).__name__}.columns.")
        return titles

    def identifier(self, person: Person) -> str:
        return getattr(person, self.identifier_from).strip()

    def _labs(self, gradebook: Gradebook) -> list[Lab]:
        """Those asked for; by default those that somebody has handed in."""
        known = labs_in(gradebook)
        names = {lab.name for lab in known}
        asked = {str(lab) for lab in self.assignment}
        if absent := asked - names:
            raise CannotExport(f"The gradebook knows no lab {min(absent)!r}. It knows: {', '.join(sorted(names))}.")
        if later := set(self.columns) - names:
            self.log.warning("%s.columns: not in the gradebook yet: %s.", type(self).__name__, ", ".join(sorted(later)))
        handed_in = {lab for lab, _ in self.scores}
        labs = [lab for lab in known if lab.name in (asked or handed_in)]
        if not labs:
            raise CannotExport("Nothing was exported: nobody has handed in a lab yet.")
        return labs

    def _people(self, gradebook: Gradebook) -> list[Person]:
        """Those asked for whom the LMS can find. The others are named in the log."""
        people = people_in(gradebook)
        asked = {str(student) for student in self.student}
        if absent := asked - {person.id for person in people}:
            raise CannotExport(f"The gradebook knows no student {min(absent)!r}.")
        people = [person for person in people if person.id in asked or not asked]
        holders = Counter(self.identifier(person).casefold() for person in people)
        left_out = defaultdict(list)
        for person in people:
            if why := self._why_left_out(self.identifier(person), holders):
                left_out[why].append(person.id)
        for why, students in left_out.items():
            self.log.warning("Left out, %s: %s.", why, ", ".join(map(repr, students)))
        gone = {student for students in left_out.values() for student in students}
        return [person for person in people if person.id not in gone]

    def _why_left_out(self, identifier: str, holders: Counter) -> str | None:
        kind = self.identifier_from
        if not identifier:
            return f"no {kind} in the gradebook"
        if not self.fits(identifier):
            return f"the LMS has no such {kind}"
        if holders[identifier.casefold()] > 1:
            return f"the {kind} is not theirs alone"
        if identifier.startswith(FORMULA) and not CALLS_NOTHING.fullmatch(identifier):
            return f"a spreadsheet would run the {kind} as a formula, and changed it would match nobody"
        return None

    def _cell(self, lab: Lab, person: Person) -> str:
        score = self.scores.get((lab.name, person.id))
        if score is None:
            return "0" if self.no_submission == "zero" else self.nothing
        return points(score.points) if self._counts(score) else self.nothing

    def _counts(self, score: Score) -> bool:
        return not score.unscored or (self.unfinished == "score" and score.started)

    def _say_what_is_unfinished(self, labs: Sequence[Lab], people: Sequence[Person]) -> None:
        for lab in labs:
            scores = [self.scores.get((lab.name, person.id)) for person in people]
            waiting = sum(score is not None and score.unscored > 0 for score in scores)
            empty = sum(score is not None and not self._counts(score) for score in scores)
            if waiting:
                self.log.warning("%s: %d submissions are not graded to the end; %d of them were left empty.",
                                 lab.name, waiting, empty)  # fmt: skip

    def _write(self, rows: list[list[str]]) -> None:
        to = Path(self.to or self.destination)
        with to.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
        self.log.info("Wrote %s", to)


def shown(text: str) -> str:
    """A text that only people read, so that no spreadsheet takes it for a formula."""
    text = " ".join(text.split())
    return f"'{text}" if text.startswith(FORMULA) else text
