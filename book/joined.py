"""A formula and what touches it, a bracket or a comma, stay on one line: browsers break the line between them."""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


class Join(SphinxPostTransform):
    default_priority = 900
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for formula in list(self.document.findall(nodes.math)):
            around, place = formula.parent, formula.parent.index(formula)
            around[place] = joined = nodes.inline(classes=["joined"])
            opening, closing = cut(around, place - 1, r"\S*$"), cut(around, place + 1, r"^\S*")
            joined += [nodes.Text(opening), formula, nodes.Text(closing)]


def cut(around: nodes.Element, place: int, pattern: str) -> str:
    """What matches in the text at this place, taken out of it; nothing where there is no text."""
    if not 0 <= place < len(around) or not isinstance(around[place], nodes.Text):
        return ""
    text = around[place]
    found = re.search(pattern, text)
    around[place] = nodes.Text(text[: found.start()] + text[found.end() :])
    return found[0]


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_post_transform(Join)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
