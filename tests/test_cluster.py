"""gradekit grade --scheduler: a Dask scheduler and two workers as processes of their own, each with its sandbox."""

import pytest
from course import LAB, copy_of
from dask_cluster import dask_cluster
from grading_class import make_class, state_of
from killing import Grading

from gradekit.cli import REFUSED
from gradekit.sandbox.probe import probe

pytestmark = pytest.mark.skipif(not probe(), reason=probe().reason)


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    return make_class(tmp_path_factory.mktemp("handed-in"))


@pytest.fixture(scope="module")
def undisturbed(handed_in, tmp_path_factory):
    course = copy_of(handed_in, tmp_path_factory.mktemp("undisturbed"))
    assert Grading(course.root, LAB).finish() == 0
    return state_of(course)


def test_a_cluster_leaves_the_same_gradebook(handed_in, undisturbed, tmp_path):
    """One worker dies on the way: its submission is graded by another."""
    course = copy_of(handed_in, tmp_path / "course")
    with dask_cluster(tmp_path / "dask") as cluster:
        run = Grading(course.root, LAB, "--scheduler", cluster.address)
        run.wait_for("[2/")
        cluster.kill_worker(0)
        assert run.finish() == 0, run.said
    assert state_of(course) == undisturbed


def test_a_scheduler_that_dies_ends_the_run_and_the_next_goes_on(handed_in, undisturbed, tmp_path):
    course = copy_of(handed_in, tmp_path / "course")
    with dask_cluster(tmp_path / "dask") as cluster:
        run = Grading(course.root, LAB, "--scheduler", cluster.address)
        run.wait_for("[2/")
        cluster.kill_scheduler()
        assert run.finish() == REFUSED
        assert "scheduler at" in run.said and "is gone" in run.said and "of 9 are graded" in run.said, run.said
    again = Grading(course.root, LAB)
    assert again.finish() == 0
    assert state_of(course) == undisturbed


def test_an_address_without_a_scheduler_is_refused(handed_in, tmp_path):
    run = Grading(copy_of(handed_in, tmp_path).root, LAB, "--scheduler", "127.0.0.1:1")
    assert run.finish() == REFUSED
    assert "There is no Dask scheduler at 127.0.0.1:1" in run.said and "Traceback" not in run.said
