"""What is asked of every question family, over many seeds."""

import re

import pytest
from drill_answers import SEEDS

from labkit.drills.families import TOPICS, families, of_topic
from labkit.drills.question import Question, Wrong
from labkit.drills.reading import Unreadable, mark, read
from labkit.drills.text import LETTERS
from labkit.drills.typeset import decimal, number

VARIANTS = [(family, variant) for family in families().values() for variant in family.variants]
every_variant = pytest.mark.parametrize("family, variant", VARIANTS, ids=lambda x: getattr(x, "name", x))


def typed(question: Question, numbers: tuple) -> str:
    """An answer as a student types it: whole numbers, fractions, or three digits."""
    if question.choices:
        return "abcdefgh"[int(numbers[0])]
    return ", ".join(str(n) if not isinstance(n, float) else repr(n) for n in numbers)


def test_there_are_enough_families():
    assert len(families()) >= 16
    assert {family.topic for family in families().values()} == set(TOPICS)


@pytest.mark.parametrize("name", families())
def test_a_family_has_several_structures(name):
    assert len(families()[name].variants) >= 2


@every_variant
def test_every_draw_is_sound(family, variant):
    """The right answer is right, and each wrong one is met by its own hint."""
    for seed in SEEDS:
        question = family.draw(seed, variant)
        assert len(question.answer) == len(question.asks)
        assert mark(question, typed(question, question.answer)).right, (seed, question.answer)
        assert question.wrong, seed
        for wrong in question.wrong:
            marked = mark(question, typed(question, wrong.numbers))
            assert not marked.right and marked.says == wrong.hint, (seed, wrong, marked)


@every_variant
def test_questions_differ(family, variant):
    assert len({family.draw(seed, variant).statement for seed in range(50)}) >= 20


@every_variant
def test_text_is_whole(family, variant):
    for seed in range(30):
        question = family.draw(seed, variant)
        texts = [question.statement, *question.asks, *question.solution, *question.choices]
        texts += [wrong.hint for wrong in question.wrong]
        assert len(question.solution) >= 1
        for text in texts:
            assert text.strip() and text.count("$") % 2 == 0, text
            assert text.count("{") == text.count("}"), text
            assert not re.search(r"\bnan\b|\binf\b|None|Fraction\(|\+ -|- -|\b1 \\cdot \\cdot", text), text
        assert len(question.statement.split()) <= 120


@every_variant
def test_a_hint_leaves_the_answer_open(family, variant):
    """No step but the last names the letter, or the option alone. A number may be met by chance on the way: seldom."""
    said = 0
    for seed in range(100):
        question = family.draw(seed, variant)
        *hints, last = question.solution
        for hint in hints:
            if question.choices:
                right = question.choices[question.answer[0]]
                assert not re.search(rf"(?:^|\s)\({LETTERS[question.answer[0]]}\)", hint), (seed, hint)
                assert right not in hint or sum(each in hint for each in question.choices) > 1, (seed, hint)
        if len(question.answer) == 1 and not question.choices:
            results = {f"= {form(question.answer[0])}" for form in (number, decimal)}
            said += any(re.search(re.escape(each) + r"(\$|\.(\s|$))", hint) for each in results for hint in hints)
    assert said < 50


@pytest.mark.parametrize("name", families())
def test_a_seed_gives_the_same_question_again(name):
    family = families()[name]
    assert family.draw("ada/1") == family.draw("ada/1")
    assert len({family.draw(seed).statement for seed in range(20)}) > 10


def test_an_unknown_topic_is_named():
    with pytest.raises(ValueError, match="backprop"):
        of_topic("backpropagation")
    assert len(of_topic("all")) == len(families())


@pytest.mark.parametrize("text, numbers", [
    ("3", [3]), ("-2/3", [-2 / 3]), ("(2, -0.5)", [2, -0.5]), ("[[1, 2], [3, 4]]", [1, 2, 3, 4]),
    ("1 2 -3", [1, 2, -3]), ("2^3", [8]), ("sqrt(2)/2", [2**0.5 / 2]), ("−4", [-4]), ("ln(2)", [0.6931471805599453]),
    ("1; 2", [1, 2]), ("2·3", [6]), ("{1, 2}", [1, 2]), ("ln 4", [1.3862943611198906]),
    ("2ln(3/2)", [0.8109302162163288]), ("2 ln(1.5)", [0.8109302162163288]), ("c = 1000, r=0.5", [1000, 0.5]),
    ("33%", [0.33]), ("0,5; 0,75", [0.5, 0.75]),
    ("(1)sqrt(4)", [2]), ("exp(0) 2", [1, 2]),
])  # fmt: skip
def test_what_is_typed_is_read(text, numbers):
    assert read(text) == pytest.approx(numbers)


@pytest.mark.parametrize("text", [
    "", "   ", "two", "1 +", "__import__('os').system('true')", "9**9**9", "x", "1/0", "sqrt(-1)", "(" * 150, "[" * 90,
    "1" * 300, "True", "'a'", "lambda: 1", "10**10**10", "exp(1000)",
])  # fmt: skip
def test_what_is_no_number_is_told_and_never_run(text):
    with pytest.raises(Unreadable) as told:
        read(text)
    assert len(str(told.value)) < 320


CLOSE = "Close. Whole numbers are exact; for others give three digits that count, such as 0.0182."
QUESTION = Question("What?", ("$a$", "$b$"), (2, 0.125), ("So.",), (Wrong((3, 0.125), "One too many."),))


@pytest.mark.parametrize("text, right, says", [
    ("2, 0.125", True, "Right."), ("2, 1/8", True, "Right."), ("2.0, 0.1251", True, "Right."),
    ("0.2/0.1, 0.125", True, "Right."), ("6.000000000001/3, 0.125", True, "Right."), ("2, 0.13", False, CLOSE),
    ("3, 0.125", False, "One too many."), ("2, 0.2", False, "Not yet. Look again at $b$; the rest is right."),
    ("2.001, 0.125", False, CLOSE), ("2.5, 0.125", False, "Not yet. Look again at $a$; the rest is right."),
    ("0, 0", False, "Not yet."),
])  # fmt: skip
def test_an_answer_is_marked(text, right, says):
    marked = mark(QUESTION, text)
    assert (marked.right, marked.says) == (right, says)


@pytest.mark.parametrize("text, says", [
    ("2", "Expected 2 numbers, with commas between: $a$, $b$. Found 1."), ("1, 2, 3", "Found 3."),
])  # fmt: skip
def test_a_wrong_count_is_no_attempt(text, says):
    with pytest.raises(Unreadable, match=re.escape(says)):
        mark(QUESTION, text)


def test_a_decimal_comma_is_told():
    with pytest.raises(Unreadable, match="Write 0.5 with a point"):
        mark(Question("What?", ("$a$",), (0.5,), ("So.",)), "0,5")


CHOICE = Question("Which?", ("the letter",), (1,), ("b.",), (Wrong((0,), "Not a."),), choices=("one", "two", "three"))


@pytest.mark.parametrize("text, says", [("b", "Right."), (" (B) ", "Right."), ("a", "Not a."), ("c", "Not yet.")])
def test_a_choice_is_marked(text, says):
    assert mark(CHOICE, text).says == says


@pytest.mark.parametrize("text", ["", "d", "2", "bc"])
def test_a_choice_wants_a_letter(text):
    with pytest.raises(Unreadable, match="Type one letter, a to c."):
        mark(CHOICE, text)


def test_a_wrong_answer_too_near_the_right_one_is_unsound():
    assert not Question("?", ("x",), (1.0,), (), (Wrong((1.01,), "?"),)).is_sound()
    assert not Question("?", ("x",), (float("nan"),), ()).is_sound()
    assert Question("?", ("x",), (1.0,), (), (Wrong((1.1,), "?"),)).is_sound()
    assert Question("?", ("x",), (100,), (), (Wrong((101,), "?"),)).is_sound()
