"""A question as Markdown."""

from collections.abc import Sequence

from labkit.drills.question import Question

LETTERS = "abcdefgh"


def asked(question: Question) -> str:
    """What is asked, with its options and with what to answer."""
    options = [f"({letter}) {option}" for letter, option in zip(LETTERS, question.choices)]
    form = "one letter" if options else ", ".join(question.asks)
    return "\n\n".join([question.statement, *options, f"**Answer:** {form}"])


def numbered(steps: Sequence[str]) -> str:
    return "\n\n".join(f"**{number}.** {step}" for number, step in enumerate(steps, 1))
