"""The course folder as one zip, for those who teach or want the judge. No tests, and nothing that anybody handed in."""

import tempfile
from pathlib import Path
from shutil import copytree, ignore_patterns

from gradekit.course import ROOT
from gradekit.release import pack

NAME = "deep-nets"
FOLDERS = ("book", "dnnlib", "docs", "gradekit", "labkit", "source")  # release/ is made there: people work in it
MADE = ignore_patterns("__pycache__", "node_modules", ".ipynb_checkpoints")
FILES = ("*.md", "LICENSE*", "Makefile", "*.toml", "requirements*", "nbgrader_config.py", ".gitignore")
FILLED_LATER = ("release", "submitted", "autograded", "feedback")


def zipped() -> bytes:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / NAME
        for name in FOLDERS:
            copytree(ROOT / name, folder / name, ignore=MADE)
        for path in (path for pattern in FILES for path in ROOT.glob(pattern)):
            (folder / path.name).write_bytes(path.read_bytes())
        for name in FILLED_LATER:
            (folder / name).mkdir()
            (folder / name / ".gitkeep").touch()
        pack(folder, folder.with_suffix(".zip"))
        return folder.with_suffix(".zip").read_bytes()
