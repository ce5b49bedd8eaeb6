from dataclasses import dataclass, field


@dataclass(frozen=True)
class Key:
    """The right value, and known wrong values with the hint that each earns."""

    value: float
    wrong: dict[float, str] = field(default_factory=dict)
