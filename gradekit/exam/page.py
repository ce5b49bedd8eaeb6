"""A paper and its key as HTML that stands alone: print styles inside, formulas as MathML, nothing fetched."""

import re
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader
from latex2mathml.converter import convert
from markupsafe import Markup
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from gradekit.exam.mix import Mix
from labkit.drills.question import Number, Question, Wrong
from labkit.drills.text import LETTERS
from labkit.drills.typeset import decimal, number

MATH = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$", re.DOTALL)


def paper_page(mix: Mix, version: str, seed: int, questions: Sequence[Question]) -> str:
    return _page("exam-paper.html", mix, version, seed, questions)


def key_page(mix: Mix, version: str, seed: int, questions: Sequence[Question]) -> str:
    return _page("exam-key.html", mix, version, seed, questions)


def _page(template: str, mix: Mix, version: str, seed: int, questions: Sequence[Question]) -> str:
    pages = Environment(loader=PackageLoader("gradekit"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    pages.filters |= {"text": as_html, "inline": as_inline, "answer": answer, "slip": slip}
    return pages.get_template(template).render(
        mix=mix, version=version, seed=seed, questions=questions, letters=LETTERS, total=mix.points * len(questions)
    )


def as_html(markdown: str) -> Markup:
    """Markdown with LaTeX as HTML with MathML."""
    formulas = []

    def set_aside(found: re.Match) -> str:
        display, inline = found.groups()
        formulas.append(convert(display or inline, display="block" if display else "inline"))
        return f"\N{OBJECT REPLACEMENT CHARACTER}{len(formulas) - 1}\N{OBJECT REPLACEMENT CHARACTER}"

    html = markdown2html_mistune(MATH.sub(set_aside, markdown))
    mark = "\N{OBJECT REPLACEMENT CHARACTER}"
    return Markup(re.sub(rf"{mark}(\d+){mark}", lambda found: formulas[int(found[1])], html))


def as_inline(markdown: str) -> Markup:
    """The same without a paragraph around it."""
    return Markup(as_html(markdown).strip().removeprefix("<p>").removesuffix("</p>"))


def answer(question: Question) -> str:
    """The right answer, each number with its name, in Markdown."""
    if question.choices:
        return f"({LETTERS[question.answer[0]]})"
    named = [f"{name}: {_number(value)}" for name, value in zip(question.asks, question.answer, strict=True)]
    return ", ".join(named)


def slip(wrong: Wrong) -> str:
    """The numbers of a typical wrong answer."""
    return ", ".join(map(_number, wrong.numbers))


def _number(value: Number) -> str:
    """As a fraction, and as a decimal where that ends: steps may have either."""
    forms = dict.fromkeys([number(value), decimal(value)])
    return f"${' = '.join(forms)}$"
