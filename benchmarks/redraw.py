"""From a moved slider to the new picture on its way to the browser, in a real kernel.

The peer is `ipywidgets.interactive_output` with a new figure at every move, the usual way to write such a figure. It
draws the same scene, at 96 dots an inch where the live face has 144. Both take turns in one run. Each move sets one
control, drawn by chance, to another value.
"""

import json
import statistics
import subprocess
import time

import numpy as np

from benchmarks.measure import table

MOVES = 60
WARM_UP = 5
SIZES = (64, 32, 32, 32, 32, 32, 10)  # of lab 07's net
CODE = "import json; from benchmarks.redraw import measure; get_ipython().run_line_magic('matplotlib', 'inline'); "


def explorers() -> dict:
    from dnnlib import activations, blocks, gradient_check, initialization, layers, rectifiers, start
    from dnnlib import backprop as way_back
    from dnnlib import batch_norm as norm
    from dnnlib import losses as loss_functions
    from dnnlib import optimizers as steps
    from dnnlib import regularization as brakes
    from labkit import datasets
    from labkit.explorers import backprop, batch_norm, losses, optimizers, regularization, resnets, shapes
    from labkit.explorers import gradient_check as bench
    from labkit.explorers import initialization as deep
    from labkit.explorers import start as batches

    phis = {"ReLU": activations.relu, "leaky ReLU": rectifiers.leaky_relu, "tanh": activations.tanh}
    slopes = {**way_back.SLOPES, rectifiers.leaky_relu: rectifiers.leaky_relu_slope}
    by_name = {name: slopes[phi] for name, phi in phis.items()}
    draws = {"he": initialization.he, "glorot": initialization.glorot}

    mse = loss_functions.mse, way_back.mse_delta
    dropout = brakes.dropout, brakes.dropout_backward
    parts = blocks.chain, blocks.residual, blocks.linear_block, blocks.relu_block, norm.batch_norm_block
    cross_entropy = loss_functions.cross_entropy, way_back.cross_entropy_delta
    rng = np.random.default_rng(1)
    X, y = datasets.digits()
    weights = [initialization.he((n, k), rng) for k, n in zip(SIZES, SIZES[1:])]

    return {
        "explore_batch": batches.batch(start.batch_size),
        "explore_bump": shapes.bump(layers.forward, activations.relu),
        "explore_loss": losses.loss(loss_functions.softmax, loss_functions.cross_entropy),
        "explore_breaking": losses.breaking(loss_functions.bce_with_logits),
        "explore_graph": backprop.graph(way_back.backward, way_back.SLOPES),
        "explore_bug": bench.bug(way_back.backward, gradient_check.slope_along),
        "explore_depth": deep.depth(phis, by_name, draws, layers.forward, way_back.backward),
        "explore_descent": optimizers.descent(steps.sgd_step, steps.momentum_step, steps.rmsprop_step, steps.adam_step),
        "explore_fit": regularization.fit(
            brakes.add_l2, *dropout, layers.forward, way_back.backward, way_back.SLOPES, *mse, steps.adam_step
        ),
        "explore_batch_norm": batch_norm.unit(
            norm.batch_norm, norm.scale_backward, norm.normalize_backward, way_back.SLOPES, *mse
        ),
        "explore_landscape": batch_norm.landscape(net_gradients, weights, X[:, :128], y[:128]),
        "explore_highway": resnets.highway(*parts, initialization.he, *cross_entropy, steps.sgd_step),
    }


def net_gradients(weights, X, y, normalized):
    """The loss of lab 07's net and the gradients of its weights. Biases and beta are 0, gamma is 1."""
    from dnnlib import backprop, blocks, losses
    from dnnlib.batch_norm import batch_norm_block

    def norm_block(Z):
        ones = np.ones((len(Z), 1))
        out, pullback = batch_norm_block(Z, ones, 0 * ones)
        return out, lambda d: (pullback(d)[0], [])

    between = [norm_block, blocks.relu_block] if normalized else [blocks.relu_block]
    layers = [[blocks.linear_block(W, np.zeros((len(W), 1))), *between] for W in weights]
    net = blocks.chain([each for layer in layers for each in layer][: -len(between)])
    O, pullback = net(X)
    return losses.cross_entropy(O, y), pullback(backprop.cross_entropy_delta(O, y))[1][::2]


def peer(explorer):
    """The same controls and scene, but a new figure for each state. Returns the controls."""
    import ipywidgets
    from IPython.display import display

    def draw(**state):
        scene = explorer.scene()
        scene.update(**state)
        display(scene.figure)

    controls = {control.name: control.widget() for control in explorer.controls}
    display(ipywidgets.interactive_output(draw, controls))
    return controls


def milliseconds(widget, value) -> float:
    began = time.perf_counter()
    widget.value = value
    return 1000 * (time.perf_counter() - began)


def moves(explorer, count: int) -> list[tuple]:
    """Names of controls, each with a value that it does not have at that time."""
    rng, state, found = np.random.default_rng(1), explorer.start, []
    for _ in range(count):
        control = explorer.controls[rng.integers(len(explorer.controls))]
        others = [value for value in values(control) if value != state[control.name]]
        state[control.name] = others[rng.integers(len(others))]
        found.append((control.name, state[control.name]))
    return found


def values(control) -> list:
    if hasattr(control, "options"):
        return list(control.options)
    count = round((control.high - control.low) / control.step)
    return [control.low + n * control.step for n in range(count + 1)]


def measure() -> dict[str, dict[str, list[float]]]:
    """Milliseconds of each move, explorer by explorer. Runs in a kernel."""
    from IPython.display import display

    from labkit.explorers.engine import Panel

    spent = {}
    for name, explorer in explorers().items():
        panel = Panel(explorer)
        display(panel.box)
        sides = {"live": panel.controls, "peer": peer(explorer)}
        rounds = [
            {side: milliseconds(controls[moved], value) for side, controls in sides.items()}
            for moved, value in moves(explorer, WARM_UP + MOVES)
        ]
        spent[name] = {side: [each[side] for each in rounds[WARM_UP:]] for side in sides}
    return spent


def in_a_kernel() -> dict:
    from jupyter_client.manager import start_new_kernel

    said = []
    manager, client = start_new_kernel(stderr=subprocess.DEVNULL)
    try:
        client.execute_interactive(CODE, timeout=120, output_hook=_raise_errors)
        client.execute_interactive("print(json.dumps(measure()))", timeout=300, output_hook=lambda message: (
            _raise_errors(message), said.append(message["content"].get("text", ""))))  # fmt: skip
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return json.loads("".join(said))


def _raise_errors(message: dict) -> None:
    if message["msg_type"] == "error":
        raise RuntimeError("\n".join(message["content"]["traceback"]))


def main() -> None:
    rows = []
    for name, spent in in_a_kernel().items():
        half = {side: statistics.median(times) for side, times in spent.items()}
        most = {side: statistics.quantiles(times, n=20)[-1] for side, times in spent.items()}
        rows.append([name, half["live"], most["live"], half["peer"], most["peer"], half["peer"] / half["live"]])
    head = ["", "live: median", "95 %", "new figure each time: median", "95 %", "times faster"]
    table(f"Redraw in the kernel, milliseconds, {MOVES} moves each", head, rows)


if __name__ == "__main__":
    main()
