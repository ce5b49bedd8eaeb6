"""Runs inside the sandbox, by the student's Python: sets the limits, gives up root, becomes the kernel.

python -I enter.py '{"user": ..., "limits": {...}, ...}' KERNEL_ARGUMENTS
It can import the standard library alone.
"""

import ctypes
import json
import os
import resource
import runpy
import shutil
import sys
from contextlib import suppress

PR_SET_DUMPABLE = 4
CAPABILITY_VERSION = 0x20080522


def set_limits(limits: dict, count_processes: bool) -> None:
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_AS": limits["memory"],
        "RLIMIT_CPU": limits["cpu"],
        "RLIMIT_FSIZE": limits["file_size"],
        "RLIMIT_NOFILE": limits["open_files"],
    }
    if count_processes:
        wanted["RLIMIT_NPROC"] = limits["processes"]
    for name, value in wanted.items():
        number = getattr(resource, name)
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # at the soft limit of processor time comes SIGXCPU, which tells the reason; at the hard one SIGKILL
        resource.setrlimit(number, (value, value + 1 if name == "RLIMIT_CPU" and value != hard else value))


def become(user: int) -> None:
    """Another user, for good and without capabilities."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capset((ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)()) != 0:
        raise OSError(ctypes.get_errno(), "the capabilities can't be given up")
    # otherwise the process may not read its own /proc/self, which libraries do
    libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)


def main(options: dict, kernel_arguments: list[str]) -> None:
    set_limits(options["limits"], options["count_processes"])
    if options["user"] is not None:
        become(options["user"])
    os.umask(0o077)
    os.makedirs(options["scratch"], exist_ok=True)
    with suppress(OSError):  # shutil.Error too: a file that can't be copied is missing, no more
        shutil.copytree(options["files"], options["scratch"], dirs_exist_ok=True)
    os.chdir(options["scratch"])
    if options["library"]:
        sys.path.insert(0, options["library"])
    # last on the path, and only once the kernel stands: a submitted file shadows nothing and starts nothing
    then = f"__import__('sys').path.append({options['scratch']!r})"
    sys.argv = ["ipykernel_launcher", f"--InteractiveShellApp.exec_lines={then}", *kernel_arguments]
    runpy.run_module("ipykernel_launcher", run_name="__main__")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
