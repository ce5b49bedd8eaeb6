"""A folder on a small disk of its own, in a mount namespace, so that it can be filled; no root is needed."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

HOLD = 'mount -t tmpfs -o size={size}m disk "{folder}" && echo ready && exec sleep 1000'
FILL = 'head -c 1000000000 /dev/zero > "{folder}/filler"'


class SmallDisk:
    """Commands that begin with `inside` see it."""

    def __init__(self, folder: Path, megabytes: int):
        self.folder = folder
        script = HOLD.format(size=megabytes, folder=folder)
        self._holder = subprocess.Popen(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script], stdout=subprocess.PIPE, text=True
        )
        assert self._holder.stdout.readline() == "ready\n"
        target = str(self._holder.pid)
        self.inside = ["nsenter", "--target", target, "--user", "--mount", "--preserve-credentials", "--"]

    def run(self, *command: str) -> str:
        return subprocess.run([*self.inside, *command], capture_output=True, text=True, check=True).stdout

    def fill(self) -> None:
        subprocess.run([*self.inside, "sh", "-c", FILL.format(folder=self.folder)], stderr=subprocess.DEVNULL)

    def make_room(self) -> None:
        self.run("rm", f"{self.folder}/filler")

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait()


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    folder.mkdir()
    disk = SmallDisk(folder, megabytes)
    try:
        yield disk
    finally:
        disk.close()
