"""A submission as it lies in submitted/."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gradekit.grading.stamp import contents, digest
from gradekit.reading import Unreadable, find_notebook, read_bytes


@dataclass(frozen=True)
class Submission:
    """about: "renamed" or "unreadable", as gradekit.repair tells it. others: a digest of the files beside it."""

    notebook: bytes
    others: str
    about: dict = field(default_factory=dict)

    def digest(self) -> str:
        return digest(self.notebook, self.others, self.about)


def read(folder: Path, lab: str) -> Submission:
    """What a student handed in; a notebook that can't be read is described, not refused."""
    notebook, about = b"", {}
    try:
        path = find_notebook(folder / f"{lab}.ipynb")
        notebook = read_bytes(path)
        if path.stem != lab:
            about["renamed"] = path.name
    except Unreadable as reason:
        about["unreadable"] = str(reason)
    return Submission(notebook, digest(*contents(other_files(folder), folder)), about)


def other_files(folder: Path) -> Iterator[Path]:
    """The regular files beside the notebook; links are nobody's work."""
    for top, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            path = Path(top, name)
            if path.suffix != ".ipynb" and path.is_file() and not path.is_symlink():
                yield path
