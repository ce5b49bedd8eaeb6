"""The command as a user types it: what it says, and its exit code. Bad input is one line and changes nothing."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from course import LAB, copy_of, find, make_course, solve, write

from gradekit.cli import DONE, REFUSED, UNFINISHED, main
from gradekit.doctor import unmet
from gradekit.sandbox.probe import find_bwrap, probe

GRADEKIT = Path(sys.executable).with_name("gradekit")
needs_sandbox = pytest.mark.skipif(not probe(), reason=probe().reason)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture
def course(made, tmp_path, monkeypatch):
    """A course folder of our own to stand in, with nobody's work yet."""
    monkeypatch.chdir(tmp_path)
    return copy_of(made, tmp_path)


@pytest.fixture
def refused(capsys):
    """Run a command that must be refused; its one line."""

    def refused(*arguments: str) -> str:
        assert main(arguments) == REFUSED
        error = capsys.readouterr().err
        assert error.startswith("gradekit: ") and error.count("\n") == 1, error
        return error

    return refused


def hand_in(course, student: str, relu: str | None = None) -> None:
    def edit(notebook):
        if relu:
            write(notebook, "relu", relu)
        solve(notebook)

    course.submit(student, edit)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize("command", ["release", "grade"])
def test_a_wrong_lab_name_gets_the_nearest(course, refused, command):
    before = files(course.root)
    assert "Did you mean 01_shapes?" in refused(command, "01_shape")
    assert files(course.root) == before


def test_nobody_has_handed_in(course, refused):
    assert f"Nobody has handed in {LAB}" in refused("grade", LAB)


def test_a_student_who_has_not_handed_in(course, refused):
    hand_in(course, "ada")
    assert "bob has not handed in" in refused("grade", LAB, "--student", "bob")


def test_a_folder_that_is_no_course(tmp_path, refused):
    assert "is no course folder" in refused("grade", LAB, "--course", str(tmp_path))
    assert files(tmp_path) == set()


def test_a_configuration_that_does_not_run(course, refused):
    (course.root / "nbgrader_config.py").write_text("c = get_config(")
    hand_in(course, "ada")
    assert "does not run: SyntaxError" in refused("grade", LAB)


def test_a_configuration_without_the_safe_parts_grades_nothing(course, refused):
    (course.root / "nbgrader_config.py").write_text("c = get_config()")
    hand_in(course, "ada")
    assert "does not call gradekit.config.configure" in refused("grade", LAB)
    assert not (course.root / "autograded").exists()


def test_a_damaged_secret_grades_nothing(course, refused, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADEKIT_SECRET_FILE", str(tmp_path / "secret"))
    (tmp_path / "secret").write_text("not hex")
    hand_in(course, "ada")
    assert "can't be used" in refused("grade", LAB)


def test_a_place_that_cant_be_written(course, refused):
    hand_in(course, "ada")
    (course.root / "autograded").write_text("a file where a folder should be")
    assert "can't be written" in refused("grade", LAB)


MACHINE = ("--bind", "/", "/", "--dev", "/dev", "--proc", "/proc")


def walled(course, *arguments: str, walls: tuple = ()) -> subprocess.CompletedProcess:
    """Run the command on a machine that differs from ours in one way, built with bubblewrap."""
    command = [find_bwrap(), *MACHINE, *walls, "--", GRADEKIT, *arguments]
    return subprocess.run(command, cwd=course.root, capture_output=True, text=True)


@needs_sandbox
def test_where_no_sandbox_can_be_it_refuses_unless_told(course):
    hand_in(course, "ada")
    walls = ("--unshare-user", "--disable-userns")
    done = walled(course, "grade", LAB, walls=walls)
    assert done.returncode == REFUSED and "--no-sandbox" in done.stderr and done.stderr.count("\n") == 1
    assert not (course.root / "autograded").exists()
    done = walled(course, "grade", LAB, "--no-sandbox", walls=walls)
    assert done.returncode == DONE and "ada: 8 of 10" in done.stdout, done.stderr


@needs_sandbox
@pytest.mark.parametrize("command", [("release", "--force"), ("grade", LAB)])
def test_a_read_only_course(course, command):
    hand_in(course, "ada")
    done = walled(course, *command, walls=("--ro-bind", course.root, course.root))
    assert done.returncode == REFUSED and done.stderr.count("\n") == 1, done.stderr
    assert "Read-only file system" in done.stderr


@needs_sandbox
@pytest.mark.parametrize("size", [20_000, 45_000], ids=lambda size: f"{size // 1000} kB")
def test_a_full_disk_leaves_nothing_half_released(course, size):
    shutil.rmtree(course.root / "release")
    (course.root / "release").mkdir()
    place = course.root / "release"
    script = f"{GRADEKIT} release; code=$?; ls -A {place}; exit $code"
    command = [find_bwrap(), *MACHINE, "--size", str(size), "--tmpfs", place]
    done = subprocess.run([*command, "--", "sh", "-c", script], cwd=course.root, capture_output=True, text=True)
    assert done.returncode == REFUSED and done.stdout == ""
    assert "disk is full" in done.stderr and done.stderr.count("\n") == 1, done.stderr


@needs_sandbox
def test_a_disk_with_too_little_room_grades_nothing(course):
    hand_in(course, "ada")
    (course.root / "autograded").mkdir()
    done = walled(course, "grade", LAB, walls=("--size", "5000000", "--tmpfs", course.root / "autograded"))
    assert done.returncode == REFUSED and "5 MB left" in done.stderr


@needs_sandbox
def test_a_class_is_graded_and_reported(course, capsys):
    hand_in(course, "ada")
    hand_in(course, "bob", relu="return np.abs(Z)")
    course.submit("eve")
    assert main(["grade", LAB]) == DONE
    said = capsys.readouterr().out
    assert "] ada: 8 of 10" in said and "] bob: 6 of 10" in said and "] eve: 0 of 10" in said and "[3/3] " in said
    assert "1 x  relu: absolute_value" in said and "What should become of -3?" in said
    assert "why_bias: ada, bob" in said
    assert str(course.root / "autograded") in said

    assert main(["grade", LAB, "--student", "ada"]) == DONE
    assert "graded before, unchanged" in capsys.readouterr().out
    assert main(["grade", LAB, "--lost", "check_relu"]) == DONE
    said = capsys.readouterr().out
    assert "] bob: 6 of 10" in said and "] eve: 0 of 10" in said and "[2/2] " in said and "unchanged" not in said


def set_plain_test(course, expected: int) -> None:
    path = course.root / "source" / LAB / f"{LAB}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    find(notebook, "plain_test").source = f"assert relu(np.array([[-4.0]])) == {expected}"
    nbformat.write(notebook, path)


@needs_sandbox
def test_after_mending_a_check_only_those_touched_are_graded_again_and_manual_scores_stay(course, capsys):
    """As docs/term.md tells it."""
    set_plain_test(course, 4)  # the slip: only who makes a mistake passes
    hand_in(course, "ada")
    hand_in(course, "bob", relu="return np.abs(Z)")
    assert main(["grade", LAB]) == DONE
    said = capsys.readouterr().out
    assert "ada: 7 of 10" in said and "bob: 6 of 10" in said
    with course.grade("ada", "why_bias") as grade:
        grade.manual_score = 1.5
    set_plain_test(course, 0)
    assert main(["grade", LAB, "--lost", "plain_test"]) == DONE
    said = capsys.readouterr().out
    assert "[1/1] ada: 9.5 of 10" in said and "bob" not in said, said


@needs_sandbox
def test_what_is_handed_in_anew_or_was_left_half_graded_is_graded_again(course, capsys):
    hand_in(course, "ada", relu="return np.abs(Z)")
    assert main(["grade", LAB]) == DONE
    assert "ada: 6 of 10" in capsys.readouterr().out
    hand_in(course, "ada")  # from an LMS: without a timestamp
    assert main(["grade", LAB]) == DONE
    assert "ada: 8 of 10\n" in capsys.readouterr().out
    autograded = course.root / "autograded" / "ada" / LAB / f"{LAB}.ipynb"
    autograded.chmod(0o644)
    nbformat.write(course.released, autograded)  # as a run leaves it that is killed after sanitising
    assert main(["grade", LAB]) == DONE
    assert "ada: 8 of 10\n" in capsys.readouterr().out
    assert main(["grade", LAB]) == DONE
    assert "ada: 8 of 10; graded before, unchanged" in capsys.readouterr().out
    handed_in = course.path("ada")
    handed_in.rename(handed_in.with_name("before"))  # a link is new, what it leads to is old
    handed_in.symlink_to("before")
    assert main(["grade", LAB]) == DONE
    assert "ada: 0 of 10\n" in capsys.readouterr().out


@needs_sandbox
def test_a_fault_of_the_machine_is_reported_not_scored(course, capsys):
    hand_in(course, "ada")
    with open(course.root / "nbgrader_config.py", "a") as config:
        config.write('\nc.SandboxedExecute.python = "/nowhere/python"\n')
    assert main(["grade", LAB]) == UNFINISHED
    said = capsys.readouterr().out
    assert "ada: NOT GRADED" in said and "Not graded\n  ada: " in said


def test_grading_needs_a_source_without_slips(course, refused, capsys):
    hand_in(course, "ada")
    (course.root / "source" / LAB / f"{LAB}.ipynb").unlink()
    assert main(["grade", LAB]) == REFUSED
    assert "the notebook is not there" in capsys.readouterr().err


def test_strip_check_changes_nothing_and_fails(course, capsys):
    path = course.root / "source" / LAB / f"{LAB}.ipynb"
    assert main(["strip", "--check", str(path)]) == DONE
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].execution_count = 3
    nbformat.write(notebook, path)
    before = path.read_bytes()
    assert main(["strip", "--check", str(path)]) == REFUSED and path.read_bytes() == before
    assert main(["strip", str(path)]) == DONE and path.read_bytes() != before


def test_strip_of_something_else(tmp_path, refused):
    (tmp_path / "a.ipynb").write_text("no notebook")
    assert "can't be read as a notebook" in refused("strip", str(tmp_path / "a.ipynb"))


def lines_of_doctor(capsys) -> dict[str, str]:
    return {line[5:].split(":")[0]: line for line in capsys.readouterr().out.splitlines()}


def test_doctor_finds_a_secret_that_others_can_read(course, tmp_path, monkeypatch, capsys):
    secret = tmp_path / "secret"
    monkeypatch.setenv("GRADEKIT_SECRET_FILE", str(secret))
    secret.write_text("ab" * 32)
    secret.chmod(0o644)
    assert main(["doctor"]) == REFUSED
    line = lines_of_doctor(capsys)["course secret"]
    assert line.startswith("BAD") and f"chmod 600 {secret}" in line
    secret.chmod(0o600)
    main(["doctor"])
    lines = lines_of_doctor(capsys)
    assert lines["course secret"].startswith("ok")
    assert lines["gradebook"].startswith("ok") and lines["Python"].startswith("ok")


def test_doctor_finds_a_damaged_gradebook(course, capsys):
    (course.root / "gradebook.db").write_bytes(b"no database" * 100)
    assert main(["doctor"]) == REFUSED
    assert lines_of_doctor(capsys)["gradebook"].startswith("BAD")


def test_doctor_finds_a_configuration_that_is_not_safe(course, capsys):
    (course.root / "nbgrader_config.py").write_text("c = get_config()")
    assert main(["doctor"]) == REFUSED
    assert lines_of_doctor(capsys)["nbgrader_config.py"].startswith("BAD")
    (course.root / "nbgrader_config.py").write_text("c = get_config(")
    assert main(["doctor"]) == REFUSED
    assert "does not run" in lines_of_doctor(capsys)["course folder"]


def test_doctor_names_what_is_missing_or_too_old():
    def version(name):
        import importlib.metadata

        if name == "gone":
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.0"

    assert list(
        unmet(["fine>=1", "gone", "old>=2; python_version > '3'", "other; sys_platform == 'none'"], version)
    ) == [
        "gone is missing",
        "old is 1.0, expected >=2",
    ]


def test_usage_errors_have_a_code_of_their_own():
    for wrong in (["grade"], ["grade", LAB, "--colour"], ["nothing"], []):
        done = subprocess.run([GRADEKIT, *wrong], capture_output=True, text=True)
        assert done.returncode == 2, wrong


def free_port() -> int:
    with socket.socket() as probe_socket:
        probe_socket.bind(("127.0.0.1", 0))
        return probe_socket.getsockname()[1]


@pytest.mark.skipif(os.name != "posix", reason="stops a process group")
def test_lab_starts_jupyterlab_on_the_student_copies_without_news(course):
    port = free_port()
    command = [GRADEKIT, "lab", "--no-browser", "--port", str(port), "--IdentityProvider.token=t"]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        listing = ask(port, "/api/contents")
        assert {each["name"] for each in listing["content"]} >= {LAB}
        settings = ask(port, "/lab/api/settings/@jupyterlab/apputils-extension:notification")
        assert settings["schema"]["properties"]["fetchNews"]["default"] == "false"
        assert "python3" in ask(port, "/api/kernelspecs")["kernelspecs"]
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        said = server.communicate(timeout=30)[0]
    assert f":{port}/lab" in said and "No exchange is set up" in said


def ask(port: int, path: str, patience: float = 60) -> dict:
    end = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}?token=t", timeout=5) as reply:
                return json.load(reply)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def test_lab_needs_student_copies(course, refused):
    shutil.rmtree(course.root / "release")
    assert "gradekit release" in refused("lab")
