"""Cells and outputs as nbformat makes them, but unvalidated: a notebook is validated once, when it is whole."""

from typing import Any

from nbformat.notebooknode import NotebookNode


def new_code_cell(source: str = "", metadata: dict | None = None) -> NotebookNode:
    return _cell("code", source, metadata, execution_count=None, outputs=[])


def new_markdown_cell(source: str = "", metadata: dict | None = None) -> NotebookNode:
    return _cell("markdown", source, metadata)


def new_raw_cell(source: str = "", metadata: dict | None = None) -> NotebookNode:
    return _cell("raw", source, metadata)


def _cell(kind: str, source: str, metadata: dict | None, **more: Any) -> NotebookNode:
    return NotebookNode(id="new", cell_type=kind, metadata=_node(metadata), source=source, **more)


def new_output(kind: str, data: dict | None = None, metadata: dict | None = None, **more: Any) -> NotebookNode:
    if kind in ("display_data", "execute_result"):
        more |= {"data": _node(data), "metadata": _node(metadata)}
    if kind == "execute_result":
        more.setdefault("execution_count", None)
    return NotebookNode(output_type=kind, **more)


def _node(mapping: dict | None) -> NotebookNode:
    """NotebookNode makes its inner dicts nodes too when they are set item by item."""
    node = NotebookNode()
    for key, value in (mapping or {}).items():
        node[key] = value
    return node
