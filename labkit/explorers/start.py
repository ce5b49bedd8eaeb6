"""Lab 00: what a batch is."""

from collections.abc import Callable

import numpy as np

from labkit import plots
from labkit.explorers.engine import Explorer, Reading, Scene, Slider, ask, one_by_one
from labkit.explorers.faces import show

MOST_FEATURES, MOST_EXAMPLES = 8, 16
NUMBERS = np.random.default_rng(0).uniform(-1, 1, (MOST_FEATURES, MOST_EXAMPLES))


def explore_batch(batch_size: Callable) -> None:
    """Change the numbers of features and examples, and see what batch_size(X) returns."""
    show(batch(batch_size))


TOUR = one_by_one(
    *({"n": n} for n in range(5, MOST_FEATURES + 1)),
    *({"m": m} for m in range(6, 13)),
    *({"n": n} for n in reversed(range(3, MOST_FEATURES))),
)


def batch(batch_size: Callable) -> Explorer:
    return Explorer(
        title="A batch X: one example per column",
        alt="The matrix X as a grid of coloured cells, features down and examples across. Its last column is framed.",
        controls=(
            Slider("n", "features n", 1, MOST_FEATURES, 1, 4),
            Slider("m", "examples m", 1, MOST_EXAMPLES, 1, 5),
        ),
        goals=("make a batch of 12 examples with 3 features.",),
        scene=lambda: _scene(batch_size),
        tour=TOUR,
    )


def _scene(batch_size: Callable) -> Scene:
    from matplotlib.patches import Rectangle

    figure, (ax,) = plots.canvas(size=(7.5, 3.6))
    cells = ax.pcolormesh(NUMBERS, cmap="PuOr_r", vmin=-1.3, vmax=1.3, edgecolors="white", linewidth=2)
    frame = ax.add_patch(Rectangle((0, 0), 1, 1, fill=False, edgecolor=plots.BLACK, linewidth=2.5))
    note = ax.text(0, 0, "one example", ha="center", va="top")
    ax.set(xlim=(-0.2, MOST_EXAMPLES + 0.2), ylim=(MOST_FEATURES + 1, -0.2), aspect="equal")
    ax.set(xlabel="examples (columns of X)", ylabel="features (rows of X)")
    ax.set_xticks(np.arange(MOST_EXAMPLES) + 0.5, range(MOST_EXAMPLES))
    ax.set_yticks(np.arange(MOST_FEATURES) + 0.5, range(MOST_FEATURES))
    ax.grid(visible=False)
    row, column = np.indices(NUMBERS.shape)

    def update(n: int, m: int) -> Reading:
        X = NUMBERS[:n, :m]
        returned = ask(batch_size, X.copy())
        cells.set_array(np.ma.array(NUMBERS, mask=(row >= n) | (column >= m)))
        frame.set(xy=(m - 1, 0), height=n)
        note.set_position((np.clip(m - 0.5, 1.2, MOST_EXAMPLES - 1.2), n + 0.1))
        words = f"X has {_count(n, 'row')} and {_count(m, 'column')}. Your batch_size(X) returns {returned}."
        return Reading(words, (X.shape == (3, 12) and np.array_equal(returned, 12),))

    return Scene(figure, [cells, frame, note], update)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" + "s" * (number != 1)
