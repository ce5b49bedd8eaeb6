"""Moodle: a file for Grades > Import > CSV file, and an assignment's own grading worksheet, filled in."""

import csv
from collections.abc import Sequence
from pathlib import Path

from nbgrader.api import Gradebook
from traitlets import Enum, Unicode

from gradekit.exporters.plugin import CannotExport, LmsExport, shown
from gradekit.exporters.scores import Lab, Person, scores_in
from gradekit.feedback import points


class MoodleCSV(LmsExport):
    """Scores as Moodle's grade import takes them; the instructor maps the columns there.

    No grade is "-": in a new grade item Moodle reads an empty cell as 0.
    """

    identifier_column = Enum(
        ("Username", "ID number", "Email address"), "Username", help="What Moodle calls the identifier."
    ).tag(config=True)

    destination = "moodle.csv"
    nothing = "-"

    def head(self, labs: Sequence[Lab]) -> list[list[str]]:
        return [[self.identifier_column, "First name", "Last name", *self.titles(labs)]]

    def row(self, person: Person, cells: list[str]) -> list[str]:
        return [self.identifier(person), shown(person.first_name), shown(person.last_name), *cells]

    def fits(self, identifier: str) -> bool:
        return identifier != "0"  # no identifier to Moodle, which then grades the student of the row above


class MoodleWorksheet(LmsExport):
    """An assignment's "Download grading worksheet", with its column of grades filled in. Takes one lab.

    Moodle knows a row by a number that is in no gradebook, so the worksheet has to come from Moodle. Rows of
    students without a score stay as they are.
    """

    worksheet = Unicode("", help="The worksheet that Moodle gave.").tag(config=True)
    identifier_column = Unicode("Email address", help="The worksheet's column to know students by.").tag(config=True)
    identifier_from = Enum(
        ("id", "email", "lms_user_id"), "email", help="What the gradebook knows that stands in that column."
    ).tag(config=True)
    grade_column = Unicode("Grade", help="The worksheet's column to fill in.").tag(config=True)
    maximum_column = Unicode("Maximum Grade", help="The worksheet's column of the highest grade.").tag(config=True)

    destination = "moodle-worksheet.csv"

    def export(self, gradebook: Gradebook) -> None:
        self.scores = scores_in(gradebook)
        lab, people = self._one_lab(gradebook), self._people(gradebook)
        titles, *rows = self._read()
        self._refuse_another_maximum(lab, rows, self._place(titles, self.maximum_column))
        who, grade = self._place(titles, self.identifier_column), self._place(titles, self.grade_column)
        cells = {self.identifier(person).casefold(): self._cell(lab, person) for person in people}
        for row in rows:
            row[grade] = cells.get(row[who].casefold()) or row[grade]
        self._write([titles, *rows])
        self._say_what_is_unfinished([lab], people)
        here = {row[who].casefold() for row in rows}
        self._name("In the worksheet, but not in the gradebook", here - set(cells))
        self._name("Scored, but not in the worksheet", {one for one, cell in cells.items() if cell} - here)

    def _one_lab(self, gradebook: Gradebook) -> Lab:
        if len(self.assignment) != 1:
            raise CannotExport("""A worksheet is of one lab. Name it: --assignment '["02_losses"]'""")
        return self._labs(gradebook)[0]

    def _read(self) -> list[list[str]]:
        try:
            with Path(self.worksheet or ".").open(newline="", encoding="utf-8-sig") as file:
                rows = [row for row in csv.reader(file) if row]
        except (OSError, UnicodeDecodeError) as error:
            raise CannotExport(f"MoodleWorksheet.worksheet: {self.worksheet!r} can't be read ({error}). Download it "
                               "in Moodle: View all submissions > Download grading worksheet.") from error  # fmt: skip
        if not rows or any(len(row) != len(rows[0]) for row in rows):
            raise CannotExport(f"{self.worksheet} is no grading worksheet of Moodle's: its rows differ in length.")
        return rows

    def _place(self, titles: list[str], name: str) -> int:
        for number, title in enumerate(titles):
            if title.strip().casefold() == name.casefold():
                return number
        raise CannotExport(f"{self.worksheet} has no column {name!r}. It has: {', '.join(titles)}.")

    def _refuse_another_maximum(self, lab: Lab, rows: list[list[str]], place: int) -> None:
        """Moodle takes points as they are: 18 of 20 would be 18 of 100."""
        for maximum in {row[place] for row in rows}:
            if not _is(maximum, lab.most):
                raise CannotExport(f"{self.worksheet} says {self.maximum_column} {maximum!r}, {lab.name} has "
                                   f"{points(lab.most)} points. Set Moodle's to that and download again.")  # fmt: skip

    def _name(self, what: str, who: set[str]) -> None:
        if who:
            self.log.warning("%s: %s.", what, ", ".join(map(repr, sorted(who))))


def _is(text: str, number: float) -> bool:
    """Whether it is the number, with a decimal point or comma."""
    try:
        return abs(float(text.replace(",", ".")) - number) < 0.005
    except ValueError:
        return False
