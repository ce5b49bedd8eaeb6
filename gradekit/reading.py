"""Read a submission that may be damaged or hostile: what survives is a list of cells, texts and nbgrader marks.

Outputs, tags, widgets, kernels and everything else that a student can write into a notebook stay behind.
"""

import datetime
import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import NotebookNode, from_dict
from nbformat.v4 import new_notebook

from gradekit.nodes import new_code_cell, new_markdown_cell, new_raw_cell

LARGEST = 20_000_000  # bytes
MOST_CELLS = 1000
PICTURES = ("image/png", "image/jpeg", "image/gif")
MARKS = ("grade_id", "grade", "solution", "points", "schema_version")
MAKE = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
          "language_info": {"name": "python"}}  # fmt: skip


class Unreadable(ValueError):
    """No notebook can be made of a submitted file; the message says why, for student and instructor."""


class SubmissionReader(NotebookExporter):
    """nbgrader's reader and writer of notebooks, for which no submission is unreadable.

    What can't be read becomes a notebook without cells; resources["gradekit"]["unreadable"] holds the reason.
    """

    def from_filename(self, filename: str, resources: dict | None = None, **kw: Any):
        if not getattr(self.parent, "_sanitizing", False):
            return super().from_filename(filename, resources, **kw)
        path = Path(filename)
        about = {"source": str(self._source_of(resources, path))}
        try:
            chosen = find_notebook(path)
            notebook = read_notebook(chosen)
            if chosen != path:
                about["renamed"] = chosen.name
        except Unreadable as reason:
            notebook = notebook_of([])
            about["unreadable"] = str(reason)
        today = datetime.date.today().isoformat()
        resources = {**(resources or {}), "gradekit": about}
        resources["metadata"] = {"name": path.stem, "path": str(path.parent), "modified_date": today}
        return self.from_notebook_node(notebook, resources=resources, **kw)

    def _source_of(self, resources: dict | None, path: Path) -> Path:
        course = self.parent.coursedir
        return Path(course.format_path(course.source_directory, ".", resources["nbgrader"]["assignment"]), path.name)


def find_notebook(path: Path) -> Path:
    """The submitted file of this name, or the only notebook that stands in its place under another name."""
    if path.exists() or path.is_symlink():
        return path
    others = sorted(path.parent.glob("*.ipynb")) if path.parent.is_dir() else []
    if len(others) == 1:
        return others[0]
    if others:
        raise Unreadable(f"{path.name} is missing, and which of {len(others)} other notebooks is meant can't be told")
    raise Unreadable(f"{path.name} is missing")


def read_notebook(path: Path) -> NotebookNode:
    """The cells of a notebook file. Raises Unreadable."""
    return parse(read_bytes(path), path.name)


def read_bytes(path: Path) -> bytes:
    """A submitted file as it is. Raises Unreadable for one that is none, or far too large."""
    if path.is_symlink() or not path.is_file():
        raise Unreadable(f"{path.name} is not a file")
    if path.stat().st_size > LARGEST:
        raise Unreadable(f"{path.name} is larger than {LARGEST // 1_000_000} MB. Clear the outputs and submit again")
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path.name} can't be opened ({error.strerror})") from error


def parse(data: bytes, name: str) -> NotebookNode:
    """The cells that these bytes hold. Raises Unreadable."""
    try:
        cells = _cells_of(json.loads(data))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{name} is not valid JSON. Open it in JupyterLab, or start from a fresh copy") from error
    if cells is None:
        raise Unreadable(f"{name} is not a notebook")
    if len(cells) > MOST_CELLS:
        raise Unreadable(f"{name} has {len(cells)} cells, more than {MOST_CELLS}")
    return notebook_of([_clean(cell) for cell in cells if isinstance(cell, dict)])


def notebook_of(cells: list[NotebookNode]) -> NotebookNode:
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook = new_notebook()
    notebook.metadata.update(from_dict(KERNEL))
    notebook.cells = cells
    return notebook


def _cells_of(data: Any) -> list | None:
    if isinstance(data, dict) and "cells" not in data and "worksheets" in data:
        try:
            data = nbformat.convert(nbformat.from_dict(data), 4)
        except Exception:  # an old notebook that is damaged as well: nbformat may raise anything
            return None
    cells = data.get("cells") if isinstance(data, dict) else None
    return cells if isinstance(cells, list) else None


def _clean(cell: dict) -> NotebookNode:
    kind = cell.get("cell_type")
    clean = MAKE[kind if isinstance(kind, str) and kind in MAKE else "raw"](source=_text(cell.get("source")))
    metadata = cell.get("metadata")
    mark = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(mark, dict) and isinstance(mark.get("grade_id"), str):
        kept = {key: mark[key] for key in MARKS if isinstance(mark.get(key), str | int | float)}
        clean.metadata["nbgrader"] = NotebookNode(kept)
    pictures = _pictures(cell.get("attachments"))
    if clean.cell_type == "markdown" and pictures:
        clean["attachments"] = pictures
    return clean


def _text(source: Any) -> str:
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str)).replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate could not be written again


def _pictures(attachments: Any) -> NotebookNode:
    """Pictures pasted into a written answer: real base64 of a picture's type, under a harmless name."""
    found = NotebookNode()
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        if isinstance(bundle, dict) and re.fullmatch(r"[\w.() -]{1,100}", name):
            good = {mime: bundle[mime] for mime in PICTURES if _is_base64(bundle.get(mime))}
            if good:
                found[name] = NotebookNode(good)
    return found


def _is_base64(data: Any) -> bool:
    return isinstance(data, str) and re.fullmatch(r"[A-Za-z0-9+/=\s]*", data) is not None
