"""What a student displayed or wrote, cut down to text and pictures: nothing that a grader's browser would run."""

import re

import bleach
from jinja2 import pass_context
from markupsafe import escape
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from gradekit.verdicts import VERDICT_MIME

PICTURES = ("image/png", "image/jpeg")
TAGS = frozenset(
    "a blockquote br code del details div em h1 h2 h3 h4 h5 h6 hr img li ol p pre span strong sub summary sup "
    "table tbody td th thead tr ul".split()
)
LONGEST_TEXT = 20_000  # characters
LARGEST_PICTURE = 1_500_000  # characters of base64


class HarmlessOutputs(NbGraderPreprocessor):
    """After the verdicts: Formgrader shows autograded notebooks with the grader's rights."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, cell_index: int) -> tuple[NotebookNode, dict]:
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                output["text"] = shortened(output.text)
            elif "data" in output:
                output["data"] = NotebookNode({mime: data for mime, data in harmless(output.data).items()})
                output["metadata"] = NotebookNode()
        return cell, resources


def harmless(data: dict) -> dict:
    kept = {mime: data[mime] for mime in PICTURES if is_picture(data.get(mime))}
    if VERDICT_MIME in data:
        kept[VERDICT_MIME] = data[VERDICT_MIME]
    text = data.get("text/plain")
    kept["text/plain"] = shortened(text) if isinstance(text, str) else "(output of a kind that is not shown)"
    return kept


def is_picture(data) -> bool:
    return isinstance(data, str) and len(data) < LARGEST_PICTURE and bool(re.fullmatch(r"[A-Za-z0-9+/=\s]*", data))


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "\n... the rest is not shown ..."


@pass_context
def safe_markdown(context, source: str) -> str:
    """nbconvert's filter markdown2html, with only such markup left in its result as text needs."""
    pictures = getattr(context.get("cell"), "attachments", {})
    try:
        html = MarkdownWithMath(renderer=IPythonRenderer(escape=False, attachments=pictures)).render(source)
    except Exception:  # a picture that is not there, or nesting too deep: the grader still sees the text
        html = f"<pre>{escape(source)}</pre>"
    return bleach.clean(html, tags=TAGS, attributes=is_harmless, protocols=("http", "https", "mailto", "data"))


def is_harmless(tag: str, attribute: str, value: str) -> bool:
    if tag == "img":  # none that would be fetched
        return attribute == "alt" or (attribute == "src" and value.startswith("data:image/"))
    if attribute == "href":
        return tag == "a" and not value.startswith("data:")
    return attribute in ("id", "class", "align")
