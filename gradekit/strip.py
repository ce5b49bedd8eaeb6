"""Notebooks without what running them leaves behind: outputs, counts, widget state, times."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

LEFT_IN_CELLS = ("execution", "collapsed", "scrolled", "ExecuteTime")
LEFT_IN_NOTEBOOK = ("widgets", "signature")


def strip(notebook: NotebookNode) -> None:
    for key in LEFT_IN_NOTEBOOK:
        notebook.metadata.pop(key, None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    for cell in notebook.cells:
        for key in LEFT_IN_CELLS:
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def strip_file(path: Path, write: bool = True) -> bool:
    """Strip one file. True when there was something to strip."""
    was = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    now = nbformat.from_dict(was)
    strip(now)
    if now == nbformat.read(path, as_version=nbformat.NO_CONVERT):
        return False
    if write:
        nbformat.write(now, path)
    return True
