"""Claims: exactly one is wrong, all of the bank come up, and the facts are those that the labs have measured."""

import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from labkit.drills.families import claims
from labkit.drills.families.claims.mistaken import MISTAKEN
from labkit.drills.families.claims.right import RIGHT
from labkit.drills.families.claims.wrong_claim import GROUPS

SEEDS = range(1000)
SOURCE = Path(__file__).parent.parent / "source"
WRONG_CLAIM, WHY_WRONG = claims.FAMILIES
TEXT_OF = {claim.text: claim for claim in (*RIGHT, *MISTAKEN)}
SECTIONS = range(1, 9)

# What a claim says, and how the lab that measured it says it
MEASURED = [
    ("05", "240,486 steps", "240,486"), ("05", "Standardised: 42.", "| standardised | 2.1 | 42 |"),
    ("05", "3.16", "3.16"),
    ("04", "below $10^{-36}$", "3.53e-37"), ("04", "all 28 are still off", "all 28 are still off"),
    ("04", "about $-0.17$", "−0.170"), ("04", "After 100 steps", "Only $b^{[2]}$ has moved"),
    ("06", "0.92 of a weight", "0.92 of it is left"), ("06", "0.374", "to 0.374"), ("06", "0.110 at", "0.110"),
    ("06", "0.656 at", "0.656"), ("06", "rises after epoch 5", "after epoch 5"), ("06", "at epoch 13", "is 13"),
    ("06", "89 of 100", "0.89 of the 6s"),
    ("07", "at 0.91", "from 0.91"), ("07", "at 0.34", "to 0.34"), ("07", "ten times as high", "ten times larger"),
    ("08", "more than $10^{14}$", "8.2e14"), ("08", "only 1.3", "1.3"), ("08", "69,632 weights", "69,632"),
    ("08", "73,728", "73,728"), ("08", "1,179,648", "1,179,648"),
]  # fmt: skip


def prose(lab: str) -> str:
    (path,) = SOURCE.glob(f"{lab}_*/*.ipynb")
    cells = json.loads(path.read_text())["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


@pytest.mark.parametrize("lab, here, there", MEASURED)
def test_a_measured_number_is_that_of_the_lab(lab, here, there):
    bank = "".join(path.read_text() for path in Path(claims.__file__).parent.glob("*.py"))
    assert here.lower() in bank.lower(), here
    assert there in prose(lab), there


def draws(family, variant):
    return [family.draw(seed, variant) for seed in SEEDS]


def section(text: str) -> int:
    return TEXT_OF[text].section


def test_the_bank_is_large():
    assert len(RIGHT) >= 30 and len(MISTAKEN) >= 25
    for sections in GROUPS.values():
        assert {section(claim.text) for claim in RIGHT if claim.section in sections} == set(sections)
    assert sorted(each for sections in GROUPS.values() for each in sections) == list(SECTIONS)


def test_nothing_stands_in_the_bank_twice():
    texts = [claim.text for claim in (*RIGHT, *MISTAKEN)]
    texts += [claim.fact for claim in MISTAKEN] + [claim.because for claim in MISTAKEN]
    assert [text for text, times in Counter(texts).items() if times > 1] == []
    for claim in MISTAKEN:
        reasons = [claim.because, *(text for text, _ in claim.others)]
        hints = [hint for _, hint in claim.others]
        assert len(claim.others) == 3 and len(set(reasons)) == 4 and len(set(hints)) == 3, claim.text


def test_no_claim_is_both_right_and_wrong():
    """Nor hard to tell from one: a right claim and a mistaken one share no more than most of their words."""

    def words(text):
        return set(re.findall(r"\w+", text.lower()))

    for right in RIGHT:
        for mistaken in MISTAKEN:
            a, b = words(right.text), words(mistaken.text)
            assert len(a & b) / len(a | b) < 0.9, (right.text, mistaken.text)


def test_a_line_is_a_line():
    for claim in (*RIGHT, *MISTAKEN):
        assert len(claim.text.split()) <= 24, claim.text
        assert claim.text.endswith(".") and "\n" not in claim.text
    for claim in MISTAKEN:
        for text in (claim.because, claim.fact, claim.instead, *(each for pair in claim.others for each in pair)):
            assert text[-1] in ".?)", text
            assert len(text.split()) <= 30, text


@pytest.mark.parametrize("group", GROUPS)
def test_exactly_one_claim_is_wrong(group):
    mistaken, right = {claim.text for claim in MISTAKEN}, {claim.text: claim for claim in RIGHT}
    for question in draws(WRONG_CLAIM, group):
        (answer,) = question.answer
        assert [text in mistaken for text in question.choices] == [place == answer for place in range(4)]
        assert question.choices[answer] == question.given["mistaken"]
        assert {section(text) for text in question.choices} <= set(GROUPS[group])
        assert len({TEXT_OF[text].subject for text in question.choices}) == 4
        for wrong in question.wrong:
            assert right[question.choices[wrong.numbers[0]]].why in wrong.hint
        assert TEXT_OF[question.choices[answer]].because in " ".join(question.solution)
        assert all(TEXT_OF[text].subject in question.statement for text in question.choices)


def test_every_claim_of_the_bank_comes_up():
    met = {text for group in GROUPS for question in draws(WRONG_CLAIM, group) for text in question.choices}
    assert met == set(TEXT_OF)


@pytest.mark.parametrize("variant", WHY_WRONG.variants)
def test_every_mistake_is_asked_about(variant):
    asked = {question.given["mistaken"] for question in draws(WHY_WRONG, variant)}
    assert asked == {claim.text for claim in MISTAKEN}


def test_one_reason_of_four_is_right():
    for question in draws(WHY_WRONG, "reason"):
        claim, (answer,) = TEXT_OF[question.given["mistaken"]], question.answer
        assert claim.text in question.statement
        assert question.choices[answer] == claim.because and len(set(question.choices)) == 4
        hints = dict(claim.others)
        assert {question.choices[wrong.numbers[0]]: wrong.hint for wrong in question.wrong} == hints


def test_a_fact_refutes_one_claim_of_four():
    for question in draws(WHY_WRONG, "refuted"):
        claim, (answer,) = TEXT_OF[question.given["mistaken"]], question.answer
        assert claim.fact in question.statement and question.choices[answer] == claim.text
        others = [TEXT_OF[text] for text in question.choices if text != claim.text]
        assert len(others) == 3 and set(others) <= set(MISTAKEN)
        assert not any(a.subject == b.subject for a, b in combinations([claim, *others], 2))
        assert {each.section for each in others} == {claim.section}


@pytest.mark.parametrize("family, variant", [(f, v) for f in claims.FAMILIES for v in f.variants])
def test_letters_are_even(family, variant):
    """The right letter is no habit."""
    times = Counter(question.answer[0] for question in draws(family, variant))
    assert set(times) == {0, 1, 2, 3} and min(times.values()) > 180


@pytest.mark.parametrize("family, variant", [(f, v) for f in claims.FAMILIES for v in f.variants])
def test_the_longest_choice_is_no_give_away(family, variant):
    longest = 0
    for question in draws(family, variant):
        lengths = [len(text) for text in question.choices]
        longest += lengths[question.answer[0]] == max(lengths)
    assert longest < 0.5 * len(SEEDS)
