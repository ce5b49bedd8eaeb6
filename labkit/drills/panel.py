"""A drill in the notebook: question, answer field, and buttons that work from the keyboard."""

import html

import ipywidgets
from nbconvert.filters.markdown_mistune import markdown2html_mistune as as_html

from labkit.drills.reading import Unreadable
from labkit.drills.session import Session
from labkit.drills.text import asked, numbered


class Panel:
    """The widgets of a session. Enter in the field, or leaving it, checks the answer."""

    def __init__(self, session: Session):
        self.session = session
        self.title, self.text = ipywidgets.HTML(), ipywidgets.HTMLMath()
        self.field = ipywidgets.Text(description="Your answer", continuous_update=False, layout={"width": "24em"})
        self.field.tooltip = "numbers with commas between: 3, -2/3, 0.5, sqrt(2)"
        self.verdict, self.help, self.score = ipywidgets.HTMLMath(), ipywidgets.HTMLMath(), ipywidgets.HTML()
        self.buttons = {}
        for name, act in {"Check": self.check, "Hint": self.hint, "Solution": self.solve, "Next": self.next}.items():
            self.buttons[name] = ipywidgets.Button(description=name, layout={"width": "6em"})
            self.buttons[name].on_click(lambda _, act=act: act())
        self.field.observe(self._typed, "value")
        row = ipywidgets.HBox([self.field, *self.buttons.values()], layout={"flex_flow": "row wrap"})
        self.box = ipywidgets.VBox(
            [self.title, self.text, row, self.verdict, self.help, self.score], layout={"max_width": "820px"}
        )
        self._show()

    def check(self) -> None:
        try:
            marked = self.session.check(self.field.value)
        except Unreadable as unreadable:
            self._say(html.escape(str(unreadable), quote=False))
        else:
            self._say(marked.says, "✓" if marked.right else "✗")
        self._show_score()

    def hint(self) -> None:
        self.verdict.value = ""
        if self.session.hint() is None and not self.session.solution_shown:
            self._say("No further hint. The next step is the answer: press Solution.")
        self._show_help()
        self._show_score()

    def solve(self) -> None:
        self.verdict.value = ""
        self.session.solution()
        self._show_help()
        self._show_score()

    def next(self) -> None:
        self.session.next()
        self._show()
        self.field.focus()

    def _typed(self, change: dict) -> None:
        if change["new"].strip():
            self.check()

    def _show(self) -> None:
        title = html.escape(self.session.family.title)
        self.title.value = f"<strong>{self.session.number}. {title}</strong>"
        self.text.value = as_html(asked(self.session.question))
        self.field.value = self.verdict.value = ""
        self._show_help()
        self._show_score()

    def _show_help(self) -> None:
        self.help.value = as_html(numbered(self.session.question.solution[: self.session.steps_shown]))

    def _show_score(self) -> None:
        lines = [
            f"{topic}: {tally.right} of {tally.asked} right, {tally.at_once} at the first try without help"
            for topic, tally in self.session.score.items()
            if tally.asked
        ]
        self.score.value = f"<div>{'; '.join(html.escape(line) for line in lines)}</div>"

    def _say(self, words: str, sign: str = "") -> None:
        inside = as_html(f"{sign} {words}".strip()).strip()
        self.verdict.value = f'<div role="status" aria-live="polite">{inside}</div>'
