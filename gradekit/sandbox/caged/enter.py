"""The cold start: sets the limits, gives up root, becomes a kernel.

python -I enter.py '{"user": ..., "limits": {...}, ...}' KERNEL_ARGUMENTS
"""

import json
import os
import runpy
import shutil
import sys
from contextlib import suppress

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from caged.confine import become, set_limits, share_arenas, stand_apart  # noqa: E402

del sys.path[0]


def main(options: dict, kernel_arguments: list[str]) -> None:
    set_limits(options["limits"], options["count_processes"])
    if options["user"] is not None:
        become(options["user"])
    stand_apart()
    share_arenas()
    os.umask(0o077)
    os.makedirs(options["scratch"], exist_ok=True)
    with suppress(OSError):  # shutil.Error too: a file that can't be copied is missing, no more
        shutil.copytree(options["files"], options["scratch"], dirs_exist_ok=True)
    os.chdir(options["scratch"])
    if options["library"]:
        sys.path.insert(0, options["library"])
    # last on the path, and only once the kernel stands: a submitted file shadows nothing and starts nothing
    # exit() in a cell must not end the kernel a moment later, in whichever cell that is
    then = f"__import__('sys').path.append({options['scratch']!r}); get_ipython().ask_exit = lambda: None"
    sys.argv = ["ipykernel_launcher", f"--InteractiveShellApp.exec_lines={then}", *kernel_arguments]
    runpy.run_module("ipykernel_launcher", run_name="__main__")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
