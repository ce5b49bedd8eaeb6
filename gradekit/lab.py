"""`gradekit lab`: JupyterLab on the student copies, from the student's environment."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from nbgrader.exchange.default import Exchange

from gradekit.course import ROOT
from gradekit.folder import CourseFolder, Trouble

STUDENT = ".venv-student"
NO_NEWS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}


def start(course: Path, port: int | None, browser: bool, judge: bool, rest: Sequence[str]) -> int:
    """Run JupyterLab until it is stopped; its exit code. JupyterLab itself prints the address."""
    folder = CourseFolder(course)
    release = folder.path("release", "")
    if not any(release.glob("*/*.ipynb")):
        raise Trouble(f"There is no student copy in {release}. Make them: gradekit release")
    if not exchange_is_set_up(folder):
        print("No exchange is set up here: to hand in, send your notebook the way your instructor says.")
    python = own_python() if judge else student_python()
    with tempfile.TemporaryDirectory(prefix="gradekit-lab-") as settings:
        Path(settings, "overrides.json").write_text(json.dumps(NO_NEWS))
        command = command_line(python, release, settings, port, browser, rest)
        environment = {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
        return subprocess.run(command, cwd=release, env=environment).returncode


def command_line(python: Path, release: Path, settings: str, port: int | None, browser: bool,
                 rest: Sequence[str] = ()) -> list[str]:  # fmt: skip
    options = [f"--ServerApp.root_dir={release}", f"--LabApp.app_settings_dir={settings}"]
    if port is not None:
        options += [f"--port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        options.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    return [str(python), "-m", "jupyterlab", *options, *rest]


def student_python() -> Path:
    """Python of the student's environment."""
    python = ROOT / STUDENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        raise Trouble(f"The student's environment is not there: {python}. Make it: make setup")
    return python


def own_python() -> Path:
    """Python of the environment that this command runs in: the judge is installed there."""
    return Path(sys.executable)


def exchange_is_set_up(course: CourseFolder) -> bool:
    """Whether nbgrader's exchange has a folder and the course a name."""
    return bool(course.directory().course_id) and Path(Exchange(parent=course.app).root).is_dir()
