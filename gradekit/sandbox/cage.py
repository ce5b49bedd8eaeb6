"""One submission's cage: which Python, which files, which environment, which limits."""

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from gradekit.sandbox.limits import Limits

SCRATCH = "/scratch"


class MachineFault(RuntimeError):
    """The machine failed, not the student: no score may come of it. Mend the cause and grade again."""


@dataclass(frozen=True)
class Cage:
    """Everything that a kernel gets.

    files: the submission's own, as a zip archive. private: what no mount may show.
    folder: one of the host's for this kernel alone; a cold start makes it.
    """

    python: Path
    lab_library: Path | None = None
    seed: str = ""
    files: bytes = b""
    limits: Limits = field(default_factory=Limits)
    sandbox: bool = True
    private: tuple[Path, ...] = ()
    folder: Path | None = None

    @property
    def scratch(self) -> str:
        return SCRATCH if self.sandbox else str(self.folder / "scratch")

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


def refuse_exposure(shown: Iterable[Path], private: Iterable[Path]) -> None:
    """Raise MachineFault when a folder that student code is to see holds what it must not see."""
    for folder in shown:
        for secret in private:
            if secret.resolve().is_relative_to(folder.resolve()):
                raise MachineFault(
                    f"{secret} lies within {folder}, which student code must see. Move the course, or use virtual "
                    "environments of their own for the grader and for the students' Python."
                )


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
