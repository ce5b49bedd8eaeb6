"""Formgrader's autograde button, once for each submission of a lab, in one process, as its server presses it."""

import os
import sys

from nbgrader.apps import NbGraderAPI
from nbgrader.apps.nbgraderapp import NbGrader


def press(lab: str) -> None:
    app = NbGrader()
    app.initialize(["--quiet"])
    formgrader = NbGraderAPI(parent=app)
    for student in sorted(os.listdir("submitted")):
        if not formgrader.autograde(lab, student)["success"]:
            raise RuntimeError(f"{student} was not graded")


if __name__ == "__main__":
    press(sys.argv[1])
