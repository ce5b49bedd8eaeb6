"""What docs/sandbox.md promises, one test each. Everything runs in a real sandbox, in real kernels."""

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psutil
import pytest

from gradekit.sandbox.bwrap import spare_user
from gradekit.sandbox.cage import Cage, MachineFault
from gradekit.sandbox.engines import running_kernel
from gradekit.sandbox.files import pack
from gradekit.sandbox.limits import GB, MB, Limits
from gradekit.sandbox.probe import probe

ROOT = Path(__file__).resolve().parent.parent
PYTHON = Path(os.environ.get("STUDENT_PYTHON") or ROOT / ".venv-student" / "bin" / "python")
CANARY = "c4n4ry-of-the-hidden-checks"

pytestmark = pytest.mark.skipif(not probe(), reason=probe().reason)


def ask(kernel, code: str):
    """Run code in the kernel; the value that it leaves in `answer`."""
    ran = kernel.run(f"{code}\nprint(__import__('json').dumps(answer))", 30)
    assert [output.output_type for output in ran.outputs] == ["stream"], ran
    return json.loads(ran.outputs[0].text)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course folder with secrets, and a submission that tries to shadow modules."""
    root = tmp_path_factory.mktemp("course")
    for secret in ("gradebook.db", "source/lab/lab.ipynb", "submitted/other/lab/lab.ipynb", "submission/lab.ipynb"):
        (root / secret).parent.mkdir(parents=True, exist_ok=True)
        (root / secret).write_text(CANARY)
    for shadow in ("numpy", "json", "labkit", "dnnlib"):
        (root / "submission" / f"{shadow}.py").write_text("SHADOW = True")
    (root / "submission" / "helper.py").write_text("VALUE = 7")
    (root / "submission" / "link.db").symlink_to(root / "gradebook.db")
    for package in ("labkit", "dnnlib"):
        (root / "library" / package).mkdir(parents=True)
        (root / "library" / package / "__init__.py").write_text("REAL = True")
    return root


@pytest.fixture(scope="module")
def cage(course):
    files = pack(course / "submission", MB).archive
    return Cage(PYTHON, course / "library", seed="5eed", files=files, private=(ROOT,))


@pytest.fixture(scope="module", params=["cold", "warm"])
def engine(request):
    return request.param


@pytest.fixture(scope="module")
def kernel(cage, engine):
    with running_kernel(cage, engine) as kernel:
        yield kernel


class TestWalls:
    """One kernel, asked what it can see and do."""

    def test_no_network(self, kernel):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            socket.create_connection(("127.0.0.1", port)).close()
            code = f"import socket\ns = socket.socket(); s.settimeout(5); answer = s.connect_ex(('127.0.0.1', {port}))"
            assert ask(kernel, code) != 0
        assert ask(kernel, "answer = [name for _, name in socket.if_nameindex()]") == ["lo"]

    def test_course_is_not_visible(self, kernel, course):
        paths = [str(path) for path in (*course.rglob("*"), ROOT / "source", ROOT / "gradekit", ROOT / "dnnlib")]
        assert ask(kernel, f"import os; answer = [path for path in {paths} if os.path.lexists(path)]") == []

    def test_no_readable_file_holds_a_secret(self, kernel):
        """Every file that is neither the system's nor Python's, the notebook with its hidden checks included."""
        code = f"""
import os, sys
skip = ("/proc", "/usr", sys.prefix, sys.base_prefix)
canary, seen, answer = b"{CANARY[:5]}" + b"{CANARY[5:]}", 0, []
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if not os.path.join(folder, name).startswith(skip)]
    for path in (os.path.join(folder, name) for name in files):
        if os.path.isfile(path):
            seen += 1
            if canary in open(path, "rb").read(10**6):
                answer.append(path)
answer = [answer, seen > 3]
"""
        assert ask(kernel, code) == [[], True]

    def test_answers_and_solvers_are_not_importable(self, kernel):
        code = (
            "import importlib.util as u\n"
            "answer = [m for m in ('gradekit', 'scipy', 'sklearn', 'torch', 'autograd') if u.find_spec(m)]"
        )
        assert ask(kernel, code) == []

    def test_environment_is_the_short_list(self, kernel, cage):
        code = "answer = dict(v.split('=', 1) for v in open('/proc/self/environ').read().split('\\0') if v)"
        shown = {"LABKIT_SEED": "5eed", **ask(kernel, code)}  # a warm kernel learns it later
        assert shown == cage.environment() | {"PWD": "/scratch"}
        assert set(cage.environment()) == {
            "HOME", "PATH", "LANG", "IPYTHONDIR", "OPENBLAS_NUM_THREADS", "NBGRADER_EXECUTION", "LABKIT_SEED"
        }  # fmt: skip

    def test_environment_of_bwrap_is_hidden_too(self, kernel):
        code = """
try:
    answer = [v.split("=")[0] for v in open("/proc/1/environ").read().split("\\0") if v]
except PermissionError:
    answer = []
"""
        assert "SHELL" not in ask(kernel, code) and len(ask(kernel, code)) < 10

    def test_writes_only_in_scratch_and_temporary_folders(self, kernel):
        code = """
import os
writable = set()
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) != "/proc"]
    try:
        path = os.path.join(folder, "written")
        open(path, "w").close(); os.unlink(path)
        writable.add("/".join(folder.split("/")[:3]) if folder.startswith("/dev") else "/" + folder.split("/")[1])
    except OSError:
        pass
answer = sorted(writable)
"""
        assert ask(kernel, code) == ["/dev/shm", "/scratch", "/tmp"]

    def test_not_root_and_no_capabilities(self, kernel):
        code = "answer = dict(line.split(':\\t') for line in open('/proc/self/status').read().splitlines())"
        status = ask(kernel, code)
        assert "0" not in status["Uid"].split() and "0" not in status["Gid"].split()
        assert {status[f"Cap{kind}"].strip("0") for kind in ("Inh", "Prm", "Eff", "Amb")} == {""}
        assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"

    def test_processes_outside_are_out_of_reach(self, kernel):
        assert os.getpid() > 500
        code = f"""
import os
answer = [len([name for name in os.listdir("/proc") if name.isdigit()]) < 10]
try:
    os.kill({os.getpid()}, 0)
except ProcessLookupError:
    answer.append(True)
"""
        assert ask(kernel, code) == [True, True]

    def test_no_hidden_memory_and_no_new_namespaces(self, kernel):
        code = """
import ctypes, os
libc, answer = ctypes.CDLL(None, use_errno=True), []
try:
    os.memfd_create("x")
except PermissionError:
    answer.append("memfd")
answer += [name for name, result in (
    ("shmget", libc.shmget(0, 4096, 0o1600)),
    ("unshare", libc.unshare(0x10000000)),
    ("mount", libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)),
) if result == -1]
"""
        assert ask(kernel, code) == ["memfd", "shmget", "unshare", "mount"]

    def test_submitted_files_do_not_shadow(self, kernel):
        code = """
import json, numpy, labkit, dnnlib
answer = [hasattr(m, "SHADOW") for m in (json, numpy, labkit, dnnlib)] + [labkit.REAL, dnnlib.REAL]
"""
        assert ask(kernel, code) == [False] * 4 + [True] * 2

    def test_a_helper_module_imports(self, kernel):
        assert ask(kernel, "import helper; answer = helper.VALUE") == 7

    def test_notebook_and_links_are_not_copied(self, kernel):
        code = "import os; answer = [n for n in os.listdir('/scratch') if n.endswith(('.ipynb', '.db'))]"
        assert ask(kernel, code) == []

    def test_the_library_is_read_only(self, kernel):
        code = """
try:
    open(labkit.__file__, "w")
except OSError as error:
    answer = error.errno
"""
        assert ask(kernel, "import labkit\n" + code) in (13, 30)

    def test_plots_work_without_a_word_on_stderr(self, kernel):
        ran = kernel.run("import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()", 30)
        assert [output.output_type for output in ran.outputs] == ["display_data"]


@pytest.fixture
def small(engine):
    """A kernel with small limits."""

    def small(**limits):
        return running_kernel(Cage(PYTHON, limits=Limits(**limits)), engine)

    return small


class TestLimits:
    """Programs that take too much, each in a kernel of its own."""

    def test_memory_of_one_process(self, small):
        with small(memory=int(1.5 * GB)) as kernel:
            (error,) = kernel.run("b = bytearray(10**10)", 20).outputs
            assert error.ename == "MemoryError"
            assert ask(kernel, "answer = 1") == 1

    def test_memory_of_all_processes(self, small):
        code = """
import os, time
for _ in range(3):
    if os.fork() == 0:
        b = bytearray(b"x") * (600 * 10**6)
        time.sleep(60); os._exit(0)
time.sleep(60)
"""
        with small(memory=int(1.5 * GB)) as kernel:
            assert kernel.run(code, 30).stopped == "used more than 1.5 GB of memory"

    def test_shared_pages_count_once(self, small):
        """Twenty forks of one process are small: they must not be taken for twenty processes' memory."""
        code = """
import os, time
block = bytearray(b"x") * (300 * 10**6)
for _ in range(20):
    if os.fork() == 0:
        time.sleep(1); os._exit(0)
time.sleep(1)
answer = 1
"""
        with small(memory=int(1.5 * GB)) as kernel:
            assert ask(kernel, code) == 1

    def test_time_of_a_submission(self, small):
        with small(wall=2) as kernel:
            assert kernel.run("import time; time.sleep(60)", 30).stopped == "ran longer than 2 s in all"

    def test_processor_time(self, small):
        with small(cpu=2) as kernel:
            assert kernel.run("while True: pass", 30).stopped == "used more than 2 s of processor time"

    def test_processes(self, small):
        code = """
import os, signal
children, answer = [], None
while len(children) < 100:
    try:
        child = os.fork()
    except BlockingIOError:
        answer = len(children) < 64
        break
    if child == 0:
        signal.pause()
    children.append(child)
for child in children:
    os.kill(child, signal.SIGKILL)
"""
        with small() as kernel:
            assert ask(kernel, code) is True

    def test_file_size_and_scratch_and_open_files(self, small):
        code = """
import os, errno, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
answer = []
def write(path, megabytes):
    try:
        with open(path, "wb") as file:
            for _ in range(megabytes):
                file.write(bytes(10**6))
    except OSError as error:
        return errno.errorcode[error.errno]
answer = [write("big", 20), *(write(f"part{i}", 9) for i in range(5))]
files = []
try:
    while len(files) < 1000:
        files.append(open("/dev/null"))
except OSError as error:
    answer.append(errno.errorcode[error.errno])
files.clear()
"""
        with small(file_size=10 * MB, scratch=30 * MB) as kernel:
            big, *parts, opened = ask(kernel, code)
        assert (big, parts[0], parts[-1], opened) == ("EFBIG", None, "ENOSPC", "EMFILE")

    def test_output(self, small):
        with small(output=5 * MB) as kernel:
            ran = kernel.run("for _ in range(500): print('x' * 100_000)", 30)
        assert ran.stopped == "put out more than 5 MB"
        assert sum(len(output.get("text", "")) for output in ran.outputs) < 1.1 * MB

    def test_a_detached_process_dies_with_the_kernel(self, small):
        token = uuid4().hex
        code = f"""
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(100)", "{token}"])
    os._exit(0)
"""
        with small() as kernel:
            kernel.run(code, 20)
            assert eventually(lambda: len(carrying(token)) == 1)
        assert eventually(lambda: carrying(token) == [])


def carrying(token: str) -> list[int]:
    """The processes of this machine with the token among their arguments."""
    return [p.pid for p in psutil.process_iter(["cmdline"]) if token in (p.info["cmdline"] or [])]


def eventually(condition) -> bool:
    end = time.monotonic() + 10
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_a_cold_kernel_leaves_nothing_on_the_host():
    with running_kernel(Cage(PYTHON), "cold") as kernel:
        folder, pid = kernel.cage.folder, kernel.provisioner.pid
        assert folder.exists() and psutil.pid_exists(pid)
    assert not folder.exists()
    assert not psutil.pid_exists(pid)


def test_a_submission_too_large_to_copy(tmp_path):
    (tmp_path / "big.bin").write_bytes(bytes(600_000))
    (tmp_path / "small.txt").write_text("kept")
    packed = pack(tmp_path, 500_000)
    assert packed.left_out == ("big.bin",)
    assert names_in(packed.archive) == ["small.txt"]


def test_files_of_a_submission_behind_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "data.csv").write_text("1")
    (tmp_path / "real" / "up").symlink_to(tmp_path)
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    assert names_in(pack(tmp_path / "linked", MB).archive) == ["data.csv"]


def names_in(archive: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        return files.namelist()


def test_each_sandbox_has_a_user_of_its_own():
    if spare_user() is None:
        pytest.skip("the grader is not root: the sandbox runs as its user, in a user namespace")
    assert spare_user() != spare_user()


def test_a_python_that_does_not_run_is_a_machine_fault(tmp_path, engine):
    with pytest.raises(MachineFault, match="does not run"), running_kernel(Cage(tmp_path / "no-python"), engine):
        pass


@pytest.mark.parametrize(
    "engine, lacks", [("cold", "ipykernel_launcher"), ("warm", "ipykernel"), ("auto", "ipykernel")]
)
def test_a_kernel_that_never_starts_is_a_machine_fault(tmp_path, engine, lacks):
    """A Python without ipykernel: what it said is in the message."""
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    with pytest.raises(MachineFault, match=lacks), running_kernel(Cage(tmp_path / "bare" / "bin" / "python"), engine):
        pass


def test_a_start_that_fails_once_is_tried_again(tmp_path):
    python, failed = tmp_path / "python", tmp_path / "failed"
    python.write_text(f"""#!/bin/sh
case "$*" in *enter.py*) [ -e {failed} ] || {{ touch {failed}; exit 1; }};; esac
exec {PYTHON} "$@"
""")
    python.chmod(0o755)
    with running_kernel(Cage(python, sandbox=False)) as kernel:
        assert ask(kernel, "answer = 1") == 1
    assert failed.exists()


def test_a_mount_that_would_show_the_course_is_refused(course, engine):
    cage = Cage(PYTHON, course, private=(course / "source",))
    with pytest.raises(MachineFault, match="lies within"), running_kernel(cage, engine):
        pass


def test_the_same_walls_stand_without_root():
    """All of the above again, as a user without rights, where bwrap makes a user namespace."""
    system = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/bin:/usr/local/bin")
    if os.geteuid() != 0:
        pytest.skip("this run is without root already")
    if not system or not shutil.which("setpriv"):
        pytest.skip("needs setpriv and a Python of this version that all users can read")
    with TemporaryDirectory(prefix="gradekit-test-") as folder:  # pytest's own folders shut other users out
        done = run_as_nobody(system, Path(folder))
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


def run_as_nobody(system: str, folder: Path) -> subprocess.CompletedProcess:
    """This file's tests as user 65534, with a grader's and a student's Python that this user can read."""
    packages = f"lib/python3.{sys.version_info.minor}/site-packages"
    student, temporary = folder / "student", folder / "tmp"
    subprocess.run([system, "-m", "venv", "--without-pip", student], check=True)
    shutil.copytree(PYTHON.parent.parent / packages, student / packages, dirs_exist_ok=True, copy_function=link)
    temporary.mkdir()
    folder.chmod(0o755)
    temporary.chmod(0o777)
    paths = [ROOT, *(path for path in sys.path if path.endswith("site-packages"))]
    command = [system, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", temporary / "run", __file__]
    return subprocess.run(
        ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", *command],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(temporary),
            "TMPDIR": str(temporary),
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "STUDENT_PYTHON": str(student / "bin" / "python"),
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)
