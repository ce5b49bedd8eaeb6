"""Every explorer of every lab, moved from the keyboard in real JupyterLab.

All stand in one notebook, on right functions: the labs run whole in test_sources.py.
"""

import os
import re

import nbformat
import pytest
from jupyter_browser import Notebook, browser_page, jupyter_lab
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from gradekit.course import LABS, ROOT
from gradekit.lab_library import assemble
from labkit.explorers import HOME

pytestmark = pytest.mark.browser
STUDENT_PYTHON = ROOT / ".venv-student" / "bin" / "python"
CELLS = [f"from labkit.explorers import {', '.join(HOME)}", *"""\
from dnnlib.start import batch_size
explore_batch(batch_size)

from dnnlib.activations import relu, sigmoid, tanh
from dnnlib.layers import forward
explore_bump(forward, relu)

from dnnlib.losses import bce_with_logits, cross_entropy, mse, softmax
explore_breaking(bce_with_logits)

explore_loss(softmax, cross_entropy)

from dnnlib.backprop import SLOPES, backward, cross_entropy_delta, mse_delta, relu_slope, sigmoid_slope, tanh_slope
explore_graph(backward, SLOPES)

from dnnlib.gradient_check import slope_along
explore_bug(backward, slope_along)

from dnnlib.initialization import glorot, he
from dnnlib.rectifiers import gelu_tanh, gelu_tanh_slope, leaky_relu, leaky_relu_slope
phis = {"ReLU": relu, "leaky ReLU": leaky_relu, "GELU": gelu_tanh, "tanh": tanh, "sigmoid": sigmoid}
primes = relu_slope, leaky_relu_slope, gelu_tanh_slope, tanh_slope, sigmoid_slope
explore_depth(phis, dict(zip(phis, primes)), {"he": he, "glorot": glorot}, forward, backward)

from dnnlib.optimizers import adam_step, momentum_step, rmsprop_step, sgd_step
explore_descent(sgd_step, momentum_step, rmsprop_step, adam_step)

from dnnlib.regularization import add_l2, dropout, dropout_backward
explore_fit(add_l2, dropout, dropout_backward, forward, backward, SLOPES, mse, mse_delta, adam_step)

from dnnlib.batch_norm import batch_norm, batch_norm_block, normalize_backward, scale_backward
explore_batch_norm(batch_norm, scale_backward, normalize_backward, SLOPES, mse, mse_delta)

import numpy as np
def bowl(weights, X, y, normalized):
    return sum((W**2).sum() for W in weights), [2 * W for W in weights]
explore_landscape(bowl, [np.ones((2, 3)), np.ones((2, 2))], np.ones((3, 4)), np.zeros(4, dtype=int))

from dnnlib.blocks import chain, linear_block, relu_block, residual
functions = chain, residual, linear_block, relu_block, batch_norm_block, he, cross_entropy
explore_highway(*functions, cross_entropy_delta, sgd_step)
""".split("\n\n")]  # fmt: skip
CALL = re.compile(r"^ *(explore_\w+\()", re.M)
CALLS = [call for cell in CELLS for call in CALL.findall(cell)]


def test_no_explorer_is_left_out():
    sources = [cell.source for lab in LABS for cell in nbformat.read(lab.source(), 4).cells if cell.cell_type == "code"]
    assert sorted(CALLS) == sorted(call for source in sources for call in CALL.findall(source))


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """The notebook in a student's JupyterLab, run."""
    work = tmp_path_factory.mktemp("work")
    assemble(LABS[-1].name, work)
    cells = [new_code_cell(source) for source in CELLS]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), work / "explorers.ipynb")
    with jupyter_lab(STUDENT_PYTHON, work, tmp_path_factory.mktemp("home")) as base, browser_page() as page:
        notebook = Notebook(page, base, "explorers.ipynb")
        notebook.run_all()
        expect(page.locator(".jp-RenderedText[data-mime-type*=error]")).to_have_count(0)
        yield notebook


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.strip("("))
def test_it_moves_from_the_keyboard(notebook, call, tmp_path):
    """An arrow key on each slider changes the words; all of them together, the picture."""
    cell, page = notebook.cell(call), notebook.page
    image = cell.locator(".jp-OutputArea img").first
    expect(image).to_be_visible(timeout=90_000)
    assert len(image.get_attribute("alt") or "") > 20
    sliders = cell.locator("[role=slider]")
    assert sliders.count() >= 1
    picture = image.get_attribute("src")
    for number in range(sliders.count()):
        said = cell.locator("[role=status]").last
        press_until_it_tells(page, sliders.nth(number), said, f"slider {number}")
    expect(image).not_to_have_attribute("src", picture, timeout=30_000)
    page.screenshot(path=os.environ.get("SCREENSHOTS", str(tmp_path)) + f"/{call.strip('(')}.png")


def press_until_it_tells(page, slider, said, about: str) -> None:
    """An arrow key on the slider changes the words. JupyterLab may take the focus back while it ends a run."""
    before = said.text_content()  # inner_text has line breaks, and would never equal what is expected
    for last in (False, False, True):
        slider.focus()
        page.keyboard.press(towards_the_middle(slider))
        try:
            expect(said, about).not_to_have_text(before, timeout=12_000)
            return
        except AssertionError:
            if last:
                raise


def towards_the_middle(slider) -> str:
    at_the_end = slider.get_attribute("aria-valuenow") == slider.get_attribute("aria-valuemax")
    return "ArrowLeft" if at_the_end else "ArrowRight"
