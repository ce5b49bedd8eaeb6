"""From `gradekit lab` (what `make lab` runs) to a kernel that has run a cell, and the time of Validate.

Everything is asked over HTTP, as the browser asks. Validate's peer is Validate of a notebook with one line, which
is what starting and stopping a kernel costs.
"""

import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

import nbformat

from benchmarks.measure import table
from gradekit.course import LABS, ROOT
from gradekit.lab_library import assemble

ROUNDS = 3
BIN = Path(sys.executable).parent


def request(url: str, data: dict | None = None, form: bool = False):
    """GET, or POST the data, and read the JSON answer."""
    body = None
    if data is not None:
        body = urllib.parse.urlencode(data).encode() if form else json.dumps(data).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body), timeout=120) as answer:
        return json.load(answer)


def wait_until(ready, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            ready()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("JupyterLab did not become ready")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def run_a_cell(base: str, runtime: Path) -> None:
    from jupyter_client import BlockingKernelClient

    kernel = request(f"{base}/api/kernels", {"name": "python3"})["id"]
    client = BlockingKernelClient(connection_file=str(runtime / f"kernel-{kernel}.json"))
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    client.execute_interactive("import numpy", timeout=60)
    client.stop_channels()


def one_round(folder: Path, port: int) -> dict[str, float]:
    """Seconds to the first answer, to a kernel that has run a cell, and of Validate for each notebook."""
    base, runtime = f"http://127.0.0.1:{port}", folder / "runtime"
    environment = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(folder), "JUPYTER_RUNTIME_DIR": str(runtime)}
    command = [BIN / "gradekit", "lab", "--no-browser", f"--port={port}"]
    options = ["--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True"]
    started, spent = time.perf_counter(), {}
    process = subprocess.Popen([*command, *options], cwd=folder, env=environment, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
    try:
        wait_until(lambda: request(f"{base}/api"))
        spent["make lab: the server answers"] = time.perf_counter() - started
        run_a_cell(base, runtime)
        spent["make lab: a kernel has run a cell"] = time.perf_counter() - started
        for name in ("one_line", *(lab.name for lab in LABS)):
            began = time.perf_counter()
            request(f"{base}/assignments/validate", {"path": f"{name}/{name}.ipynb"}, form=True)
            spent[f"Validate {name}"] = time.perf_counter() - began
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # JupyterLab is a child of the command
        process.wait()
    return spent


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(ROOT / "nbgrader_config.py", folder)
        release = folder / "release"
        one_line = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
        (release / "one_line").mkdir(parents=True)
        nbformat.write(one_line, release / "one_line" / "one_line.ipynb")
        for lab in LABS:
            (release / lab.name).mkdir()
            shutil.copy(lab.source(), release / lab.name)
            assemble(lab.name, release / lab.name)
        rounds = [one_round(folder, free_port()) for _ in range(ROUNDS)]
    seconds = {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
    floor = seconds["Validate one_line"]
    rows = [[key, value, value / floor if key.startswith("Validate") else ""] for key, value in seconds.items()]
    table(f"Seconds, median of {ROUNDS} rounds", ["", "seconds", "of Validate one_line"], rows)


if __name__ == "__main__":
    main()
