"""The gradient report: it names the wrong tensor and its worst entry, and says plainly what it sees."""

import re

import numpy as np
import pytest

from dnnlib.activations import identity, relu, tanh
from dnnlib.backprop import SLOPES, backward, cross_entropy_delta
from dnnlib.gradient_check import slope_along
from dnnlib.layers import forward
from dnnlib.losses import cross_entropy
from labkit.gradients import MOST_ENTRIES, gradient_report

M = 5


def net(p):
    return [(p["W1"], p["b1"], tanh), (p["W2"], p["b2"], relu), (p["W3"], p["b3"], identity)]


class Work:
    """A net 3-4-4-2 on five examples: its parameters, its loss, and its right gradients."""

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        shapes = {"W1": (4, 3), "b1": (4, 1), "W2": (4, 4), "b2": (4, 1), "W3": (2, 4), "b3": (2, 1)}
        self.parameters = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        self.X, self.y = rng.normal(size=(3, M)), np.array([0, 1, 1, 0, 1])
        Z, A = forward(net(self.parameters), self.X)
        pairs = backward(net(self.parameters), Z, A, cross_entropy_delta(Z[-1], self.y), SLOPES)
        self.gradients = {f"{kind}{l}": g for l, pair in enumerate(pairs, 1) for kind, g in zip("Wb", pair)}

    def J(self, parameters):
        return cross_entropy(forward(net(parameters), self.X)[0][-1], self.y)

    def report(self, changed=None, **options):
        rng = np.random.default_rng(1)
        return gradient_report(slope_along, self.J, self.parameters, self.gradients | (changed or {}), rng, **options)


@pytest.fixture
def work():
    return Work()


def one(rows, name):
    (row,) = [row for row in rows if row.name == name]
    return row


def wrong(rows):
    return [row.name for row in rows if not row.ok]


@pytest.mark.parametrize("seed", range(5))
def test_right_gradients_pass(seed, capsys):
    rows = Work(seed).report()
    assert [row.name for row in rows] == ["W1", "b1", "W2", "b2", "W3", "b3"]
    assert all(row.ok and row.error < 1e-7 and row.index is None for row in rows)
    said = capsys.readouterr().out
    assert said.count(" ok\n") == 6 and "WRONG" not in said
    assert said.splitlines()[-1] == "All 6 agree: each relative error is at most 1e-06."


def test_one_wrong_entry_is_found_with_what_came_and_what_is_measured(work, capsys):
    spoiled = work.gradients["W1"].copy()
    spoiled[2, 1] += 0.001
    rows = work.report({"W1": spoiled})
    row = one(rows, "W1")
    assert wrong(rows) == ["W1"] and row.index == (2, 1)
    assert row.came == spoiled[2, 1]
    assert row.measured == pytest.approx(work.gradients["W1"][2, 1], rel=1e-6)
    said = capsys.readouterr().out
    assert f"worst entry [2, 1]: measured {row.measured:.6g}, yours {row.came:.6g}" in said
    assert "1 of 12 entries is wrong, the others are right." in said
    assert said.splitlines()[-1] == (
        "Wrong: W1. Nearest to the output: only dW1 of layer 1. So its delta is right, the line of dW1 is not."
    )


@pytest.mark.parametrize(
    "factor, words",
    [
        (M, "Every entry is 5 times what is measured. Is a 1/m missing"),
        (1 / M, "Every entry is 1/5 of what is measured. Is there a 1/m too many"),
        (-1, "Every entry has the wrong sign."),
        (-2, "Every entry is minus 2 times"),
        (0, "Every entry is 0."),
    ],
)
@pytest.mark.parametrize("name", ["W2", "b3"])
def test_a_common_factor_is_told(work, name, factor, words):
    row = one(work.report({name: factor * work.gradients[name]}), name)
    assert row.words.startswith(words)
    assert row.factor == pytest.approx(factor, rel=1e-6) and not row.ok


def test_the_same_factor_everywhere_points_to_the_output(work, capsys):
    rows = work.report({name: M * gradient for name, gradient in work.gradients.items()})
    assert len(wrong(rows)) == 6
    assert "All are wrong by the same factor. Look at the delta of the output" in capsys.readouterr().out


def by_name(pairs):
    return {f"{kind}{l}": g for l, pair in enumerate(pairs, 1) for kind, g in zip("Wb", pair)}


def db_as_mean(work):
    return {name: g / M for name, g in work.gradients.items() if name[0] == "b"}


def input_of_the_wrong_layer(work):
    Z, A = forward(net(work.parameters), work.X)
    pairs = backward(net(work.parameters), Z, [A[0], Z[1], Z[2]], cross_entropy_delta(Z[-1], work.y), SLOPES)
    return by_name(pairs)


def slope_left_out(work):
    Z, A = forward(net(work.parameters), work.X)
    bare = {**SLOPES, relu: np.ones_like}
    return by_name(backward(net(work.parameters), Z, A, cross_entropy_delta(Z[-1], work.y), bare))


def wrong_output_delta(work):
    """A wrong delta of the output, by no common factor."""
    Z, A = forward(net(work.parameters), work.X)
    return by_name(backward(net(work.parameters), Z, A, np.tanh(Z[-1]), SLOPES))


def in_reverse_order(work):
    pairs = [(work.gradients[f"W{l}"], work.gradients[f"b{l}"]) for l in (3, 2, 1)]
    return by_name(pairs)


@pytest.mark.parametrize(
    "slip, begin",
    [
        (db_as_mean, "Nearest to the output: only db3 of layer 3. So its delta is right, the line of db3 is not."),
        (input_of_the_wrong_layer, "Nearest to the output: only dW3 of layer 3."),
        (slope_left_out, "Begin with the delta of layer 2: from there down, every gradient is wrong."),
        (wrong_output_delta, "Begin with the delta of layer 3: from there down"),
        (in_reverse_order, "Several have wrong shapes: in which order are the gradients put into the list?"),
        (lambda work: {name: g.ravel() for name, g in work.gradients.items() if name[0] == "b"}, "Nearest to the outp"),
        (lambda work: {"W2": work.gradients["W2"] + 1, "b2": work.gradients["b2"] * 2}, "Begin with layer 2, the near"),
    ],
)
def test_the_last_line_says_where_to_begin_by_the_pattern(work, slip, begin, capsys):
    rows = work.report(slip(work))
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith(f"Wrong: {', '.join(wrong(rows))}. {begin}")


def test_names_without_a_layer_are_only_listed(capsys):
    theta = {"w": np.ones((2, 1)), "v": np.ones((2, 1))}
    gradients = {"w": np.ones((2, 1)), "v": np.full((2, 1), 2.0)}
    gradient_report(
        slope_along, lambda p: np.sum(p["w"] ** 2 + p["v"] ** 2), theta, gradients, np.random.default_rng(0)
    )
    assert capsys.readouterr().out.splitlines()[-1] == "Wrong: w."


def test_no_common_factor_is_not_called_one(work):
    row = one(work.report({"W3": work.gradients["W3"] ** 2 + 1}), "W3")
    assert row.factor is None and row.words == "All 8 entries are wrong, by no common factor."


def test_a_transpose_is_told_by_shape_or_by_values(work):
    rows = work.report({"W1": work.gradients["W1"].T, "W2": work.gradients["W2"].T})
    assert one(rows, "W2").words == "It is the transpose of what is measured."
    assert one(rows, "W1").words.startswith("Expected shape (4, 3), as its parameter has; got (3, 4). A transpose")
    assert wrong(rows) == ["W1", "W2"]


def test_a_bias_gradient_that_lost_its_column(work):
    row = one(work.report({"b1": work.gradients["b1"].ravel()}), "b1")
    assert "Expected shape (4, 1)" in row.words and "(4,)" in row.words and "ranspose" not in row.words


@pytest.mark.parametrize(
    "came, words",
    [
        (None, "It is None."),
        ("text", "Expected an array of numbers, got a str."),
        ([[1], [2, 3]], "Expected an array of numbers, got a list."),
        (np.array([[0.1], [np.nan]]), "It holds nan, at [1, 0]."),
        (np.array([[np.inf], [1.0]]), "It holds inf, at [0, 0]."),
    ],
)
def test_what_is_no_gradient_gets_a_sentence_and_the_others_their_verdict(work, came, words, capsys):
    rows = work.report({"b3": came})
    assert one(rows, "b3").words.startswith(words) and wrong(rows) == ["b3"]
    assert words in capsys.readouterr().out


def test_a_missing_name_lists_what_is_there(work):
    del work.gradients["b2"]
    row = one(work.report(), "b2")
    assert row.words == "There is no gradient of this name. There are: W1, b1, W2, W3, b3."


def give_none(*inputs):
    return None


def test_unfinished_functions_get_one_sentence(work, capsys):
    rng = np.random.default_rng(0)
    calls = {
        "Finish give_none first: it returns None.": (give_none, work.J, work.parameters, work.gradients),
        "Finish loss first: it returns None.": (slope_along, give_none, work.parameters, work.gradients),
        "loss raised ZeroDivisionError": (slope_along, lambda p: 1 / 0, work.parameters, work.gradients),
        "loss should return one number": (slope_along, lambda p: p["b1"], work.parameters, work.gradients),
        "The gradients are None.": (slope_along, work.J, work.parameters, None),
        "The gradients should be a dict": (slope_along, work.J, work.parameters, [(1, 2)]),
    }
    for words, inputs in calls.items():
        assert gradient_report(*inputs, rng) == []
        said = capsys.readouterr().out
        assert said.startswith(words) and said.count("\n") == 1


def test_a_slope_that_is_twice_too_large_is_not_blamed_on_one_tensor(work, capsys):
    def no_half(J, theta, direction, h=1e-5):
        return (J(theta + h * direction) - J(theta - h * direction)) / h

    gradient_report(no_half, work.J, work.parameters, work.gradients, np.random.default_rng(1))
    assert capsys.readouterr().out.splitlines()[-1].endswith("then at slope_along.")


def test_nothing_that_was_given_is_changed(work):
    def greedy(J, theta, direction, h=1e-5):
        slope = slope_along(J, theta, direction, h)
        theta.fill(7)
        direction.fill(7)
        return slope

    def J(parameters):
        loss = work.J(parameters)
        for theta in parameters.values():
            theta.fill(7)
        return loss

    before = {name: theta.copy() for name, theta in work.parameters.items()}
    rows = gradient_report(greedy, J, work.parameters, work.gradients, np.random.default_rng(1))
    assert wrong(rows) == []
    for name, theta in work.parameters.items():
        np.testing.assert_array_equal(theta, before[name])


def test_a_small_error_hides_from_one_direction_but_not_from_tolerance(work):
    spoiled = {"W1": work.gradients["W1"] * (1 + 1e-5)}
    assert wrong(work.report(spoiled)) == ["W1"]
    assert wrong(work.report(spoiled, tolerance=1e-3)) == []


def test_more_directions_find_at_least_as_much(work):
    errors = [one(work.report({"W1": work.gradients["W1"] ** 3}, directions=n), "W1").error for n in (1, 2, 8)]
    assert errors == sorted(errors)


def test_a_gradient_of_zeros_is_right_where_the_loss_does_not_move():
    """Dead units: 0 against the rounding of J is no error."""
    theta = {"w": np.ones((3, 2)), "v": np.ones((2, 1))}
    gradients = {"w": np.zeros((3, 2)), "v": np.full((2, 1), 0.2)}
    rows = gradient_report(
        slope_along, lambda p: 1e3 + 0.1 * np.sum(p["v"] ** 2), theta, gradients, np.random.default_rng(0)
    )
    assert wrong(rows) == []


def test_float32_parameters_are_measured_in_float64():
    theta = {"w": np.ones((3, 2), np.float32)}
    gradients = {"w": np.full((3, 2), 2, np.float32)}
    rows = gradient_report(slope_along, lambda p: np.sum(p["w"] ** 2), theta, gradients, np.random.default_rng(0))
    assert wrong(rows) == []


def test_a_large_tensor_is_sampled_entry_by_entry(capsys):
    calls = []
    theta, gradients = {"W": np.ones((60, 50))}, {"W": np.full((60, 50), 2.0)}
    gradients["W"][:, ::2] *= -1

    def counting(J, theta, direction, h=1e-5):
        calls.append(1)
        return slope_along(J, theta, direction, h)

    (row,) = gradient_report(counting, lambda p: np.sum(p["W"] ** 2), theta, gradients, np.random.default_rng(0))
    assert len(calls) == MOST_ENTRIES + 3 and not row.ok
    assert row.came == -2 and row.measured == pytest.approx(2)
    assert re.search(r"\d+ of the 400 entries tried are wrong", row.words)
