"""One submission's cage: which Python, which files, which environment, which limits."""

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from gradekit.sandbox.limits import Limits


class MachineFault(RuntimeError):
    """The machine failed, not the student: no score may come of it. Mend the cause and grade again."""


@dataclass(frozen=True)
class Cage:
    """Everything that a kernel gets. `folder` is on the host: `folder/files` holds the submission's files."""

    folder: Path
    python: Path
    lab_library: Path | None = None
    seed: str = ""
    limits: Limits = field(default_factory=Limits)
    sandbox: bool = True
    private: tuple[Path, ...] = ()  # what no mount may show
    left_out: tuple[str, ...] = ()  # the submission's files that found no space

    @property
    def files(self) -> Path:
        return self.folder / "files"

    @property
    def scratch(self) -> str:
        return "/scratch" if self.sandbox else str(self.folder / "scratch")

    def environment(self) -> dict[str, str]:
        """All the variables that the kernel sees."""
        return {
            "HOME": self.scratch,
            "PATH": f"{self.python.parent}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            # not in HOME, lest a submitted .ipython/ configures the kernel
            "IPYTHONDIR": "/tmp/ipython" if self.sandbox else str(self.folder / "ipython"),
            "OPENBLAS_NUM_THREADS": "1",
            "NBGRADER_EXECUTION": "autograde",
            "LABKIT_SEED": self.seed,
        }


@contextmanager
def cage_for(submission: Path | None, python: Path, **options) -> Iterator[Cage]:
    """A cage with a copy of the submission's files, notebooks apart. It is removed afterwards."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="gradekit-"))
    except OSError as error:
        raise MachineFault(f"No temporary folder can be made: {error}. Free some space, then grade again.") from error
    try:
        cage = Cage(folder, Path(python), **options)
        yield replace(cage, left_out=tuple(_stage(submission, cage)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stage(submission: Path | None, cage: Cage) -> list[str]:
    try:
        cage.files.mkdir()
        cage.files.chmod(0o755)
        return copy_files(submission, cage.files, cage.limits.scratch // 2) if submission else []
    except OSError as error:
        raise MachineFault(f"The submission's files can't be copied: {error}.") from error


def copy_files(submission: Path, target: Path, space: int, most: int = 1000) -> list[str]:
    """Copy what is beside the notebooks: regular files alone, since a link may point anywhere.

    Returns the names left out because there was no space for them.
    """
    left_out, submission = [], submission.resolve()
    for source in sorted(path for path in submission.rglob("*") if path.suffix != ".ipynb"):
        status = source.lstat()
        if not stat.S_ISREG(status.st_mode) or source.parent.resolve() != source.parent:
            continue
        if status.st_size > space or most == 0:
            left_out.append(str(source.relative_to(submission)))
            continue
        space, most = space - status.st_size, most - 1
        copy = target / source.relative_to(submission)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    return left_out


@cache
def python_folders(python: Path) -> tuple[Path, ...]:
    """The folders that this Python lives in: its environment and the installation beneath."""
    ask = "import sys; print(*{sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}, sep='\\n')"
    try:
        answer = subprocess.run([python, "-I", "-c", ask], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise MachineFault(
            f"The students' Python {python} does not run ({error}). Make it with `make setup`, "
            "or name another one with c.SandboxedExecute.python."
        ) from error
    folders = {Path(line) for line in answer.stdout.splitlines()} | {Path(os.path.realpath(python)).parent.parent}
    return tuple(sorted(folders | {folder.resolve() for folder in folders}))
