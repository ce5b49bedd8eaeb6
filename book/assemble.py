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
    for lab in LABS:
        made[f"labs/{lab.name}.ipynb"] = nbformat.writes(labs.page(lab))
    made |= kits() | reference.pages() | drills.pages(seed) | sheet.pages() | front.pages() | guide.pages()
    for name, content in made.items():
        put(folder / name, content)
    for path in folder.rglob("*"):
        if path.is_file() and str(path.relative_to(folder)) not in made:
            path.unlink()
            (SITE / path.relative_to(folder)).with_suffix(".html").unlink(missing_ok=True)
    scripts()
    put(BUILD / "ipython" / "profile_default" / "ipython_kernel_config.py", "c.IPKernelApp.log_level = 40\n")


def kits() -> dict[str, bytes]:
    """The student copy of each lab and its kit; and the whole course."""
    made = {f"downloads/{course.NAME}.zip": course.zipped()}
    with tempfile.TemporaryDirectory() as folder:
        for lab in LABS:
            build(CourseFolder(ROOT), lab.name, Path(folder))
            made[f"downloads/{lab.name}.ipynb"] = lab.release().read_bytes()
            made[f"downloads/{lab.name}.zip"] = Path(folder, f"{lab.name}.zip").read_bytes()
    return made


def scripts() -> None:
    """MathJax and its fonts, from npm's folder, beside the other static files."""
    static, modules = BUILD / "static", HERE / "node_modules"
    for script in ("tex-chtml.js", "a11y/assistive-mml.js"):
        put(static / "mathjax" / script, (modules / "mathjax" / script).read_bytes())
    fonts = static / "mathjax-newcm-font"
    if not fonts.exists():
        shutil.copytree(modules / "@mathjax" / "mathjax-newcm-font" / "chtml", fonts / "chtml")
