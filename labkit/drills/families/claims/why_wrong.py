"""Why is it wrong?"""

from random import Random

from labkit.drills.families.claims.mistaken import MISTAKEN
from labkit.drills.families.claims.parts import apart
from labkit.drills.question import Family, Question, Wrong


def reason(rng: Random) -> Question:
    """Why is it wrong? One reason, and three that are none."""
    mistaken = rng.choice(MISTAKEN)
    reasons = rng.sample([(mistaken.because, ""), *mistaken.others], 4)
    place = reasons.index((mistaken.because, ""))
    return Question(
        f"This claim is wrong, or misleading as written: *{mistaken.text}* Why?",
        ("the letter",),
        (place,),
        (
            f"To see it: {mistaken.fact}",
            f"Correct: {mistaken.instead}",
            f"So ({'abcd'[place]}): {mistaken.because}",
        ),
        tuple(Wrong((each,), hint) for each, (_, hint) in enumerate(reasons) if each != place),
        choices=tuple(text for text, _ in reasons),
        given={"mistaken": mistaken.text},
    )


def refuted(rng: Random) -> Question:
    """The other way round: a fact, and four claims that are all wrong. Which one does it refute?"""
    mistaken = rng.choice(MISTAKEN)
    section = [each for each in MISTAKEN if each.section == mistaken.section]
    others = apart(rng, section, 3, {mistaken.subject})
    claims = rng.sample([mistaken, *others], 4)
    place = claims.index(mistaken)
    return Question(
        f"A fact: *{mistaken.fact}* All four claims below are wrong. Which of them does this fact refute?",
        ("the letter",),
        (place,),
        (
            f"The fact is about {mistaken.subject}. What does it show? Say it in your own words.",
            f"What it shows: {mistaken.because}",
            f"So ({'abcd'[place]}). Correct: {mistaken.instead}",
        ),
        tuple(
            Wrong((claims.index(each),), f"Wrong as well. But does the fact say anything about {each.subject}?")
            for each in claims
            if each != mistaken
        ),
        choices=tuple(each.text for each in claims),
        given={"mistaken": mistaken.text},
    )


FAMILY = Family("why_wrong", "claims", "Why is it wrong?", {"reason": reason, "refuted": refuted})
