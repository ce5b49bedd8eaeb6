"""Figures: alt text and labels are asked for, and what is shown carries them."""

import base64
import re

import numpy as np
import pytest

from dnnlib import activations
from labkit import plots

Z = np.linspace(-2, 2, 9)


@pytest.fixture
def shown(monkeypatch):
    """What notebook cells would display."""
    found = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: found.append(data))
    return found


def draw(alt="A straight line."):
    with plots.figure(alt) as ax:
        plots.curves(ax, Z, {"z": Z})
        ax.set(xlabel="z", ylabel="a")


def test_a_figure_is_a_png_with_its_alt_text(shown):
    draw('Rises from -2 to 2; "steep" & straight.')
    (data,) = shown
    png = base64.b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', data["text/html"])[1])
    assert png.startswith(b"\x89PNG")
    assert 'alt="Rises from -2 to 2; &quot;steep&quot; &amp; straight."' in data["text/html"]
    assert data["text/plain"].startswith("Rises")


@pytest.mark.parametrize("alt", ["", "   ", None])
def test_no_alt_text_no_figure(shown, alt):
    with pytest.raises(ValueError, match="alt text"):
        draw(alt)
    assert not shown


def test_an_axis_without_a_label_is_named(shown):
    with pytest.raises(ValueError, match="Axes 2 lack a label"):
        with plots.figure("Two lines.", columns=2) as (left, right):
            left.set(xlabel="x", ylabel="y")
            right.set(xlabel="x")
    assert not shown


def test_nothing_is_drawn_under_grading(shown, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    draw()
    assert not shown


def test_an_unfinished_function_becomes_a_sentence(shown, capsys):
    with plots.figure("ReLU.") as ax:
        plots.curves(ax, Z, {"relu": None})
    assert capsys.readouterr().out == "Nothing to draw yet: relu is None. Finish that function first.\n"
    assert not shown


def relu(Z):
    """A student's stub, by the name of the exercise."""


def test_a_figure_names_the_function_that_it_needs(shown, capsys):
    with plots.figure("ReLU.") as ax:
        plots.needs(abs, relu)
        plots.curves(ax, Z, {"2 relu": 2 * relu(Z)})
    assert capsys.readouterr().out.startswith("Nothing to draw yet. Finish relu first: ")
    assert not shown


def test_a_figure_says_what_a_needed_function_does_wrong(shown, capsys, monkeypatch):
    monkeypatch.setitem(globals(), "relu", lambda Z: 1 / 0)
    relu.__name__ = "relu"
    with plots.figure("ReLU."):
        plots.needs(relu)
    assert capsys.readouterr().out.startswith("Nothing to draw yet. relu(Z) on ")
    assert not shown


def test_a_finished_function_is_drawn(shown):
    with plots.figure("ReLU.") as ax:
        plots.needs(activations.relu)
        plots.curves(ax, Z, {"relu": activations.relu(Z)})
        ax.set(xlabel="z", ylabel="a")
    assert len(shown) == 1


def test_an_error_in_the_block_is_not_hidden(shown):
    with pytest.raises(ZeroDivisionError):
        with plots.figure("Never drawn."):
            raise ZeroDivisionError


def test_the_style_ends_with_the_block(shown):
    import matplotlib

    before = matplotlib.rcParams["font.size"], matplotlib.rcParams["axes.grid"]
    draw()
    assert (matplotlib.rcParams["font.size"], matplotlib.rcParams["axes.grid"]) == before


def test_curves_differ_in_colour_and_in_dashes():
    _, (ax,) = plots.canvas()
    with plots.style():
        plots.curves(ax, Z, {str(k): Z + k for k in range(7)})
    assert len({line.get_color() for line in ax.lines}) == 7
    assert len({(line.get_linestyle(), str(line._dash_pattern)) for line in ax.lines}) == 7
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list("0123456")


def test_a_matrix_shows_its_entries_and_its_shape():
    _, (ax,) = plots.canvas()
    plots.matrix(ax, np.array([[1.0, -2.5, 0], [3, 4, 5]]), "W")
    assert ax.get_title() == "W: shape (2, 3)"
    assert {text.get_text(): text.get_position() for text in ax.texts}["-2.5"] == (1, 0)
    assert len(ax.texts) == 6


def test_a_matrix_shows_no_minus_zero():
    _, (ax,) = plots.canvas()
    plots.matrix(ax, np.array([[-0.0, 0, -0.04]]).round(1), "A")
    assert [text.get_text() for text in ax.texts] == ["0", "0", "0"]


def test_a_large_matrix_shows_no_numbers():
    _, (ax,) = plots.canvas()
    plots.matrix(ax, np.zeros((64, 30)), "X")
    assert not ax.texts


def test_images_stand_in_their_places():
    """The second image of the second row, at 3 a row, with its caption below it."""
    X = np.zeros((64, 5))
    X[:, 4] = np.arange(64) / 64
    _, (ax,) = plots.canvas()
    plots.images(ax, X, captions="abcde", per_row=3)
    sheet = np.asarray(ax.get_images()[0].get_array())
    assert np.array_equal(sheet[12:20, 9:17], X[:, 4].reshape(8, 8))
    assert {text.get_text(): text.get_position() for text in ax.texts}["e"] == (12.5, 21)


def test_points_carry_their_class_in_colour_and_marker():
    _, (ax,) = plots.canvas()
    plots.points(ax, np.array([[0.0, 1, 2], [3, 4, 5]]), np.array([1, 0, 1]))
    zero, one = ax.collections
    assert zero.get_offsets().tolist() == [[1, 4]] and one.get_offsets().tolist() == [[0, 3], [2, 5]]
    assert zero.get_facecolor().tolist() != one.get_facecolor().tolist()
    assert len(zero.get_paths()[0]) != len(one.get_paths()[0])


def test_bars_carry_their_numbers():
    _, (ax,) = plots.canvas()
    plots.bars(ax, np.array([[0.25], [0.75]]), ["cat", "dog"])
    assert [bar.get_height() for bar in ax.patches] == [0.25, 0.75]
    assert [text.get_text() for text in ax.texts] == ["0.25", "0.75"]


def test_bars_can_share_their_decimals():
    _, (ax,) = plots.canvas()
    plots.bars(ax, np.array([98.73, 1.27]), fmt="%.1f")
    assert [text.get_text() for text in ax.texts] == ["98.7", "1.3"]
