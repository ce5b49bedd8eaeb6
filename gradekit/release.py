"""Build release/ from source/: the student copy, the library beside it, and the kit as a zip.

A lab is built in a folder of its own and moved into place whole.
"""

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbgrader.utils import compute_checksum

from gradekit.course import LABS, ROOT, lab
from gradekit.folder import CourseFolder, Trouble, building
from gradekit.lab_library import assemble
from gradekit.slips import role, slips_in

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold


def release(course: CourseFolder, labs: Sequence[str] = (), force: bool = False) -> list[str]:
    """Build these labs (default: all that have a source) and say for each what was done."""
    names = list(labs) or [each.name for each in LABS if course.source(each.name).exists()]
    if not names:
        raise Trouble(f"There is no lab in {course.path('source', '')}.")
    _refuse_slips(course, names)
    place = course.path("release", "")
    said = []
    with building(place) as folder:
        for name in names:
            build(course, name, folder)
        for name in names:
            touched = [] if force else worked_in(place / name / f"{name}.ipynb")
            if touched:
                said.append(f"{name}: kept, somebody has worked in it ({touched[0]}). To replace it: "
                            f"gradekit release {name} --force")  # fmt: skip
            else:
                _put(folder, name, place)
                said.append(f"{name}: {place / name} and {name}.zip")
    return said


def build(course: CourseFolder, name: str, folder: Path) -> None:
    """The student copy of a lab, completed, and its kit: folder/name and folder/name.zip."""
    try:
        course.generate(name, folder)
    except Trouble as error:
        raise Trouble(f"{name}: {error}") from error
    complete(name, folder / name)


def complete(name: str, folder: Path) -> None:
    """Add labkit, dnnlib-so-far and the requirements to a student copy, and zip it."""
    assemble(name, folder)
    shutil.copyfile(ROOT / "requirements-student.in", folder / "requirements.txt")
    pack(folder, folder.with_suffix(".zip"))


def after_generate(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's post_convert_hook: `nbgrader generate_assignment` completes the student copy as we do."""
    folder = Path("release", assignment)
    if assignment in {each.name for each in LABS} and folder.is_dir():
        complete(assignment, folder)


def pack(folder: Path, kit: Path) -> None:
    """A zip whose bytes depend on nothing but the files' names and contents."""
    with zipfile.ZipFile(kit, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and not _litter(path)):
            entry = zipfile.ZipInfo((folder.name / path.relative_to(folder)).as_posix(), EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def worked_in(notebook: Path) -> list[str]:
    """The answer cells of a student copy that differ from what was handed out, by nbgrader's checksums."""
    if not notebook.exists():
        return []
    try:
        cells = nbformat.read(notebook, as_version=4).cells
    except Exception:  # damaged: nothing in it can be told apart, so nothing is thrown away
        return ["it can't be read"]
    answers = [cell for cell in cells if role(cell).get("solution")]
    return [role(cell)["grade_id"] for cell in answers if role(cell).get("checksum") != compute_checksum(cell)]


def _refuse_slips(course: CourseFolder, names: Sequence[str]) -> None:
    for name in names:
        lab(name)
    slips = [f"{name}: {slip}" for name in names for slip in slips_in(course.source(name))]
    if slips:
        raise Trouble("\n".join(["Nothing was released. Mend this in source/ first:", *slips]))


def _put(folder: Path, name: str, place: Path) -> None:
    """Move a built lab into place; what stood there goes with the building folder."""
    if (place / name).exists():
        (place / name).rename(folder / f"{name}.old")
    (folder / name).rename(place / name)
    (folder / f"{name}.zip").replace(place / f"{name}.zip")


def _litter(path: Path) -> bool:
    return bool({"__pycache__", ".ipynb_checkpoints"} & set(path.parts))
