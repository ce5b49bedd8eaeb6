"""Which questions an exam asks. All versions have the same structures in the same order, with other numbers."""

from collections.abc import Sequence
from random import Random

from gradekit.exam.mix import Mix
from labkit.drills.families import of_topic
from labkit.drills.question import Family, Question

Place = tuple[Family, str]  # a family, and which of its variants


def choose(mix: Mix, seed: int) -> list[Place]:
    """One family and variant for each question; a family comes twice only where a topic has no other left."""
    rng = Random(f"exam/{seed}")
    return [place for topic, count in mix.topics.items() for place in _of_topic(topic, count, rng)]


def _of_topic(topic: str, count: int, rng: Random) -> list[Place]:
    rounds = []
    for family in of_topic(topic):
        variants = list(family.variants)
        rng.shuffle(variants)
        rounds += [(turn, rng.random(), family, variant) for turn, variant in enumerate(variants)]
    rounds.sort(key=lambda each: each[:2])
    return [(family, variant) for _, _, family, variant in rounds[:count]]


def draw(places: Sequence[Place], seed: int, version: str) -> list[Question]:
    """The questions of one version."""
    return [
        family.draw(f"exam/{seed}/{version}/{number}", variant) for number, (family, variant) in enumerate(places, 1)
    ]
