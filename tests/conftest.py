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
