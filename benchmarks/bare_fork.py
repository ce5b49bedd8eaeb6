"""For the student's Python: a notebook's cells run by IPython in warm forks, with nothing around them.

python -I bare_fork.py NOTEBOOK LIBRARY TURNS
prints as JSON, for each fork, its processor seconds, the seconds of its cells, and what they put out.
"""

import contextlib
import importlib
import io
import json
import os
import pkgutil
import sys
import time

import matplotlib.pyplot  # noqa: F401
import numpy  # noqa: F401
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

PRIMERS = (
    "import matplotlib.pyplot as plt\nplt.plot([0, 1], label='a')\nplt.legend()\nplt.show()",
    "1 / 0",
)


class Shell(InteractiveShell):
    def enable_gui(self, gui: str | None = None) -> None:
        """There is none: pictures are made as in a kernel."""


def warm_shell() -> Shell:
    """A shell as a kernel's, that has drawn a figure and printed a traceback."""
    config = Config()
    config.HistoryManager.enabled = False
    shell = Shell.instance(config=config, display_pub_class=CapturingDisplayPublisher)
    shell.run_line_magic("matplotlib", "inline")
    run(shell, PRIMERS)
    shell.reset()
    shell.display_pub.outputs.clear()
    return shell


def run(shell: Shell, cells) -> int:
    """Run the cells with their output kept. Returns how many failed."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return sum(not shell.run_cell(cell, store_history=True).success for cell in cells)


def in_a_fork(shell: Shell, cells: list[str]) -> dict:
    """What the fork spent and did: {"cpu": ..., "cells": ..., "failed": ..., "pictures": ..., "evidence": ...}."""
    answer, say = os.pipe()
    child = os.fork()
    if child == 0:
        began = time.perf_counter()
        failed = run(shell, cells)
        spent = time.perf_counter() - began
        mimes = [mime for output in shell.display_pub.outputs for mime in output["data"]]
        report = {
            "cells": spent,
            "failed": failed,
            "pictures": mimes.count("image/png"),
            "evidence": sum("evidence" in mime for mime in mimes),
        }
        os.write(say, json.dumps(report).encode())
        os._exit(0)
    os.close(say)
    with os.fdopen(answer) as stream:
        report = json.load(stream)
    usage = os.wait4(child, 0)[2]
    return {"cpu": usage.ru_utime + usage.ru_stime, **report}


def main(notebook: str, library: str, turns: int) -> None:
    sys.path.insert(0, library)
    for module in pkgutil.walk_packages([library]):  # a grader's warm parent imports the lab's library too
        importlib.import_module(module.name)
    with open(notebook) as stream:
        cells = ["".join(cell["source"]) for cell in json.load(stream)["cells"] if cell["cell_type"] == "code"]
    shell = warm_shell()
    if len(os.listdir("/proc/self/task")) > 1:
        raise RuntimeError("a process with threads must not be forked")
    print(json.dumps([in_a_fork(shell, cells) for _ in range(turns)]))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
