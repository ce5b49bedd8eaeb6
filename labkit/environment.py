"""Whether this computer has what the labs need, in plain words.

Leans on nothing but the standard library, so that it can still speak where something is missing. Where the notebook
does not even start, `python labkit/environment.py` says the same.
"""

import importlib
import re
import sys
from importlib.metadata import PackageNotFoundError, version

PYTHON = (3, 11)
NEEDED = {"numpy": "2.0", "matplotlib": "3.9", "ipywidgets": "8.0", "jupyterlab": "4.2", "ipykernel": "6.29"}
IMPORTED = ("numpy", "matplotlib", "ipywidgets")  # tried, not only looked up; the others take seconds
WANTED = {"nbgrader": "0.9.5"}
INSTALL = "pip install -r requirements.txt"


def check_environment() -> None:
    """Print what is there, what is missing or too old, and what to do."""
    lines, to_do = report()
    print("\n".join(lines))
    print(to_do)


def report() -> tuple[list[str], str]:
    """One line for each thing, and the one thing to do next."""
    python = ".".join(map(str, sys.version_info[:3]))
    new_enough = sys.version_info[:2] >= PYTHON
    lines = [f"ok       Python {python}" if new_enough else f"too old  Python {python}; 3.11 or newer is needed"]
    needed = [_look_at(name, least) for name, least in NEEDED.items()]
    wanted = [_look_at(name, least) for name, least in WANTED.items()]
    lines += needed + [f"{line} (for Validate and for handing in)" for line in wanted]
    return lines, _next_step(new_enough, all(map(_is_ok, needed)), all(map(_is_ok, wanted)))


def _next_step(python: bool, needed: bool, wanted: bool) -> str:
    if not python:
        return f"Install Python 3.11 or newer, make a new environment with it, and run there: {INSTALL}"
    if not needed:
        return f"Run in a terminal, in the folder of this lab: {INSTALL}   Then restart the kernel and run this again."
    if not wanted:
        return f"You can work. For the Validate button run: {INSTALL}"
    return "All is there. You can start."


def _look_at(name: str, least: str) -> str:
    try:
        if name in IMPORTED:
            importlib.import_module(name)
        found = version(name)
    except PackageNotFoundError:
        return f"missing  {name}; {least} or newer is needed"
    except Exception as error:  # a half-installed package may raise anything
        if isinstance(error, ModuleNotFoundError) and error.name == name:
            return f"missing  {name}; {least} or newer is needed"
        return f"broken   {name}: {type(error).__name__}: {error}"
    if _numbers(found) < _numbers(least):
        return f"too old  {name} {found}; {least} or newer is needed"
    return f"ok       {name} {found}"


def _is_ok(line: str) -> bool:
    return line.startswith("ok")


def _numbers(text: str) -> tuple[int, ...]:
    """The leading numbers of a version: "4.2.0rc1" gives (4, 2, 0)."""
    return tuple(int(part) for part in re.findall(r"\d+", text.split("rc")[0])[:3])


if __name__ == "__main__":
    check_environment()
