"""The bubblewrap command that builds the walls of a cage."""

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from gradekit.sandbox.cage import SCRATCH, Cage, python_folders, refuse_exposure
from gradekit.sandbox.limits import MB

CAGED = Path(__file__).with_name("caged")
SYSTEM_LINKS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/fonts")
# Matplotlib brings its own fonts. Looking through the system's takes seconds, and plots would differ by machine.
FONTS = ("/usr/share/fonts", "/usr/local/share/fonts")
OWN = Path("/sandbox")
TEMPORARY = 64 * MB
LIBRARY = OWN / "library"


def spare_user() -> int | None:
    """A user that owns nothing, new for each sandbox, when we are root and there is one; else None."""
    if os.geteuid() != 0:
        return None
    spans = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    highest = min(max(int(first) + int(count) for first, _, count in spans), 2**31)
    return None if highest < 1000 else highest // 2 + secrets.randbelow(highest // 2 - 2)


def walls(user: int | None, rooms: bool = False) -> list[str]:
    """Namespaces and privileges. As root bwrap keeps just what is needed inside to become `user`.

    rooms: more namespaces may be made inside, as the warm parent does.
    """
    own = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup"]
    if user is None:
        own += ["--unshare-user", *([] if rooms else ["--disable-userns"]), "--uid", "1000", "--gid", "1000"]
    else:
        own += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return [*own, "--hostname", "grading", "--die-with-parent", "--new-session"]


def system() -> list[str]:
    """The operating system, read-only, and empty folders of bounded size to write to."""
    arguments = ["--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev"]
    for link in SYSTEM_LINKS:
        if os.path.islink(link):
            arguments += ["--symlink", os.readlink(link), link]
        elif os.path.isdir(link):
            arguments += ["--ro-bind", link, link]
    arguments += folder("/etc")
    for file in SYSTEM_FILES:
        arguments += ["--ro-bind-try", file, file]
    for fonts in filter(os.path.isdir, FONTS):
        arguments += ["--tmpfs", fonts, "--remount-ro", fonts]
    return [*arguments, *empty("/dev/shm", TEMPORARY), "--remount-ro", "/dev", *empty("/tmp", TEMPORARY)]


def folder(path: str | Path) -> list[str]:
    """A folder that another user may pass; those that bwrap makes unasked shut it out."""
    return ["--perms", "0755", "--dir", str(path)]


def empty(path: str, size: int) -> list[str]:
    return ["--perms", "1777", "--size", str(size), "--tmpfs", path]


def mounts(python: Path, library: Path | None, private: Iterable[Path]) -> dict[Path, Path]:
    """What of the host every sandbox shows read-only, and where: {inside: outside}."""
    shown = {folder: folder for folder in python_folders(python) if not folder.is_relative_to("/usr")}
    shown[OWN / "caged"] = CAGED
    if library:
        shown[LIBRARY] = library
    refuse_exposure((Path("/usr"), *shown.values()), private)
    return shown


def launch(cage: Cage, user: int | None, kernel_arguments: list[str]) -> list[str]:
    """The command that runs in the cage: the student's Python, which limits itself and becomes the kernel."""
    inside = OWN if cage.sandbox else cage.folder
    options = {
        "user": user,
        "limits": vars(cage.limits),
        "count_processes": cage.sandbox,  # outside a sandbox the user's other processes would count too
        "library": str(LIBRARY if cage.sandbox else cage.lab_library) if cage.lab_library else None,
        "files": str(inside / "files"),
        "scratch": cage.scratch,
    }
    enter = (OWN / "caged" if cage.sandbox else CAGED) / "enter.py"
    kernel = [*kernel_arguments, "-f", str(inside / "kernel.json")]
    return [str(cage.python), "-I", str(enter), json.dumps(options), *kernel]


def enclose(bwrap: Path, walls: list[str], scratch: int, shown: dict[Path, Path], command: list[str]) -> list[str]:
    """The whole command line. Later mounts lie upon earlier ones."""
    arguments = [str(bwrap), *walls, *system(), *empty(SCRATCH, scratch)]
    for inside, outside in shown.items():
        for parent in reversed(inside.parents[:-1]):
            arguments += folder(parent)
        arguments += ["--ro-bind", str(outside), str(inside)]
    return [*arguments, "--remount-ro", "/", "--chdir", SCRATCH, "--", *command]
