"""What a lab's nbgrader cells are: the gradebook's record of them, in the order of the source notebook."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it takes a second to import, and workers' processes are to be started before
    from nbgrader.api import Gradebook


@dataclass(frozen=True)
class TrueCell:
    """One nbgrader cell as `generate_assignment` recorded it.

    source: the stub of a solution cell; a locked cell's text with its hidden tests.
    """

    grade_id: str
    cell_type: str
    source: str
    checksum: str | None
    grade: bool = False
    solution: bool = False
    locked: bool = False
    task: bool = False
    points: float | None = None

    @property
    def check(self) -> bool:
        """A test cell: graded, and not the student's to write."""
        return self.grade and not self.solution

    def metadata(self) -> dict:
        """The nbgrader metadata that a cell of this kind has."""
        metadata = {
            "schema_version": 3,
            "grade_id": self.grade_id,
            "cell_type": self.cell_type,
            "grade": self.grade,
            "solution": self.solution,
            "locked": self.locked,
            "task": self.task,
        }
        if self.checksum is not None:
            metadata["checksum"] = self.checksum
        if self.points is not None:
            metadata["points"] = self.points
        return metadata


def true_cells(gradebook: Gradebook, notebook: str, assignment: str, order: list[str]) -> list[TrueCell]:
    """The notebook's cells; those that `order` does not name come last."""
    record = gradebook.find_notebook(notebook, assignment)
    graded = {cell.name: cell.max_score for cell in record.grade_cells}
    tasks = {cell.name: cell.max_score for cell in record.task_cells}
    solutions = {cell.name for cell in record.solution_cells}
    cells = [
        TrueCell(
            grade_id=cell.name,
            cell_type=cell.cell_type,
            source=cell.source or "",
            checksum=cell.checksum,
            grade=cell.name in graded,
            solution=cell.name in solutions,
            locked=bool(cell.locked),
            task=cell.name in tasks,
            points=graded.get(cell.name, tasks.get(cell.name)),
        )
        for cell in record.source_cells
    ]
    place = {grade_id: number for number, grade_id in enumerate(order)}
    return sorted(cells, key=lambda cell: (place.get(cell.grade_id, len(place)), cell.grade_id))


def order_in(source: Path) -> list[str]:
    """The grade_ids of a source notebook from top to bottom; none if it can't be read."""
    try:
        cells = json.loads(source.read_bytes())["cells"]
        marks = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
    return [mark["grade_id"] for mark in marks if mark.get("grade_id")]
