"""The instructor's guide: docs/ as pages of the book, with their pictures. The text is written there, once."""

import re
from pathlib import Path

from gradekit.course import ROOT

DOCS = ROOT / "docs"
PLAIN = "```{highlight} text\n```\n\n"  # a block without a language is a command or its output, not Python
LINK = re.compile(r"(?P<code>```.*?```|`[^`]+`)|(?<!!)\[(?P<words>[^\]]+)\]\((?P<to>[^)\s]+)\)", re.DOTALL)


def pages() -> dict[str, str | bytes]:
    texts = {f"teach/{path.name}": PLAIN + page(path.read_text()) for path in DOCS.glob("*.md")}
    return texts | {f"teach/pictures/{path.name}": path.read_bytes() for path in DOCS.glob("pictures/*.png")}


def page(text: str) -> str:
    """The text as the book has it: what a link leads to is in the book or on the net, or the link becomes words."""
    return LINK.sub(_link, text)


def _link(found: re.Match) -> str:
    if found["code"] or found["to"].startswith(("#", "https://")):
        return found[0]
    path = found["to"].partition("#")[0]
    if _is_in_the_book(path):
        return found[0]
    file = Path(path).name
    return f"`{file}`" if found["words"] == file else f"{found['words']} (`{file}`)"


def _is_in_the_book(path: str) -> bool:
    return Path(path).suffix == ".md" and Path(path).parent == Path() and (DOCS / path).exists()
