"""The book: the labs as a site that anyone can read, without a kernel and without an install."""

from pathlib import Path

from gradekit.course import ROOT

HERE = Path(__file__).parent
BUILD = ROOT / "build" / "book"
PAGES = BUILD / "pages"  # what Sphinx reads: pages/ beside this file, and what is made from the labs
SITE = BUILD / "html"


def put(path: Path, content: str | bytes) -> None:
    """Write a file, unless it holds this already: what is not touched is not built again."""
    data = content.encode() if isinstance(content, str) else content
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
