"""Steps that take turns in one process, and one process for each number of threads, since BLAS reads it once."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from gradekit.course import ROOT

THREADS = (1, 2)
TURNS, SECONDS, PAUSE = 5, 0.25, 0.1  # a thread pool that waits in a loop would slow down the next side


def medians(steps: dict[str, Callable]) -> dict[str, float]:
    """The median milliseconds of each step, side by side."""
    spent = {name: [] for name in steps}
    for _ in range(TURNS):
        for name, step in steps.items():
            time.sleep(PAUSE)
            step()
            until = time.perf_counter() + SECONDS
            while time.perf_counter() < until:
                began = time.perf_counter()
                step()
                spent[name].append(1000 * (time.perf_counter() - began))
    return {name: statistics.median(times) for name, times in spent.items()}


def add_torch() -> None:
    sys.path.append(str(ROOT / ".torch"))  # last, so that it shadows nothing


def on_each_number_of_threads(module: str) -> dict[str, list]:
    """What `python -m module --measure` prints as JSON, on one thread and on two."""
    return {f"{count} thread{'s' if count > 1 else ''}": _with_threads(module, count) for count in THREADS}


def _with_threads(module: str, count: int) -> list:
    threads = {name: str(count) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    command = [sys.executable, "-m", module, "--measure"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | threads, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return json.loads(done.stdout)
