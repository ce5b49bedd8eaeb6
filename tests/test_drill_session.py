"""A drill: what is counted, and what its widgets show."""

import pytest

import labkit.drills
from labkit.drills.families import of_topic
from labkit.drills.panel import Panel
from labkit.drills.question import Family, Question, Wrong
from labkit.drills.reading import Unreadable
from labkit.drills.session import Session
from labkit.drills.text import asked


def asks_for(number: int) -> Question:
    steps = ("First **this**.", "Then that.", f"So ${number}$.")
    return Question(f"Type ${number}$.", ("$x$",), (number,), steps, (Wrong((number + 1,), "One less."),))


FAMILY = Family(
    "typing",
    "shapes",
    "Typing <b>",
    {"small": lambda rng: asks_for(rng.randint(1, 9)), "ten": lambda rng: asks_for(10)},
)


@pytest.fixture
def session():
    return Session([FAMILY], seed=1)


def tally(session):
    score = session.score.get("shapes")
    return (score.asked, score.right, score.at_once) if score else None


def right(session) -> str:
    return str(session.question.answer[0])


def test_right_at_once_counts_everywhere(session):
    assert session.check(right(session)).right and tally(session) == (1, 1, 1)
    session.check(right(session))
    assert tally(session) == (1, 1, 1), "the same question twice"


def test_right_in_the_end_is_not_at_once(session):
    assert session.check(str(session.question.answer[0] + 1)).says == "One less."
    assert session.check(right(session)).right and tally(session) == (1, 1, 0)


def test_what_cannot_be_read_counts_for_nothing(session):
    with pytest.raises(Unreadable):
        session.check("one")
    assert tally(session) is None


def test_hints_are_the_steps_before_the_last(session):
    assert [session.hint() for _ in range(3)] == ["First **this**.", "Then that.", None]
    assert not session.solution_shown
    session.check(right(session))
    assert tally(session) == (1, 1, 0), "a hint is help"


def test_after_the_solution_nothing_counts_as_right(session):
    assert session.solution() == session.question.solution and session.solution_shown
    assert session.check(right(session)).right and tally(session) == (1, 0, 0)


def test_a_question_that_was_not_tried_does_not_count(session):
    session.next()
    assert tally(session) is None and session.number == 2


def test_every_structure_comes_up_before_one_comes_again():
    session, seen = Session(of_topic("all"), seed=3), []
    size = sum(len(family.variants) for family in session.families)
    for _ in range(size):
        seen.append(session.question.statement)
        session.next()
    assert session.number == size + 1 and len(session.deck) == size - 1
    assert len(set(seen)) > 0.9 * size


def test_the_same_seed_asks_the_same_questions():
    def first_three(seed):
        session, found = Session(of_topic("all"), seed), []
        for _ in range(3):
            found.append(session.question)
            session.next()
        return found

    assert first_three(5) == first_three(5) != first_three(6)


def test_a_choice_lists_its_options():
    text = asked(Question("Which?", ("the letter",), (0,), ("a.",), (), ("one", "two")))
    assert text == "Which?\n\n(a) one\n\n(b) two\n\n**Answer:** one letter"


# the widgets


@pytest.fixture
def panel(session):
    return Panel(session)


def type_in(panel, text):
    panel.field.value = text


def test_enter_checks_and_the_verdict_is_announced(panel):
    type_in(panel, str(panel.session.question.answer[0] + 1))
    assert 'role="status"' in panel.verdict.value and "✗ One less." in panel.verdict.value
    type_in(panel, right(panel.session))
    assert "✓ Right." in panel.verdict.value
    assert "shapes: 1 of 1 right, 0 at the first try" in panel.score.value


def test_the_buttons_work(panel):
    panel.buttons["Check"].click()
    assert "Type your answer first." in panel.verdict.value
    panel.buttons["Hint"].click()
    assert "<strong>this</strong>" in panel.help.value and "Then that" not in panel.help.value
    panel.buttons["Hint"].click()
    panel.buttons["Hint"].click()
    assert "Then that" in panel.help.value and "press Solution" in panel.verdict.value
    panel.buttons["Solution"].click()
    assert f"So ${right(panel.session)}$" in panel.help.value
    panel.buttons["Next"].click()
    assert panel.title.value.startswith("<strong>2.") and panel.field.value == panel.verdict.value == ""
    assert panel.help.value == ""


def test_what_cannot_be_read_is_told_and_nothing_is_lost(panel):
    type_in(panel, "one <script>")
    assert "can't be read" in panel.verdict.value and "<script>" not in panel.verdict.value
    assert panel.field.value == "one <script>"


def test_every_widget_has_a_name(panel):
    assert panel.field.description == "Your answer"
    assert [button.description for button in panel.buttons.values()] == ["Check", "Hint", "Solution", "Next"]
    assert "<b>" not in panel.title.value


@pytest.mark.parametrize("mode", ["autograde", "validate"])
def test_nothing_is_shown_at_grading(mode, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    labkit.drills.drill("shapes")
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)
    labkit.drills.drill("shapes")
    assert len(shown) == 1


def test_an_unknown_topic_is_named():
    with pytest.raises(ValueError, match="The topics are: all, shapes"):
        labkit.drills.drill("shape")
