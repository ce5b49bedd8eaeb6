"""What is folded away until the reader has tried."""

from gradekit.exam.page import answer
from labkit.drills.question import Question
from labkit.drills.text import numbered


def dropdown(title: str, inside: str) -> str:
    return f":::{{dropdown}} {title}\n{inside.strip()}\n:::"


def solved(question: Question) -> str:
    """The solution step by step, and the answer."""
    return f"{numbered(question.solution)}\n\n**Answer:** {answer(question)}"
