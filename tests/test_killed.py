"""Killed at any moment and started again, a run leaves what an undisturbed one leaves."""

import random
import signal
import time
from pathlib import Path

import pytest
from course import LAB, Course
from databases import database
from grading_class import make_class, state_of
from killing import VICTIMS, Grading, gone

from gradekit.cli import UNFINISHED
from gradekit.sandbox.probe import probe

pytestmark = pytest.mark.skipif(not probe(), reason=probe().reason)

MOMENTS = 10  # `make soak` takes 100
SEED = 20261123


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """The same class, with its gradebook in either database."""
    with database("sqlite") as sqlite, database("postgres") as postgres:
        kinds = {"sqlite": sqlite, "postgres": postgres}
        yield {
            name: (kind, kind.course(tmp_path_factory.mktemp(name), make_class)) for name, kind in kinds.items()
        }  # fmt: skip


def copy_in(handed_in, kind: str, root: Path) -> Course:
    database, course = handed_in[kind]
    return database.copy(course, root)


@pytest.fixture(scope="module")
def undisturbed(handed_in, tmp_path_factory):
    course = copy_in(handed_in, "sqlite", tmp_path_factory.mktemp("undisturbed"))
    assert Grading(course.root, LAB, "--workers", "1").finish() == 0
    return state_of(course)


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_killed_run_is_taken_up_again(handed_in, undisturbed, tmp_path, moment):
    chance = random.Random(f"{SEED} {moment}")
    victim, which = VICTIMS[moment % len(VICTIMS)], chance.randrange(2)
    course = copy_in(handed_in, ("sqlite", "postgres")[moment // len(VICTIMS) % 2], tmp_path)
    run = Grading(course.root, LAB)
    if chance.random() < 0.8:
        run.wait_for("[1/")
    time.sleep(chance.uniform(0, 1.5))
    killed = run.kill(victim, which)
    code = run.finish()
    assert code == (-signal.SIGKILL if killed and victim == "runner" else 0), run.said
    if code:
        assert gone(run.family)
        again = Grading(course.root, LAB)
        assert again.finish() == 0, again.said
    assert state_of(course) == undisturbed
    assert gone(run.family)
    assert not (course.root / "autograded" / ".gradekit").exists()


def test_ctrl_c_stops_cleanly_and_the_rest_follows(handed_in, undisturbed, tmp_path):
    course = copy_in(handed_in, "sqlite", tmp_path)
    run = Grading(course.root, LAB, "--workers", "1")
    run.wait_for("[2/")
    run.interrupt()
    assert run.finish() == 130
    assert "Traceback" not in run.said and "of 9 are graded; the same command goes on from there." in run.said
    assert gone(run.family)
    again = Grading(course.root, LAB)
    assert again.finish() == 0
    assert "graded before" in again.said
    assert state_of(course) == undisturbed


def test_a_worker_that_dies_three_times_leaves_its_submission_ungraded(handed_in, undisturbed, tmp_path):
    """A machine's fault is no zero. Here the parent of every kernel is killed as soon as it is there."""
    course = copy_in(handed_in, "sqlite", tmp_path)
    run = Grading(course.root, LAB, "--workers", "1", "--student", "a-right")
    while run.process.poll() is None:
        run.kill("worker")
        time.sleep(0.02)
    assert run.finish() == UNFINISHED
    assert "a-right: NOT GRADED. Its worker was killed by SIGKILL" in run.said
    with course.gradebook() as gradebook:
        assert [each.student.id for each in gradebook.assignment_submissions(LAB)] == []
    assert Grading(course.root, LAB).finish() == 0
    assert state_of(course) == undisturbed
