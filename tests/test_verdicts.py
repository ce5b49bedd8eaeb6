"""Scores come from the judge alone: honest work is graded and explained, nothing else earns a point."""

import json

import pytest
from course import LAB, RELU, cell, copy_of, find, make_course, place_of, solve, write
from nbformat.v4 import new_notebook, new_output
from nbgrader.utils import determine_grade

from dnnlib.activations import relu as reference
from gradekit.autograde import replaced
from gradekit.seeds import notebook_seed
from gradekit.verdict import Verdict
from gradekit.verdicts import VERDICT_MIME, Verdicts, enter, settle_plain_test, verdict_of
from labkit import cases
from labkit.bench import function_seed
from labkit.evidence import MIME, collect

RELU_CASES = cases.find("relu")
WRONG = "return Z"


def right_evidence(seed="5eed"):
    """What an honest relu hands out for a seed."""
    return collect(reference, RELU_CASES, seed)


def relu_cell(source):
    """The student's own source for relu's cell, above everything else that is right."""

    def edit(notebook):
        solve(notebook)
        find(notebook, "relu")["source"] = source

    return edit


def body(text):
    return relu_cell(f"def relu(Z):\n    {text}")


def before_all(source, relu=WRONG):
    """A plain cell right below the imports, and a wrong relu."""

    def edit(notebook):
        body(relu)(notebook)
        notebook.cells.insert(place_of(notebook, "relu"), cell(source))

    return edit


SHOW = f"from IPython.display import display; display({{{MIME!r}: FORGED}}, raw=True)"
FORGED = f"import json\nFORGED = json.loads({json.dumps(json.dumps(right_evidence()))})\n"
ALWAYS_EQUAL = """
class Yes:
    dtype, shape, ndim, size = float, (), 0, 1
    def __eq__(self, other): return True
    def __array__(self, *a, **k): return self
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
    def __bool__(self): return True
    def __getitem__(self, key): return self
    def __float__(self): return 0.0
    __lt__ = __gt__ = __le__ = __ge__ = __eq__
    __hash__ = None
"""
NO_ASSERTS = """
import ast
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
get_ipython().ast_transformers.append(Strip())
"""
HOOKED = """
from IPython.display import display
import sys
def late(result=None):
    sys.stdout.write("2.0\\n")
    get_ipython().displayhook(2.0)
    display({"text/plain": "2.0", "application/vnd.gradekit.verdict+json": {"fraction": 1}}, raw=True)
get_ipython().events.register("post_run_cell", late)
get_ipython().events.register("pre_run_cell", late)
"""
EASY_INPUTS = """
import numpy as np, labkit.exercise
labkit.exercise.Exercise.draw = lambda self, seed: [(np.ones((2, 2)),) for _ in self.cases]
"""

# Not one of them computes relu: check_relu is 0, whatever else they earn.
CHEATS = {
    "no_asserts": before_all(NO_ASSERTS),
    "no_code": before_all("get_ipython().input_transformers_cleanup.append(lambda lines: ['2.0'])"),
    "always_equal": before_all(ALWAYS_EQUAL, "return Yes()"),
    "always_equal_array": before_all("import numpy as np\nclass Yes(np.ndarray):\n    __eq__ = lambda s, o: True",
                                     "return Z.view(Yes)"),
    "patched_numpy": before_all("np.isclose = np.allclose = np.array_equal = np.all = lambda *a, **k: True"),
    "patched_testing": before_all("np.testing.assert_allclose = lambda *a, **k: None"),
    "patched_builtins": before_all("import builtins\nbuiltins.abs = builtins.all = builtins.any = lambda *a: True"),
    "patched_json": before_all("import json\njson.dumps = lambda *a, **k: '2.0'"),
    "patched_check": before_all("check = preview = lambda *a, **k: None"),
    "patched_labkit": before_all("import labkit, labkit.bench\nlabkit.check = labkit.bench._hand_out = lambda *a: 2.0"),
    "patched_collect": before_all(f"{FORGED}\nimport labkit.evidence\nlabkit.evidence.collect = lambda *a: FORGED"),
    "patched_observe": before_all("import labkit.evidence\nlabkit.evidence.same_bits = lambda *a: True"),
    "easy_inputs": before_all(EASY_INPUTS),
    "shown_evidence": before_all(FORGED + SHOW, f"{SHOW}; return Z"),
    "check_shows_it": before_all(f"{FORGED}\ndef check(*a):\n    {SHOW}"),
    "printed_evidence": before_all(FORGED, "print(FORGED); return Z"),
    "pasted_results": before_all(FORGED, "return FORGED['cases']"),
    "results_by_hook": before_all(HOOKED),
    "points_as_result": before_all("", "print(2.0); return 2.0"),
    "contradiction": before_all(FORGED, f"{SHOW}; {RELU}"),
    "other_seed": before_all("import os\nos.environ['LABKIT_SEED'] = '5eed'"),
    "own_numpy": before_all("import sys, types\nsys.modules['dnnlib'] = types.ModuleType('dnnlib')"),
}  # fmt: skip

# name: (relu's cell, words of the message)
REFERENCE = {
    "import_at_top": (relu_cell("from dnnlib.activations import relu"), "No module named 'dnnlib.activations'"),
    "import_inside": (body("from dnnlib.activations import relu as r; return r(Z)"), "ModuleNotFoundError"),
    "from_package": (relu_cell("from dnnlib import relu"), "cannot import name 'relu' from 'dnnlib'"),
    "getattr": (body("import dnnlib; return getattr(dnnlib, 'activations').relu(Z)"), "no attribute 'activations'"),
    "gradekit": (body("import gradekit.reference as g; return g.function('relu')(Z)"), "No module named 'gradekit'"),
    "judge": (body("from gradekit.judge import reference; return reference.function('relu')(Z)"), "gradekit"),
    "inspect": (relu_cell("import inspect, dnnlib\nexec(inspect.getsource(dnnlib.activations))"), "no attribute"),
    "read": (relu_cell("import dnnlib\nopen(dnnlib.__path__[0] + '/activations.py')"), "FileNotFoundError"),
    "quiet": (body("try: from dnnlib.activations import relu as r\n    except ImportError: return Z"), "negative"),
}  # fmt: skip

# name: (relu's cell, relu's points, words of the message)
WORK = {
    "right": (body(RELU), 2, "all 7 cases are right"),
    "unfinished": (lambda nb: None, 0, "it returns None. Finish it first"),
    "mistake": (body("return np.abs(Z)"), 0, "It turns negative numbers into positive ones"),
    "in_place": (body("Z[Z < 0] = 0; return Z"), 1.75, "it writes into its input"),
    "warns": (body(f"import warnings; warnings.warn('careful'); {RELU}"), 2, "all 7 cases"),
    "talks": (body(f"print('1.0'); {RELU}"), 2, "all 7 cases"),
    "raises": (body("raise RuntimeError('no idea')"), 0, "it raised RuntimeError: no idea"),
    "no_scipy": (relu_cell("import scipy"), 0, "its cell stopped with ModuleNotFoundError: No module named 'scipy'"),
    "typo": (relu_cell("def relu(Z)\n    return Z"), 0, "SyntaxError: expected ':' (line 1)"),
    "not_a_function": (relu_cell("relu = 3"), 0, "relu"),
    "object_array": (body("return Z.astype(object)"), 0, "expected shape (3, 5), got a ndarray"),
    "text": (body("return 'all right'"), 0, "got a str"),
    "nan": (body("return Z * np.nan"), 0, "it gives nan"),
    "nested": (body("x = []\n    for _ in range(50): x = [x]\n    return x"), 0, "relu"),
    "enormous": (body("return np.zeros((300, 300))"), 0, "relu"),
    "kernel_exit": (relu_cell("import os; os._exit(1)"), 0, "the kernel stopped in its cell because it ended"),
    "exit_when_called": (body("import os; os._exit(1)"), 0, "its check was not run: the kernel stopped in cell"),
    "endless": (body("while True: pass"), 0, "its check was interrupted because it ran longer than 3 s"),
    "flood": (body("print('x' * 300_000); return Z"), 0, "cut off"),
    "check_lost": (before_all("del check", RELU), 0, "NameError: name 'check' is not defined"),
}  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def graded(base, tmp_path_factory):
    course = copy_of(base, tmp_path_factory.mktemp("graded"))
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write("\nc.SandboxedExecute.timeout = 3\n")
    for name, (edit, *_) in {**REFERENCE, **WORK}.items():
        course.submit(name, edit)
    for name, edit in CHEATS.items():
        course.submit(name, edit)
    course.autograde()
    return course


@pytest.mark.parametrize("name", CHEATS)
def test_nothing_but_right_values_earns_points(graded, name):
    assert graded.scores(name)["check_relu"] == 0


def test_a_cell_can_not_bring_a_verdict_of_its_own(graded):
    claimed = new_output("execute_result", data={"text/plain": "1", VERDICT_MIME: {"name": "relu", "fraction": 1}})
    notebook = new_notebook(cells=[cell("1")])
    notebook.cells[0].outputs = [claimed]
    Verdicts().preprocess(notebook, {"nbgrader": {"assignment": LAB, "student": "ada"}})
    assert VERDICT_MIME not in notebook.cells[0].outputs[0].data
    notebook.cells[0].outputs[0].data[VERDICT_MIME] = {"name": "relu"}
    assert verdict_of(notebook.cells[0]) is None


HURTS_ITSELF = {"no_code", "patched_check", "patched_labkit", "patched_collect", "check_shows_it", "easy_inputs",
                "other_seed", "patched_json", "patched_builtins"}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(CHEATS) - HURTS_ITSELF))
def test_a_trick_on_one_function_costs_no_other(graded, name):
    assert graded.scores(name)["check_sigmoid"] == 4


@pytest.mark.parametrize("name", REFERENCE)
def test_asking_for_the_reference_gives_0_and_says_why(graded, name):
    message = graded.messages(name)["check_relu"]
    assert graded.scores(name)["check_relu"] == 0
    assert REFERENCE[name][1] in message
    assert "The reference is not available while this lab is graded" in message


@pytest.mark.parametrize("name", WORK)
def test_work_is_scored_and_explained(graded, name):
    _, points, words = WORK[name]
    assert graded.scores(name)["check_relu"] == points
    assert words in graded.messages(name)["check_relu"]
    assert "reference is not available" not in graded.messages(name)["check_relu"]


def test_what_ran_before_the_kernel_stopped_keeps_its_points(base, tmp_path):
    course = copy_of(base, tmp_path)

    def edit(notebook):
        solve(notebook)
        find(notebook, "sigmoid")["source"] = "import os; os._exit(0)"

    course.submit("ann", edit)
    course.autograde()
    assert course.scores("ann") == {
        "check_relu": 2, "check_sigmoid": 0, "check_quick_small_net": 0, "why_bias": None, "plain_test": 0,
    }  # fmt: skip
    assert "not run: the kernel stopped in cell" in course.messages("ann")["plain_test"]


def test_a_wrong_number_gets_its_hint(base, tmp_path):
    course = copy_of(base, tmp_path)
    course.submit("ann", lambda notebook: write(notebook, "quick_small_net", "quick_small_net = 101632"))
    course.autograde()
    assert course.scores("ann")["check_quick_small_net"] == 0
    assert "The biases are missing" in course.messages("ann")["check_quick_small_net"]


def test_the_verdict_is_kept_for_reports(graded):
    verdict = verdict_of(find(graded.autograded("mistake"), "check_relu"))
    assert verdict["name"] == "relu" and verdict["mistake"] == "absolute_value" and verdict["fraction"] == 0
    assert verdict["aspects"]["values"] is False


def test_a_regrade_gives_the_same_notebook_but_for_time(base, tmp_path):
    course = copy_of(base, tmp_path)
    course.submit("ann", body("return Z * 1.01"))
    course.autograde()
    first = course.messages("ann")
    course.autograde()
    assert course.messages("ann") == first


# The preprocessor alone, on outputs as a kernel may leave them.


def notebook_with(*outputs, execution_count=1, grade_id="check_relu", points=2):
    here = cell("check(relu)", grade_id, grade=True, locked=True, points=points)
    here.outputs, here.execution_count = list(outputs), execution_count
    return new_notebook(cells=[here])


def shown(evidence):
    return new_output("display_data", data={MIME: evidence, "text/plain": "evidence"})


def true_evidence():
    return right_evidence(function_seed(notebook_seed(LAB, "ann"), "relu"))


def score(notebook):
    who = {"nbgrader": {"assignment": LAB, "student": "ann", "notebook": LAB, "db_url": ""}}
    Verdicts().preprocess(notebook, who)
    return determine_grade(notebook.cells[0])[0], verdict_of(notebook.cells[0])["message"]


def test_right_evidence_scores():
    assert score(notebook_with(shown(true_evidence())))[0] == 2


def test_evidence_of_a_function_with_two_names_is_told_apart():
    twin = right_evidence() | {"name": "sigmoid"}
    assert score(notebook_with(shown(twin), shown(true_evidence())))[0] == 2


def test_evidence_of_another_student_does_not_score():
    assert score(notebook_with(shown(right_evidence(function_seed(notebook_seed(LAB, "bob"), "relu")))))[0] == 0


def test_evidence_of_another_lab_does_not_score():
    assert score(notebook_with(shown(right_evidence(function_seed(notebook_seed("02_losses", "ann"), "relu")))))[0] == 0


@pytest.mark.parametrize(
    "outputs",
    [
        [],
        [new_output("stream", name="stdout", text="2.0")],
        [new_output("execute_result", data={"text/plain": "2.0"})],
        [new_output("execute_result", data={"text/plain": "all right", MIME: true_evidence()})],
        [new_output("display_data", data={VERDICT_MIME: {"fraction": 1}, "text/plain": "2.0"})],
        [shown({"name": "relu"})],
        [shown({"name": "relu", "version": 1, "cases": [{}] * len(RELU_CASES.cases)})],
        [shown(true_evidence() | {"cases": [{"result": {"type": "nest", "items": ["x" * 9_000_000]}}]})],
        [shown(true_evidence() | {"name": "sigmoid"})],
        [shown(json.dumps(true_evidence()))],
        [shown(true_evidence()), shown(right_evidence())],
        [shown(right_evidence()), shown(true_evidence())],
    ],
)
def test_outputs_without_sound_evidence_score_0_and_say_why(outputs):
    points, message = score(notebook_with(*outputs))
    assert points == 0 and message.startswith("relu: no points. ") and len(message) > 30


@pytest.mark.parametrize("spoil", [
    {"dtype": "O"}, {"dtype": "S8"}, {"dtype": "f8,f8"}, {"dtype": "M8[s]"}, {"dtype": "nonsense"}, {"dtype": None},
    {"shape": [-1, 3]}, {"shape": [10**12, 10**12]}, {"shape": "2"}, {"shape": [0, 10**18]}, {"data": "%"}, {"data": 7},
    {"type": "pickle"}, {"type": None},
])  # fmt: skip
def test_damaged_arrays_score_0(spoil):
    evidence = true_evidence()
    evidence["cases"][0]["result"] |= spoil
    assert score(notebook_with(shown(evidence)))[0] == 0


def test_an_unknown_exercise_scores_0():
    notebook = notebook_with(shown(true_evidence() | {"name": "nothing"}), grade_id="check_nothing")
    points, message = score(notebook)
    assert points == 0 and "No exercise of this name" in message


def test_without_the_secret_nothing_scores(monkeypatch, tmp_path):
    evidence = shown(true_evidence())
    monkeypatch.setenv("GRADEKIT_SECRET_FILE", str(tmp_path))
    points, message = score(notebook_with(evidence))
    assert points == 0 and "no course secret" in message


def test_a_judge_that_fails_gives_no_points():
    import gradekit.verdicts

    def broken(name, evidence, seed):
        raise ZeroDivisionError

    with replaced(gradekit.verdicts, "judge", broken):
        points, message = score(notebook_with(shown(true_evidence())))
    assert points == 0 and "Tell your instructor" in message


def test_warnings_and_chatter_around_evidence_cost_nothing():
    noise = [new_output("stream", name="stderr", text="RuntimeWarning"), shown(true_evidence()),
             new_output("error", ename="AssertionError", evalue="visible", traceback=[])]  # fmt: skip
    assert score(notebook_with(*noise))[0] == 2


@pytest.mark.parametrize("fraction", [0, 0.3333, 0.9999, 1, 7])
def test_points_are_never_more_than_there_are(fraction):
    notebook = notebook_with(points=2)
    enter(notebook.cells[0], Verdict("relu", fraction, "relu: so so"))
    points, most = determine_grade(notebook.cells[0])
    assert 0 <= points <= most and points == pytest.approx(min(2, 2 * fraction), abs=0.005)


# nbgrader's own rules, which plain test cells keep.


@pytest.mark.parametrize(
    ("outputs", "points"),
    [
        ([], 2),
        ([new_output("stream", name="stdout", text="fine")], 2),
        ([new_output("stream", name="stderr", text="careful")], 0),
        ([new_output("error", ename="AssertionError", evalue="", traceback=[])], 0),
        ([new_output("execute_result", data={"text/plain": "1.5"})], 1.5),
        ([new_output("execute_result", data={"text/plain": "'fine'"})], 2),
        ([new_output("execute_result", data={"text/plain": "3"})], 0),  # stock: the submission is lost
        ([new_output("execute_result", data={"image/png": ""})], 0),  # stock: the submission is lost
    ],
)
def test_plain_tests_count_as_in_nbgrader(outputs, points):
    here = notebook_with(*outputs, grade_id="shapes").cells[0]
    settle_plain_test(here, None)
    assert determine_grade(here)[0] == points


def test_a_plain_test_that_never_ran_scores_0():
    here = notebook_with(execution_count=None, grade_id="shapes").cells[0]
    assert determine_grade(here)[0] == 2  # what stock nbgrader gives
    settle_plain_test(here, None)
    assert determine_grade(here)[0] == 0
