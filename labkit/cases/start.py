"""Lab 00."""

from labkit.exercise import Answer, Case, Exercise


def matrix(n, m):
    return lambda rng: (rng.standard_normal((n, m)),)


batch_size = Exercise(
    "batch_size",
    "batch_size(X)",
    cases=(
        Case("3 features and 5 examples", matrix(3, 5)),
        Case("7 features and 2 examples", matrix(7, 2)),
        Case("a batch of random width", lambda rng: (rng.standard_normal((4, int(rng.integers(5, 60)))),)),
        Case("one example", matrix(6, 1), "edge"),
        Case("one feature", matrix(1, 9), "edge"),
    ),
    expects=lambda X: (),
    integer=True,
)

quick_entries = Answer("quick_entries", "How many numbers has a batch of 32 images of 8 by 8 pixels?", integer=True)
