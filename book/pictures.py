"""Pictures out of the pages: what a notebook carries in its outputs becomes a file that the browser loads when needed.

A page with its pictures inside weighs megabytes, and an explorer's frames would all be loaded at once.
"""

import base64
import hashlib
import io
import posixpath
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx

IMAGE = re.compile(r'<img src="data:image/png;base64,([\w+/=]+)"[^>]*>')
INSIDE = re.compile(r"data:image/png;base64,([\w+/=]+)")
FOLDER = "_images"
COLOURS = 128  # in the palette of a picture


def unpack(html: str, folder: Path, address: str) -> str:
    """The HTML with each picture inside it put into the folder, and in its place the address of the file."""

    def put(found: re.Match) -> str:
        png = base64.b64decode(found[1])
        name = f"{hashlib.sha256(png).hexdigest()[:16]}.png"
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / name).exists():
            (folder / name).write_bytes(small(png))
        return f"{address}/{name}"

    return INSIDE.sub(put, IMAGE.sub(placed, html))


def placed(found: re.Match) -> str:
    """An image that comes when it is near, and has its room before: else the page grows under the reader's eyes.

    A figure also leads to itself, alone and as large as it was drawn. An explorer's frame has a height, and does not.
    """
    lazy = found[0].replace("<img ", '<img loading="lazy" ', 1)
    if " height=" in found[0]:
        return lazy
    width, height = Image.open(io.BytesIO(base64.b64decode(found[1]))).size
    image = lazy.replace("<img ", f'<img style="aspect-ratio: {width} / {height}" ', 1)
    return f'<a href="data:image/png;base64,{found[1]}">{image}</a>'


def small(png: bytes) -> bytes:
    """The same picture with a palette, in fewer bytes."""
    file = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(file, format="png", optimize=True)
    return file.getvalue()


def unpack_page(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if app.builder.format != "html":
        return
    up = posixpath.relpath(FOLDER, posixpath.dirname(docname) or ".")
    for node in doctree.findall(nodes.raw):
        if "data:image/png" in node.astext():
            html = unpack(node.astext(), Path(app.outdir, FOLDER), up)
            node.children, node.rawsource = [nodes.Text(html)], html


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-resolved", unpack_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
