"""A light lab: ten graded functions of the course and one figure, for this course, for stock nbgrader and for otter.

All three have the same cells. They differ in the checks alone: here the course's own (evidence, judged outside), in
stock nbgrader asserts in a hidden region, in otter the same asserts in a test file. The asserts call each function
on as many inputs as the course's check does.
"""

from textwrap import dedent, indent

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from gradekit.course import lab as find_lab
from gradekit.slips import HIDDEN, role

LAB = "01_shapes"  # its name: students of lab 01 are given no answers
WHERE = {
    "linear": "01_shapes",
    "parameter_shapes": "01_shapes",
    "count_parameters": "01_shapes",
    "relu": "01_shapes",
    "sigmoid": "01_shapes",
    "predict_binary": "01_shapes",
    "forward": "01_shapes",
    "leaky_relu": "04_initialization",
    "log_sum_exp": "02_losses",
    "softmax": "02_losses",
}
IMPORTS = {
    "ours": "import matplotlib.pyplot as plt\nimport numpy as np\n\nfrom labkit import check, preview, try_it",
    "stock": "import matplotlib.pyplot as plt\nimport numpy as np",
    "otter": "import matplotlib.pyplot as plt\nimport numpy as np\nimport otter\n\ngrader = otter.Notebook()",
}
TRIALS = {
    "linear": "linear(np.array([[1.0, 2.0]]), np.array([[3.0]]), np.eye(2))",
    "parameter_shapes": "parameter_shapes([3, 2, 1])",
    "count_parameters": "count_parameters([3, 2, 1])",
    "relu": "relu(np.array([[-3.0, 2.5]]))",
    "sigmoid": "sigmoid(np.array([[-1000.0, 0.0, 1000.0]]))",
    "predict_binary": "predict_binary(np.array([[-2.0, 0.0, 0.3]]))",
    "forward": "forward([(np.eye(2), np.ones((2, 1)), relu)], np.eye(2))",
    "leaky_relu": "leaky_relu(np.array([[-3.0, 2.5]]))",
    "log_sum_exp": "log_sum_exp(np.array([[1000.0, 0.0], [1000.0, 0.0]]))",
    "softmax": "softmax(np.array([[1000.0, 0.0], [1000.0, 0.0]]))",
}
CONSTANT = "steepness = 1.0"  # each student has a number of their own here
FIGURE = """\
z = np.linspace(-4, 4, 100)
plt.figure(figsize=(4, 3))
plt.plot(z, relu(z), z, sigmoid(steepness * z))
plt.xlabel("z")
plt.ylabel("relu and sigmoid of z")
plt.show()"""
NOTES = "My notes: none yet."

ASSERTS = {
    "linear": """
        rng = np.random.default_rng(1)
        for n, k, m in [(1, 1, 1), (2, 3, 2), (3, 2, 2), (4, 5, 3), (5, 4, 7), (2, 2, 2), (1, 6, 3), (6, 1, 3),
                        (8, 2, 5), (3, 3, 3)]:
            W, b, A = rng.normal(size=(n, k)), rng.normal(size=(n, 1)), rng.normal(size=(k, m))
            assert np.allclose(linear(W, b, A), np.einsum("nk,km->nm", W, A) + b)
        for W, b, A in [(np.eye(2), np.ones((2, 1)), np.ones((3, 2))), (np.eye(2), np.ones(2), np.eye(2))]:
            try:
                linear(W, b, A)
            except ValueError:
                continue
            raise AssertionError("shapes that do not fit should be refused")
    """,
    "parameter_shapes": """
        for sizes in [[3, 2], [3, 2, 1], [1, 1], [784, 128, 10], [2, 3, 3, 2], [5, 4, 3, 2, 1]]:
            expected = [((n, before), (n, 1)) for before, n in zip(sizes, sizes[1:])]
            assert [tuple(map(tuple, pair)) for pair in parameter_shapes(sizes)] == expected
    """,
    "count_parameters": """
        for sizes in [[3, 2], [3, 2, 1], [1, 1], [784, 128, 10], [2, 3, 3, 2], [5, 4, 3, 2, 1]]:
            assert count_parameters(sizes) == sum(n * (before + 1) for before, n in zip(sizes, sizes[1:]))
    """,
    "relu": """
        rng = np.random.default_rng(2)
        for shape in [(1, 1), (2, 3), (5,), (3, 2, 4), (1, 7), (4, 4)]:
            Z = rng.normal(size=shape)
            before = Z.copy()
            assert np.allclose(relu(Z), np.where(Z > 0, Z, 0))
            assert np.array_equal(Z, before)
        assert relu(np.array([[-1.0, 2.0]], "float32")).dtype == np.float32
    """,
    "sigmoid": """
        rng = np.random.default_rng(3)
        for scale in [0.1, 1, 3, 10, 30]:
            Z = scale * rng.normal(size=(3, 4))
            before = Z.copy()
            assert np.allclose(sigmoid(Z), (1 + np.tanh(Z / 2)) / 2)
            assert np.array_equal(Z, before)
        with np.errstate(all="raise", under="ignore"):
            for z, expected in [(-1000.0, 0), (0.0, 0.5), (1000.0, 1)]:
                assert sigmoid(np.array([[z]]))[0, 0] == expected
        assert sigmoid(np.array([[-1.0, 2.0]], "float32")).dtype == np.float32
    """,
    "predict_binary": """
        rng = np.random.default_rng(4)
        for m in [1, 2, 5, 9]:
            O = rng.normal(size=(1, m))
            assert np.array_equal(predict_binary(O), np.where(O > 0, 1, 0))
        assert predict_binary(np.zeros((1, 3))).tolist() == [[0, 0, 0]]
    """,
    "forward": """
        rng = np.random.default_rng(5)
        for sizes, m in [([2, 3], 4), ([2, 3, 1], 4), ([1, 1], 1), ([4, 3, 2], 5), ([3, 3, 3, 3], 2), ([2, 5, 1], 1),
                         ([6, 1], 3)]:
            phis = [np.tanh, np.negative, np.square]
            layers = [(rng.normal(size=(n, k)), rng.normal(size=(n, 1)), phi)
                      for k, n, phi in zip(sizes, sizes[1:], phis)]
            X = rng.normal(size=(sizes[0], m))
            Z, A = forward(layers, X)
            assert len(Z) == len(A) == len(sizes) and Z[0] is None
            assert np.array_equal(A[0], X)
            for l, (W, b, phi) in enumerate(layers, 1):
                assert np.allclose(Z[l], np.einsum("nk,km->nm", W, A[l - 1]) + b)
                assert np.allclose(A[l], phi(Z[l]))
    """,
    "leaky_relu": """
        rng = np.random.default_rng(6)
        for alpha in [0.01, 0.1, 0.3, 0.5, 1.0, 2.0, -0.5, 0.0, 0.25]:
            Z = rng.normal(size=(3, 4))
            before = Z.copy()
            assert np.allclose(leaky_relu(Z, alpha), np.maximum(Z, 0) + alpha * np.minimum(Z, 0))
            assert np.array_equal(Z, before)
        assert np.allclose(leaky_relu(np.array([[-2.0]])), -0.02)
        assert leaky_relu(np.array([[-1.0, 2.0]], "float32")).dtype == np.float32
    """,
    "log_sum_exp": """
        rng = np.random.default_rng(7)
        for K, m in [(1, 1), (2, 3), (3, 2), (5, 4), (10, 1), (4, 4), (2, 2), (7, 3), (3, 9)]:
            O = rng.normal(size=(K, m))
            assert np.allclose(log_sum_exp(O), np.log(np.exp(O).sum(axis=0)))
        for z in [1000.0, -1000.0]:
            assert np.allclose(log_sum_exp(np.full((2, 3), z)), z + np.log(2))
        assert log_sum_exp(np.ones((2, 3), "float32")).dtype == np.float32
    """,
    "softmax": """
        rng = np.random.default_rng(8)
        for K, m in [(1, 1), (2, 3), (3, 2), (5, 4), (10, 1), (4, 4), (2, 2), (7, 3), (3, 9), (6, 2)]:
            O = rng.normal(size=(K, m))
            before = O.copy()
            assert np.allclose(softmax(O), np.exp(O) / np.exp(O).sum(axis=0))
            assert np.array_equal(O, before)
        for z in [1000.0, -1000.0]:
            assert np.allclose(softmax(np.full((4, 3), z)), 0.25)
        assert softmax(np.ones((2, 3), "float32")).dtype == np.float32
    """,
}


def source(dialect: str) -> NotebookNode:
    """The lab's source notebook, with solutions and checks, for "ours" or "stock"."""
    cells = [new_markdown_cell("# A light lab"), new_code_cell(IMPORTS[dialect])]
    for name in WHERE:
        solution, check = _course_cell(name), _course_cell(f"check_{name}")
        hidden = f"check({name})" if dialect == "ours" else _asserts(name)
        shown = [f"preview({name})"] if dialect == "ours" else []
        check["source"] = "\n".join([HIDDEN[0], hidden, HIDDEN[1], *shown, visible(check)])
        trial = f"try_it({TRIALS[name].replace('(', ', ', 1)}" if dialect == "ours" else TRIALS[name]
        cells += [new_markdown_cell(f"**Exercise `{name}`**"), solution, new_code_cell(trial), check]
    cells += [new_code_cell(CONSTANT), new_code_cell(FIGURE), new_markdown_cell(NOTES)]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return new_notebook(cells=cells, metadata=kernel)


def as_otter_has_it(submission: NotebookNode) -> NotebookNode:
    """A submission to stock nbgrader as otter's users hand it in: a check is a call of the grader's."""
    notebook = nbformat.from_dict(submission)
    for cell in notebook.cells:
        name = role(cell).get("grade_id", "")
        if cell.source == IMPORTS["stock"]:
            cell["source"] = IMPORTS["otter"]
        if name.startswith("check_"):
            cell["source"] = f'grader.check("{name.removeprefix("check_")}")'
        cell.metadata.pop("nbgrader", None)
    return notebook


def otter_test(name: str) -> str:
    """Otter's test file of a function: the asserts of the stock notebook, hidden and visible."""
    check = _course_cell(f"check_{name}")
    points = check.metadata.nbgrader.points
    head = f'import numpy as np\nfrom otter.test_files import test_case\n\nOK_FORMAT = False\n\nname = "{name}"\n'
    body = indent(f"{_asserts(name)}\n{visible(check)}", "    ")
    return f"{head}points = None\n\n\n@test_case(points={points}, hidden=True)\ndef test({name}):\n{body}\n"


def visible(check: NotebookNode) -> str:
    """The asserts that students see, without the preview."""
    below = check.source.split(HIDDEN[1], 1)[1].strip()
    return "\n".join(line for line in below.splitlines() if not line.startswith("preview("))


def _asserts(name: str) -> str:
    return dedent(ASSERTS[name]).strip()


def _course_cell(grade_id: str) -> NotebookNode:
    path = find_lab(WHERE[grade_id.removeprefix("check_")]).source()
    cells = nbformat.read(path, as_version=4).cells
    return next(cell for cell in cells if role(cell).get("grade_id") == grade_id)
