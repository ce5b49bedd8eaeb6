"""Canvas: a file for Grades > Import."""

from collections.abc import Sequence

from traitlets import Bool, Enum

from gradekit.exporters.plugin import LmsExport, shown
from gradekit.exporters.scores import Lab, Person
from gradekit.feedback import points

MAXIMUM = "Points Possible"  # where a row's first cell holds it, Canvas takes the row for the labs' maxima


class CanvasCSV(LmsExport):
    """Scores as Canvas imports them, each student found by one identifier.

    Canvas falls back on the name where it doesn't know the identifier, and could hit a namesake. So the id stands
    in the name too: it then equals nobody's.
    """

    identifier_column = Enum(
        ("SIS Login ID", "SIS User ID", "ID"), "SIS Login ID", help="What Canvas calls the identifier."
    ).tag(config=True)
    points_possible = Bool(True, help="Write the row with the labs' maxima, for assignments new to Canvas.").tag(
        config=True
    )

    destination = "canvas.csv"

    def head(self, labs: Sequence[Lab]) -> list[list[str]]:
        titles = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *self.titles(labs)]
        maxima = [f"    {MAXIMUM}", "", "", "", "", *(points(lab.most) for lab in labs)]
        return [titles, maxima] if self.points_possible else [titles]

    def row(self, person: Person, cells: list[str]) -> list[str]:
        known_by = {self.identifier_column: self.identifier(person)}
        identifiers = [known_by.get(column, "") for column in ("ID", "SIS User ID", "SIS Login ID")]
        return [name(person), *identifiers, "", *cells]

    def fits(self, identifier: str) -> bool:
        return identifier.isdecimal() or self.identifier_column != "ID"


def name(person: Person) -> str:
    full = ", ".join(filter(None, (person.last_name, person.first_name)))
    return shown(f"{full} ({person.id})").replace(MAXIMUM, MAXIMUM.lower())
