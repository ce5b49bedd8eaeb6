"""The course folder as one zip, for those who teach or want the judge. Nothing of a class is in it, and no tests."""

import tempfile
from pathlib import Path
from shutil import copytree, ignore_patterns

from gradekit.course import ROOT
from gradekit.release import pack

NAME = "deep-nets"
FOLDERS = ("book", "dnnlib", "docs", "gradekit", "labkit", "release", "source")
MADE = ignore_patterns("__pycache__", "node_modules", ".ipynb_checkpoints", "*.zip", "requirements.txt")
IN_A_KIT = ("dnnlib", "labkit")
FILES = ("*.md", "LICENSE*", "Makefile", "*.toml", "requirements*", "nbgrader_config.py", ".gitignore")
HANDED_IN = ("submitted", "autograded", "feedback")


def zipped() -> bytes:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / NAME
        for name in FOLDERS:
            copytree(ROOT / name, folder / name, ignore=_left_out)
        for path in (path for pattern in FILES for path in ROOT.glob(pattern)):
            (folder / path.name).write_bytes(path.read_bytes())
        for name in HANDED_IN:
            (folder / name).mkdir()
            (folder / name / ".gitkeep").touch()
        pack(folder, folder.with_suffix(".zip"))
        return folder.with_suffix(".zip").read_bytes()


def _left_out(folder: str, names: list[str]) -> set[str]:
    """What commands have made; in a student copy also the library that came with it."""
    kit = IN_A_KIT if Path(folder).parent == ROOT / "release" else ()
    return MADE(folder, names) | {name for name in names if name in kit}
