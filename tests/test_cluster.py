"""gradekit grade --scheduler: what is refused. What a cluster leaves, also when it dies, tests/test_killed.py shows."""

import pytest
from course import LAB
from dask_cluster import dask_cluster
from grading_class import make_class
from killing import Grading

from gradekit.cli import REFUSED
from gradekit.sandbox.probe import probe

pytestmark = pytest.mark.skipif(not probe(), reason=probe().reason)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return make_class(tmp_path_factory.mktemp("course"))


def test_an_address_without_a_scheduler_is_refused(course):
    run = Grading(course.root, LAB, "--scheduler", "127.0.0.1:1")
    assert run.finish() == REFUSED
    assert "There is no Dask scheduler at 127.0.0.1:1" in run.said and "Traceback" not in run.said


def test_a_scheduler_without_workers_is_refused(course, tmp_path):
    with dask_cluster(tmp_path, workers=0) as cluster:
        run = Grading(course.root, LAB, "--scheduler", cluster.address)
        assert run.finish() == REFUSED
    assert "has no workers. Start one: dask worker." in run.said and "Traceback" not in run.said
