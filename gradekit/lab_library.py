"""The library that a lab's kernel gets: labkit and the dnnlib modules of earlier labs, never this lab's answers."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from gradekit.course import LABS, ROOT, closed_bench, modules_before


def assemble(lab: str, folder: Path) -> None:
    """Put labkit and dnnlib-so-far into a folder, replacing what stood there.

    An assignment that is no lab of the course gets labkit and no answers.
    """
    known = any(each.name == lab for each in LABS)
    for package in ("labkit", "dnnlib"):
        shutil.rmtree(folder / package, ignore_errors=True)
    closed = shutil.ignore_patterns("__pycache__", *closed_bench(lab))
    shutil.copytree(ROOT / "labkit", folder / "labkit", ignore=closed)
    (folder / "dnnlib").mkdir(parents=True)
    for module in ("__init__", *(modules_before(lab) if known else ())):
        shutil.copy(ROOT / "dnnlib" / f"{module}.py", folder / "dnnlib")
    for path in (*(folder / "labkit").rglob("*"), *(folder / "dnnlib").rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


@cache
def library_for(lab: str) -> Path:
    """A folder of its own for this process, readable by the sandbox's user, with the lab's library."""
    folder = Path(tempfile.mkdtemp(prefix="gradekit-library-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    assemble(lab, folder)
    return folder
