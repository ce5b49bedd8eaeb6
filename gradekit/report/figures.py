"""Figures as SVG in the page: real text, colours that follow light and dark, words for those who can't see them."""

import io
import re
from collections.abc import Sequence
from typing import Any

import matplotlib
from markupsafe import Markup, escape

from gradekit.report.numbers import Item
from labkit import plots

PAINT = {
    "#000000": "var(--ink)",
    "#dddddd": "var(--line)",
    "#ffffff": "var(--paper)",
    plots.BLUE.lower(): "var(--blue)",
    plots.VERMILION.lower(): "var(--vermilion)",
}


def scores_figure(bins: Sequence[tuple[float, float, int]], middle: float) -> Markup:
    """The distribution of scores."""
    total = sum(count for *_, count in bins)
    low, high, count = max(bins, key=lambda each: each[2])
    words = (f"Histogram of {total} scores from {bins[0][0]:g} to {bins[-1][1]:g} points. Half of them are at "
             f"{middle:g} or below. Most, {count}, lie between {low:g} and {high:g}.")  # fmt: skip
    fig, (ax,) = plots.canvas(size=(5.2, 2.5))
    with plots.style():
        left, widths, counts = [each[0] for each in bins], [each[1] - each[0] for each in bins], [n for *_, n in bins]
        drawn = ax.bar(left, counts, widths, align="edge", color=plots.BLUE, edgecolor="white", linewidth=1)
        ax.bar_label(drawn, [str(n) if n else "" for n in counts])
        above = ax.get_xaxis_transform()
        ax.plot(middle, 1.03, "v", color=plots.VERMILION, clip_on=False, transform=above)
        ax.text(middle, 1.08, f"median {middle:g}", ha="center", va="bottom", transform=above)
        edges = [*left, bins[-1][1]]
        ax.set_xticks(edges, [f"{edge:g}" for edge in edges])
        ax.set(xlabel="points", ylabel="submissions", xlim=(edges[0], edges[-1]))
        ax.margins(y=0.12)
        ax.yaxis.get_major_locator().set_params(integer=True)
        ax.grid(axis="x", visible=False)
    return inline(fig, "scores-figure", "How the scores are distributed", words)


def questions_figure(items: Sequence[Item]) -> Markup:
    """Share of full marks and of points, question by question."""
    hardest = min(items, key=lambda item: item.full)
    words = (f"For each of {len(items)} questions, the share of submissions with full marks and the mean share of the "
             f"points. Full marks are rarest, {hardest.full:.0%}, at {hardest.question.name}.")  # fmt: skip
    fig, (ax,) = plots.canvas(size=(5.2, 1.1 + 0.26 * len(items)))
    with plots.style():
        places = range(len(items))
        ax.barh(places, [100 * item.full for item in items], height=0.7, color=plots.BLUE, label="full marks")
        ax.plot([100 * item.mean for item in items], places, "D", color=plots.VERMILION, markersize=5,
                markeredgecolor="white", linestyle="none", label="mean of points")  # fmt: skip
        ax.set(xlim=(0, 100), xlabel="percent", ylabel="question")
        ax.set_yticks(places, [item.question.name for item in items])
        ax.set_ylim(len(items) - 0.5, -0.5)
        ax.grid(axis="y", visible=False)
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    return inline(fig, "questions-figure", "How hard each question is", words)


def inline(fig: Any, name: str, title: str, words: str) -> Markup:
    """The figure as an <svg> element of an HTML page, named by its title and described by the words."""
    plots.require_words(fig, words)
    file = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        fig.savefig(file, format="svg", transparent=True, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    body = re.search(r"<svg[^>]*viewBox=\"([^\"]*)\"[^>]*>(.*)</svg>", file.getvalue(), re.DOTALL)
    box, drawing = body.groups()
    drawing = re.sub(r"<(metadata|style).*?</\1>", "", drawing, flags=re.DOTALL)
    drawing = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", drawing)
    drawing = re.sub(r"font-family: [^;\"]*;? ?", "", drawing)
    drawing = re.sub("|".join(PAINT), lambda found: PAINT[found[0]], drawing)
    head = (
        f'<svg role="img" viewBox="{box}" aria-labelledby="{name}-title" aria-describedby="{name}-words">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-words">{escape(words)}</desc>'
    )
    return Markup(f"{head}{drawing}</svg>")
