"""What all tests share: a course secret of their own, so that no test touches the instructor's, and no grading."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
os.environ["GRADEKIT_SECRET_FILE"] = str(Path(tempfile.gettempdir()) / f"gradekit-test-secret-{os.getpid()}")
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture(autouse=True)
def not_grading(monkeypatch):
    """Explorers and figures draw nothing while nbgrader grades."""
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


LONG = ("test_killed", "test_hostile", "test_browser", "test_grading", "test_sources", "test_bank", "test_release",
        "test_demo", "test_cli", "test_sandbox", "test_execute")  # fmt: skip


def pytest_collection_modifyitems(items):
    """Long files first, so that no worker is left with one of them at the end."""
    items.sort(key=lambda item: not item.path.name.startswith(LONG))
