"""What the judge found."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Verdict:
    """What the judge found: a fraction of the points, the aspects, one message."""

    name: str
    fraction: float
    message: str
    mistake: str | None = None
    aspects: dict[str, bool] = field(default_factory=dict)


def no_points(name: str, why: str) -> Verdict:
    return Verdict(name, 0.0, f"{name}: no points. {why}")
