"""Execution fails safe: whatever a submission does, its cells have outputs that can be graded."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from gradekit.execute import MachineFault, SandboxedExecute
from gradekit.sandbox.limits import GB
from gradekit.sandbox.outputs import CellOutputs
from gradekit.sandbox.probe import probe

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.skipif(not probe(), reason=probe().reason)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return str(tmp_path_factory.mktemp("library"))


@pytest.fixture(params=["cold", "warm"])
def engine(request):
    return request.param


@pytest.fixture
def run(engine, library):
    """Run cells with small limits; the notebook, which must be one that can be written."""

    def run(*sources: str, resources=None, **traits):
        options = {"engine": engine, "lab_library": library, "seed": "5eed", "timeout": 2} | traits
        notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
        SandboxedExecute(**options).preprocess(notebook, resources or {"metadata": {}})
        nbformat.validate(notebook)
        nbformat.writes(notebook).encode()
        return notebook

    return run


def shown(cell) -> str:
    """A cell's texts and results."""
    return "".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs)


def errors(cell) -> list[str]:
    return [f"{output.ename}: {output.evalue}" for output in cell.outputs if output.output_type == "error"]


ENDLESS_MESSAGE = """
import os, socket, struct
if not hasattr(get_ipython().kernel, "iopub_socket"):  # a warm kernel has one socket
    while True:
        get_ipython().display_pub.session.sock.send(bytes([0]) * 50_000)
part = b"\\x03" + struct.pack(">Q", 10**7) + bytes(10**7)  # of a message that never ends
for fd in os.listdir("/proc/self/fd"):
    try:
        channel = socket.socket(fileno=os.dup(int(fd)))
        if channel.family == socket.AF_UNIX and channel.getsockname().endswith("-2"):
            channel.setblocking(True)
            for _ in range(150):
                channel.sendall(part)
    except (OSError, AttributeError):
        pass
"""
FORKS = "import os, time\nfor _ in range(4): os.fork()\nb = bytearray(b'x') * 10**8\ntime.sleep(8)"
STOPS = {
    # which comes first depends on where in the kernel's own messages the endless one begins
    ENDLESS_MESSAGE: "filled the grader's memory with messages|put out more than 20 MB",
    "import os; os._exit(3)": "ended itself with exit code 3",
    "import ctypes; ctypes.string_at(0)": "crashed with SIGSEGV",
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass": "did not stop when interrupted",
    "sum(range(10**11))": "ran longer than 2 s and did not stop when interrupted",
    "print('x' * 50_000_000)": "put out more than 20 MB",
    "for _ in range(500): print('x' * 100_000)": "put out more than 20 MB",
    FORKS: "used more than 1.2 GB of memory",
}


STOP_SECONDS = {ENDLESS_MESSAGE: 20, FORKS: 20}


@pytest.mark.parametrize("program", STOPS)
def test_a_stopped_kernel_costs_its_cell_and_the_later_ones(run, program):
    notebook = run(
        "1 + 1",
        f"print('begun')\n{program}",
        "2 + 2",
        "",
        memory_limit=int(1.2 * GB),
        timeout=STOP_SECONDS.get(program, 2),
    )
    before, culprit, after, empty = notebook.cells
    assert (shown(before), errors(before)) == ("2", [])
    assert errors(culprit)[-1].startswith("KernelStopped: the kernel stopped in this cell because it ")
    assert re.search(STOPS[program], errors(culprit)[-1])
    assert len(errors(after)) == 1
    assert errors(after)[0].startswith("NotRun: not run: the kernel stopped in cell [2] because it ")
    assert re.search(STOPS[program], errors(after)[0])
    assert empty.outputs == []


@pytest.mark.parametrize(
    "program",
    [
        "while True: pass",
        "import time; time.sleep(60)",
        "import re; re.match('(a+)+$', 'a' * 60 + 'b')",
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    ],
)
def test_a_loop_is_interrupted_or_ends_the_kernel(run, program):
    notebook = run("1 + 1", program, "2 + 2")
    assert shown(notebook.cells[0]) == "2"
    assert "ran longer than 2 s" in errors(notebook.cells[1])[-1]
    assert shown(notebook.cells[2]) == "4" or "not run" in errors(notebook.cells[2])[0]


def test_after_an_interrupt_the_later_cells_run(run):
    notebook = run("import time; time.sleep(60)", "2 + 2")
    assert errors(notebook.cells[0])[-1] == "CellTimeout: this cell was interrupted because it ran longer than 2 s."
    assert shown(notebook.cells[1]) == "4"


def test_ten_gigabytes_in_one_process_is_an_error_of_that_cell(run):
    notebook = run("b = bytearray(10**10)", "2 + 2")
    assert errors(notebook.cells[0]) == ["MemoryError: "]
    assert shown(notebook.cells[1]) == "4"


def test_long_output_is_cut_and_its_error_stays(run):
    notebook = run("print('x' * 3_000_000); 1 / 0", output_kept=1000)
    assert len(shown(notebook.cells[0])) < 1100
    assert shown(notebook.cells[0]).endswith("the rest of this cell's output was cut off.\n")
    assert errors(notebook.cells[0]) == ["ZeroDivisionError: division by zero"]


@pytest.mark.parametrize("leave", ["exit()", "quit()", "import sys; sys.exit()"])
def test_leaving_ends_nothing(run, leave):
    assert [shown(cell) for cell in run("1", leave, "import time; time.sleep(0.5)", "2").cells][-1] == "2"


def test_input_does_not_wait(run):
    assert errors(run("input()").cells[0])[0].startswith("StdinNotImplementedError")


def test_leaving_a_cell_is_an_error(run):
    assert errors(run("raise SystemExit").cells[0])[0].startswith("SystemExit")


def test_old_outputs_widgets_and_tags_do_not_survive(run, tmp_path):
    """A "skip-execution" tag would leave a test without output, which earns full marks."""
    test = new_code_cell("assert False", metadata={"tags": ["skip-execution", "raises-exception"]})
    empty = new_code_cell("", outputs=[nbformat.v4.new_output("stream", text="1")], execution_count=7)
    notebook = new_notebook(cells=[new_markdown_cell("text"), test, empty], metadata={"widgets": {"state": {}}})
    SandboxedExecute(lab_library=str(tmp_path), seed="5eed").preprocess(notebook, {"metadata": {}})
    assert errors(test) == ["AssertionError: "]
    assert (empty.outputs, empty.execution_count) == ([], None)
    assert "widgets" not in notebook.metadata


FORGED = """
import json
kernel = get_ipython().kernel
def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value
def send(kind, content):
    if not hasattr(kernel, "iopub_socket"):  # a warm kernel
        from caged import packets
        channel = get_ipython().display_pub.session
        message = {"msg_type": kind, "content": content, "parent_header": {"msg_id": channel.request}}
        return packets.send(channel.sock, message)
    header, parent = kernel.session.msg_header(kind), kernel.get_parent()["header"]
    parts = [json.dumps(part, default=str).encode() for part in (header, parent, {}, content)]
    kernel.iopub_socket.send_multipart([b"x", b"<IDS|MSG>", kernel.session.sign(parts), *parts])
"""
FORGERIES = [
    "{'data': {'text/plain': 5, 'image/png': {'a': 1}, 'text/html': [1]}, 'metadata': 3}",
    "{'data': 'no bundle', 'metadata': {}, 'transient': 'no dict'}",
    "{'data': {'text/plain': '\\ud800'}, 'metadata': {'\\ud800': '\\ud800'}, 'transient': {'display_id': [1]}}",
    "{'data': {'application/json': nested(700)}, 'metadata': {}}",
    "{}",
    "[]",
    "'text'",
]


@pytest.mark.parametrize("content", FORGERIES)
def test_forged_messages_do_no_harm(run, content):
    kinds = [
        "display_data",
        "execute_result",
        "update_display_data",
        "stream",
        "error",
        "status",
        "comm_open",
        "nonsense",
    ]
    forge = f"for kind in {kinds}: send(kind, {content})\nsend('stream', {{'name': 'stdout', 'text': 'arrived'}})"
    notebook = run(FORGED, forge, "2 + 2")
    assert "arrived" in shown(notebook.cells[1])
    assert shown(notebook.cells[2]) == "4"


GARBAGE = {
    "cold": """
for frames in ([b"x"], [b"topic", b"<IDS|MSG>", b"bad"], [b"topic", b"<IDS|MSG>", b"s", b"{", b"{", b"[]", b"1"]):
    kernel.iopub_socket.send_multipart(frames)
kernel.session.send(kernel.iopub_socket, "stream", content={"name": "stdout", "text": "x"}, parent=None)
""",
    "warm": """
sock = get_ipython().display_pub.session.sock
for packet in (b"x", bytes([1]) + b"{", bytes([3]), bytes([3]) + b"[1]", bytes([2]) + b"1", bytes([3]) + b"[" * 50_000):
    sock.send(packet)
""",
}


def test_garbage_on_the_channel_does_no_harm(run, engine):
    assert shown(run(FORGED, GARBAGE[engine], "2 + 2").cells[2]) == "4"


CLOSE = {
    "cold": "get_ipython().kernel.iopub_socket.close()",
    "warm": "import time; get_ipython().display_pub.session.sock.close(); time.sleep(60)",
}


def test_a_closed_channel_fails_closed(run, engine):
    """Without outputs a test would earn full marks: a kernel that sends none is stopped."""
    notebook = run(CLOSE[engine], "assert False", timeout=20)
    assert "closed its channel to the grader" in errors(notebook.cells[0])[-1]
    assert "not run" in errors(notebook.cells[1])[0]


def test_a_failure_whose_error_message_got_lost_is_still_an_error():
    cell = CellOutputs("request", keep=100, number=1)
    for kind, content in (
        ("execute_reply", {"status": "error", "ename": "ValueError"}),
        ("status", {"execution_state": "idle"}),
    ):
        cell.take({"msg_type": kind, "content": content, "parent_header": {"msg_id": "request"}}, 10)
    assert cell.complete
    assert [output.ename for output in cell.finish()] == ["ValueError"]


def test_displays_are_updated_and_cleared(run):
    notebook = run(
        "handle = display('old', display_id=True); handle.update('new')",
        "from IPython.display import clear_output; print('gone'); clear_output(wait=True); print('stays')",
    )
    assert [shown(cell).strip() for cell in notebook.cells] == ["'new'", "stays"]


def test_a_submitted_file_does_not_run_before_the_kernel_stands(run, tmp_path):
    """jupyter_client and others look for modules that are not installed, such as orjson."""
    (tmp_path / "submission").mkdir()
    for name in ("orjson", "msgpack", "argcomplete", "sitecustomize", "usercustomize"):
        (tmp_path / "submission" / f"{name}.py").write_text("import os; os._exit(1)")
    notebook = run("1 + 1", resources={"metadata": {"path": str(tmp_path / "submission")}})
    assert shown(notebook.cells[0]) == "2"


def test_submitted_files_are_there(run, tmp_path):
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "data.csv").write_text("1,2")
    (folder / "lab.ipynb").write_text("{}")
    notebook = run(
        "import os; open('data.csv').read(), os.path.exists('lab.ipynb')", resources={"metadata": {"path": str(folder)}}
    )
    assert shown(notebook.cells[0]) == "('1,2', False)"


@pytest.mark.parametrize("engine", ["auto"])
def test_without_sandbox_it_says_so_and_keeps_its_limits(run, caplog):
    notebook = run(
        "import os; 'SHELL' in os.environ", "b = bytearray(10**10)", "import os; os._exit(1)", "1", sandbox=False
    )
    assert "WITHOUT a sandbox" in caplog.text
    assert shown(notebook.cells[0]) == "False"
    assert errors(notebook.cells[1]) == ["MemoryError: "]
    assert "not run" in errors(notebook.cells[3])[0]


def test_a_fault_of_the_machine_is_no_score(run, tmp_path):
    with pytest.raises(MachineFault, match="does not run"):
        run("1", python=str(tmp_path / "no-python"))


CONFIG = f"""
c = get_config()
c.CourseDirectory.course_id = "course"
c.Autograde.autograde_preprocessors = [
    "gradekit.execute.SandboxedExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.SandboxedExecute.python = {str(ROOT / ".venv-student" / "bin" / "python")!r}
c.SandboxedExecute.lab_library = {str(ROOT / "labkit")!r}
c.SandboxedExecute.seed = "5eed"
c.SandboxedExecute.timeout = 5
"""
NO_BWRAP = """
import pathlib
import gradekit.sandbox.probe as probe
probe.find_bwrap = lambda: pathlib.Path("/bin/false")
"""


def graded(source: str, name: str, points: int = 0):
    kind = {"grade": bool(points), "solution": not points, "locked": bool(points), "task": False, "schema_version": 3}
    cell = new_code_cell(source, metadata={"nbgrader": kind | {"grade_id": name}})
    if points:
        cell.metadata.nbgrader.points = points
    return cell


@pytest.fixture
def course(tmp_path):
    """A course of one lab and two submissions: the first ends its kernel after the first test."""
    lab = new_notebook(
        cells=[
            graded("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "one"),
            graded("assert x == 1", "test_one", 2),
            graded("### BEGIN SOLUTION\ny = 1\n### END SOLUTION", "two"),
            graded("assert y == 1", "test_two", 3),
        ]
    )
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    (tmp_path / "source" / "lab").mkdir(parents=True)
    nbformat.write(lab, tmp_path / "source" / "lab" / "lab.ipynb")
    nbgrader(tmp_path, "generate_assignment", "lab")
    release = nbformat.read(tmp_path / "release" / "lab" / "lab.ipynb", 4)
    for student, second in (("a-hostile", "import os; os._exit(0)"), ("b-good", "y = 1")):
        release.cells[0].source, release.cells[2].source = "x = 1", second
        folder = tmp_path / "submitted" / student / "lab"
        folder.mkdir(parents=True)
        nbformat.write(release, folder / "lab.ipynb")
    return tmp_path


def nbgrader(folder: Path, *arguments: str, code: int = 0) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stderr
    return done.stderr


def scores(folder: Path) -> dict[str, list]:
    query = """select student.id, group_concat(ifnull(grade.auto_score, '-')) from grade
        join submitted_notebook on grade.notebook_id = submitted_notebook.id
        join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id
        join student on submitted_assignment.student_id = student.id group by student.id"""
    with sqlite3.connect(folder / "gradebook.db") as database:
        return {student: sorted(values.split(",")) for student, values in database.execute(query)}


def test_plain_nbgrader_grades_on_after_a_hostile_submission(course):
    nbgrader(course, "autograde", "lab")
    assert scores(course) == {"a-hostile": ["0.0", "2.0"], "b-good": ["2.0", "3.0"]}
    written = json.loads((course / "autograded" / "a-hostile" / "lab" / "lab.ipynb").read_text())
    assert "not run: the kernel stopped in cell [3]" in json.dumps(written)


def test_without_a_sandbox_nbgrader_refuses_at_once(course):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(NO_BWRAP)
    said = nbgrader(course, "autograde", "lab", code=1)
    assert "Nothing was graded" in said and "--no-sandbox" in said and "c.SandboxedExecute.sandbox = False" in said
    assert len(re.findall("Nothing was graded", said)) == 1 and "Traceback" not in said
    assert not list(course.glob("autograded/*/*"))
    assert {"0.0", "2.0", "3.0"}.isdisjoint(sum(scores(course).values(), []))
