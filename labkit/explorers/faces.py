"""Which face an explorer shows: live in JupyterLab, recorded in the book, none while a notebook is graded."""

from labkit.explorers.engine import Explorer, Panel, Unfinished
from labkit.explorers.recorded import recorded
from labkit.plots import at_grading, recording


def show(explorer: Explorer) -> None:
    """Show the explorer with its controls, or its tour. An unfinished function gets a sentence."""
    if at_grading():
        return
    from IPython.display import HTML, display

    try:
        display(HTML(recorded(explorer, explorer.tour or [{}])) if recording() else Panel(explorer).box)
    except Unfinished as unfinished:
        print(unfinished)
