"""Worked questions: the drills of lab 09 on paper, each structure once, with numbers of this build's seed."""

from book.folds import dropdown, solved
from gradekit.course import LABS
from gradekit.exam.page import slip
from labkit.drills.families import TOPICS, of_topic
from labkit.drills.question import Question
from labkit.drills.text import asked

TITLES = {
    "shapes": "Shapes and counts", "losses": "Losses", "backprop": "Backpropagation",
    "initialization": "Initialization and activations", "optimizers": "Optimizers", "regularization": "Regularization",
    "batch_norm": "Batch normalization", "resnets": "Residual nets and convolution",
    "claims": "Which sentence is wrong?",
}  # fmt: skip


def pages(seed: str) -> dict[str, str]:
    made = {f"drills/{topic}.md": page(topic, seed) for topic in TOPICS}
    return made | {"drills/index.md": index(seed)}


def index(seed: str) -> str:
    counts = {topic: sum(len(family.variants) for family in of_topic(topic)) for topic in TOPICS}
    lines = [f"- {{doc}}`{topic}`: {count} questions" for topic, count in counts.items()]
    lead = (f"{sum(counts.values())} exam questions, each worked step by step. Cover the solution, take paper, then "
            "compare. Each edition of this book has other numbers. In JupyterLab, "
            "{doc}`lab 09 <../labs/09_midterm>` asks without end and marks your answer.")  # fmt: skip
    tree = "```{toctree}\n:hidden:\n\n" + "\n".join(TOPICS) + "\n```"
    edition = f"The numbers of this edition are those of seed `{seed}`."
    return "\n\n".join(["# Worked questions", lead, "\n".join(lines), edition, tree]) + "\n"


def page(topic: str, seed: str) -> str:
    parts = [f"# {TITLES[topic]}", *taught_in(topic)]
    number = 0
    for family in of_topic(topic):
        parts.append(f"## {family.title}")
        for variant in family.variants:
            number += 1
            parts.append(entry(number, family.draw(f"book/{seed}", variant)))
    return "\n\n".join(parts) + "\n"


def taught_in(topic: str) -> list[str]:
    """Where to read about it; nothing for a topic that goes through all labs."""
    return [f"Taught in {{doc}}`lab {lab.name[:2]} <../labs/{lab.name}>`. Its functions: "
            f"{{doc}}`reference <../reference/{lab.name}>`."
            for lab in LABS if lab.name.endswith(f"_{topic}")]  # fmt: skip


def entry(number: int, question: Question) -> str:
    steps = solved(question)
    slips = "\n".join(f"- {slip(wrong)}: {wrong.hint}" for wrong in question.wrong if not question.choices)
    if slips:
        steps += f"\n\n**Other answers, and what to think about:**\n\n{slips}"
    return "\n\n".join(
        [f"### Question {number}", asked(question).replace("**Answer:**", "**Wanted:**"), dropdown("Solution", steps)]
    )
