"""The environment check names what is missing or too old, and what to do."""

import subprocess
import sys

import pytest


def run_without(module: str, code: str) -> subprocess.CompletedProcess:
    """Run code where importing the module fails, as if it were not installed."""
    hide = f"""
import importlib.metadata, sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == {module!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hide())
known = importlib.metadata.version
def version(name):
    if name == {module!r}:
        raise importlib.metadata.PackageNotFoundError(name)
    return known(name)
importlib.metadata.version = version
"""
    return subprocess.run([sys.executable, "-c", hide + code], capture_output=True, text=True)


SCRIPT = "import runpy; runpy.run_path('labkit/environment.py', run_name='__main__')"


@pytest.mark.parametrize("module", ["numpy", "matplotlib", "ipywidgets", "jupyterlab", "ipykernel"])
def test_a_missing_module_is_named_with_what_to_do(module):
    done = run_without(module, SCRIPT)
    assert done.returncode == 0 and done.stderr == ""
    missing = [line for line in done.stdout.splitlines() if line.startswith("missing")]
    assert len(missing) == 1 and module in missing[0]
    assert "pip install -r requirements.txt" in done.stdout.splitlines()[-1]


def test_nbgrader_is_only_wished_for():
    done = run_without("nbgrader", SCRIPT)
    assert done.stdout.splitlines()[-1].startswith("You can work.")


def test_in_a_notebook_a_missing_module_ends_in_no_traceback():
    done = run_without("matplotlib", "from labkit.environment import check_environment; check_environment()")
    assert done.returncode == 0 and "missing  matplotlib" in done.stdout and done.stderr == ""


def test_a_whole_environment_can_start(capsys):
    from labkit.environment import check_environment

    check_environment()
    assert capsys.readouterr().out.splitlines()[-1] == "All is there. You can start."


def test_too_old_is_told(monkeypatch):
    from labkit import environment

    monkeypatch.setitem(environment.NEEDED, "numpy", "99.1")
    lines, to_do = environment.report()
    assert any(line.startswith("too old  numpy") and "99.1 or newer" in line for line in lines)
    assert environment.INSTALL in to_do
    monkeypatch.setattr(environment, "PYTHON", (4, 0))
    assert environment.report()[1].startswith("Install Python")


def test_versions_compare_as_numbers():
    from labkit.environment import _numbers

    assert _numbers("4.10") > _numbers("4.9.2")
    assert _numbers("8.0.0rc1") == (8, 0, 0)
