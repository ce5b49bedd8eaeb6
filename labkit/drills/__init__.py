"""Practice for the midterm: question families, marking, and a drill for the notebook.

Drills compute in scalar arithmetic and reach a student with the last lab: they hold answers of all labs before it.
"""

from labkit.plots import at_grading


def drill(topic: str = "all", seed: int | str | None = None) -> None:
    """Questions on a topic of the cheat sheet, one after the other; drill("all") mixes them.

    The same seed asks the same questions again. Shows nothing while a notebook is graded.
    """
    from labkit.drills.families import of_topic

    families = of_topic(topic)
    if at_grading():
        return
    import secrets

    from IPython.display import display

    from labkit.drills.panel import Panel
    from labkit.drills.session import Session

    display(Panel(Session(families, secrets.token_hex(4) if seed is None else seed)).box)
