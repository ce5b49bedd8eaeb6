"""Everything that Sphinx reads, in one folder: the written pages, and those made from the labs and the library."""

import shutil
import tempfile
from pathlib import Path

import nbformat

from book import BUILD, HERE, SITE, course, drills, front, guide, labs, put, reference, sheet
from gradekit.course import LABS, ROOT
from gradekit.folder import CourseFolder
from gradekit.release import build


def assemble(folder: Path, seed: str) -> None:
    """Fill the folder. What is not needed any more goes, what has not changed is not touched."""
    made: dict[str, str | bytes] = {}
    for path in (HERE / "pages").rglob("*"):
        if path.is_file():
            made[str(path.relative_to(HERE / "pages"))] = path.read_bytes()
    made |= lab_pages() | reference.pages() | drills.pages(seed) | sheet.pages() | front.pages() | guide.pages()
    for name, content in made.items():
        put(folder / name, content)
    for path in folder.rglob("*"):
        if path.is_file() and str(path.relative_to(folder)) not in made:
            path.unlink()
            (SITE / path.relative_to(folder)).with_suffix(".html").unlink(missing_ok=True)
    scripts()
    put(BUILD / "ipython" / "profile_default" / "ipython_kernel_config.py", "c.IPKernelApp.log_level = 40\n")


def lab_pages() -> dict[str, str | bytes]:
    """Each lab, with its student copy and its kit made anew: somebody may have worked in those of release/."""
    made: dict[str, str | bytes] = {f"downloads/{course.NAME}.zip": course.zipped()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for lab in LABS:
            build(CourseFolder(ROOT), lab.name, folder)
            student_copy = folder / lab.name / f"{lab.name}.ipynb"
            made[f"labs/{lab.name}.ipynb"] = nbformat.writes(labs.page(lab, student_copy))
            made[f"downloads/{lab.name}.ipynb"] = student_copy.read_bytes()
            made[f"downloads/{lab.name}.zip"] = (folder / f"{lab.name}.zip").read_bytes()
    return made


def scripts() -> None:
    """MathJax and its fonts, from npm's folder, beside the other static files."""
    static, modules = BUILD / "static", HERE / "node_modules"
    for script in ("tex-chtml.js", "a11y/assistive-mml.js"):
        put(static / "mathjax" / script, (modules / "mathjax" / script).read_bytes())
    fonts = static / "mathjax-newcm-font"
    if not fonts.exists():
        shutil.copytree(modules / "@mathjax" / "mathjax-newcm-font" / "chtml", fonts / "chtml")
