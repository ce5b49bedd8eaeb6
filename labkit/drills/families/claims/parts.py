"""Shared by the families on claims."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from labkit.drills.families.claims.mistaken import Mistaken
from labkit.drills.families.claims.right import Right

Claim = TypeVar("Claim", Right, Mistaken)


def apart(rng: Random, claims: Sequence[Claim], n: int, taken: set[str]) -> list[Claim]:
    """n claims, no two of one subject, none of a subject that is taken."""
    found: list[Claim] = []
    for claim in rng.sample(claims, len(claims)):
        if claim.subject not in taken | {each.subject for each in found}:
            found.append(claim)
    return found[:n]
