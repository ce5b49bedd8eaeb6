"""Which claim is wrong?"""

from collections.abc import Sequence
from random import Random

from labkit.drills.families.claims.mistaken import MISTAKEN
from labkit.drills.families.claims.parts import Claim, apart
from labkit.drills.families.claims.right import RIGHT
from labkit.drills.question import Family, Question, Variant, Wrong

GROUPS = {"net_and_gradients": (1, 2, 3), "training": (4, 5, 6), "blocks": (7, 8)}
OF_GROUP = {
    "net_and_gradients": "the net, its loss and its gradients",
    "training": "start, steps and regularization",
    "blocks": "batch norm and residual nets",
}


def of_group(claims: Sequence[Claim], group: str) -> list[Claim]:
    return [claim for claim in claims if claim.section in GROUPS[group]]


def wrong_among(group: str) -> Variant:
    """Three right claims and a mistaken one."""

    def draw(rng: Random) -> Question:
        mistaken = rng.choice(of_group(MISTAKEN, group))
        right = apart(rng, of_group(RIGHT, group), 3, {mistaken.subject})
        claims = rng.sample([mistaken, *right], 4)
        subjects = ", ".join(sorted(each.subject for each in claims))
        place = claims.index(mistaken)
        return Question(
            f"Four claims on {OF_GROUP[group]}: {subjects}. Three of them are right. One is wrong, or misleading as "
            "written. Which one?",
            ("the letter",),
            (place,),
            (
                f"Hold the four claims against this: {mistaken.fact}",
                f"The reason why one of them is wrong: {mistaken.because}",
                f"So ({'abcd'[place]}) is wrong. Correct: {mistaken.instead}",
            ),
            tuple(
                Wrong((claims.index(each),), f"This one is right: {each.why}") for each in claims if each != mistaken
            ),
            choices=tuple(each.text for each in claims),
            given={"mistaken": mistaken.text, "right": [each.text for each in right]},
        )

    return draw


FAMILY = Family("wrong_claim", "claims", "Which claim is wrong?", {group: wrong_among(group) for group in GROUPS})
