"""What all tests share: a course secret of their own, so that no test touches the instructor's."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
os.environ["GRADEKIT_SECRET_FILE"] = str(Path(tempfile.gettempdir()) / f"gradekit-test-secret-{os.getpid()}")
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
