"""Disturbed at any moment and started again, a run leaves what an undisturbed one leaves.

`make test` disturbs it once in each way, `make soak` at a hundred moments.
"""

import json
import os
import random
import signal
import sys
import threading
import time
from multiprocessing import forkserver
from pathlib import Path

import pytest
from course import LAB, Course
from dask_cluster import dask_cluster
from databases import database
from grading_class import make_class, state_of
from killing import Grading, gone
from small_disk import small_disk

from gradekit.cli import REFUSED, UNFINISHED
from gradekit.grading.pool import Pool, start_server
from gradekit.sandbox.probe import probe

pytestmark = pytest.mark.skipif(not probe(), reason=probe().reason)

MOMENTS = int(os.environ.get("MOMENTS", "8"))
SEED = os.environ.get("SEED", "20261123")
KILLED = ("runner", "worker", "parent", "server")
DISTURBANCES = ("runner", "worker", "disk", "database", "dask scheduler", "parent", "dask worker", "server")
STATE = "import json, sys; from pathlib import Path; from course import Course; from grading_class import state_of; "
TESTS = Path(__file__).parent


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """The same class, with its gradebook in either database."""
    with database("sqlite") as sqlite, database("postgres") as postgres:
        kinds = {"sqlite": sqlite, "postgres": postgres}
        yield {name: (kind, kind.course(tmp_path_factory.mktemp(name), make_class)) for name, kind in kinds.items()}


def copy_in(handed_in, kind: str, root: Path) -> Course:
    database, course = handed_in[kind]
    return database.copy(course, root)


@pytest.fixture(scope="module")
def undisturbed(handed_in, tmp_path_factory):
    course = copy_in(handed_in, "sqlite", tmp_path_factory.mktemp("undisturbed"))
    assert Grading(course.root, LAB, "--workers", "1").finish() == 0
    return state_of(course)


class Chance:
    """What happens in one moment, the same each time it is tried again."""

    def __init__(self, moment: int):
        chance = random.Random(f"{SEED} {moment}")
        self.graded = chance.randrange(7)  # of 9
        self.delay = chance.uniform(0, 0.3 if self.graded else 2)
        self.which, self.kind = chance.randrange(2), chance.choice(["sqlite", "postgres"])

    def wait(self, run: Grading) -> None:
        """Until so many submissions are graded, and a little longer."""
        if self.graded:
            run.wait_for(f"[{self.graded}/")
        time.sleep(self.delay)

    def sooner(self) -> None:
        """Where the run was over before its moment came."""
        self.graded, self.delay = max(1, self.graded - 2), 0


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_disturbed_run_is_taken_up_again(handed_in, undisturbed, tmp_path, moment):
    what, chance = DISTURBANCES[moment % len(DISTURBANCES)], Chance(moment)
    if what == "disk":
        after = fill_the_disk(handed_in, tmp_path, chance)
    elif what == "database":
        after = restart_the_database(handed_in, tmp_path, chance)
    elif what.startswith("dask"):
        after = kill_in_a_cluster(handed_in, tmp_path, what.removeprefix("dask "), chance)
    else:
        after = kill(handed_in, tmp_path, what, chance)
    assert after == undisturbed


def kill(handed_in, root: Path, victim: str, chance: Chance) -> dict:
    for attempt in range(4):
        course = copy_in(handed_in, chance.kind, root / str(attempt))
        run = Grading(course.root, LAB)
        chance.wait(run)
        if run.kill(victim, chance.which):
            break
        assert run.finish() == 0, run.said
        chance.sooner()
    else:
        pytest.fail("the run was over each time before anything was killed")
    code = run.finish()
    assert code == (-signal.SIGKILL if victim == "runner" else 0), run.said
    assert gone(run.family)
    if code:
        finish(course)
    assert not (course.root / "autograded" / ".gradekit").exists()
    return state_of(course)


def restart_the_database(handed_in, root: Path, chance: Chance) -> dict:
    course = copy_in(handed_in, "postgres", root)
    run = Grading(course.root, LAB)
    chance.wait(run)
    handed_in["postgres"][0].restart()
    assert run.finish() == 0, run.said
    return state_of(course)


def kill_in_a_cluster(handed_in, root: Path, victim: str, chance: Chance) -> dict:
    course = copy_in(handed_in, chance.kind, root / "course")
    with dask_cluster(root / "dask") as cluster:
        run = Grading(course.root, LAB, "--scheduler", cluster.address)
        chance.wait(run)
        cluster.kill_scheduler() if victim == "scheduler" else cluster.kill_worker(chance.which)
        code = run.finish()
        assert code in ((0, REFUSED) if victim == "scheduler" else (0,)), run.said
    if code:
        finish(course)
    return state_of(course)


def fill_the_disk(handed_in, root: Path, chance: Chance) -> dict:
    course = copy_in(handed_in, "sqlite", root / "course")
    with small_disk(root / "disk", 300) as disk:
        place = disk.folder / "course"
        disk.run("cp", "-r", str(course.root), str(place))
        run = Grading(place, LAB, inside=disk.inside)
        chance.wait(run)
        disk.fill()
        code = run.finish()
        assert code in (0, REFUSED), run.said
        assert code == 0 or "Make room and run this again." in run.said, run.said
        disk.make_room()
        again = Grading(place, LAB, inside=disk.inside)
        assert again.finish() == 0, again.said
        told = f"{STATE} print(json.dumps(state_of(Course(Path({str(place)!r})))))"
        return json.loads(disk.run("env", f"PYTHONPATH={TESTS}", sys.executable, "-W", "ignore", "-c", told))


def finish(course: Course) -> None:
    again = Grading(course.root, LAB)
    assert again.finish() == 0, again.said


def test_ctrl_c_stops_cleanly_and_the_rest_follows(handed_in, undisturbed, tmp_path):
    course = copy_in(handed_in, "sqlite", tmp_path)
    run = Grading(course.root, LAB, "--workers", "1")
    run.wait_for("[2/")
    run.interrupt()
    assert run.finish() == 130, run.said
    assert "Traceback" not in run.said and "of 9 are graded; the same command goes on from there." in run.said
    assert gone(run.family)
    again = Grading(course.root, LAB)
    assert again.finish() == 0
    assert "graded before" in again.said
    assert state_of(course) == undisturbed


def test_workers_start_though_the_process_that_forks_them_dies_just_then():
    """It is stopped, so that it looks alive, and killed while it is waited for."""
    start_server()
    server = forkserver._forkserver._forkserver_pid
    os.kill(server, signal.SIGSTOP)
    killing = threading.Timer(1, os.kill, (server, signal.SIGKILL))
    killing.start()
    with Pool(2) as pool:
        assert all(worker.alive() for worker in pool._workers)
    killing.join()


def test_a_worker_that_dies_three_times_leaves_its_submission_ungraded(handed_in, undisturbed, tmp_path):
    """A machine's fault is no zero. Here each worker is killed as soon as it is there."""
    course = copy_in(handed_in, "sqlite", tmp_path)
    run = Grading(course.root, LAB, "--workers", "1", "--student", "a-right")
    while run.process.poll() is None:
        run.kill("worker")
        time.sleep(0.02)
    assert run.finish() == UNFINISHED
    assert "a-right: NOT GRADED. Its worker was killed by SIGKILL" in run.said
    with course.gradebook() as gradebook:
        assert [each.student.id for each in gradebook.assignment_submissions(LAB)] == []
    finish(course)
    assert state_of(course) == undisturbed
