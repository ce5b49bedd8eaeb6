"""The reference: each function of dnnlib with its formula, its contract, and the mistakes that have a name."""

import importlib
import inspect
import re
import tomllib
from collections.abc import Callable
from types import ModuleType

import nbformat

from book import HERE
from book.folds import dropdown
from gradekit.bank import mistakes_of
from gradekit.course import LABS, Lab

FORMULAS = HERE / "formulas.toml"


def pages() -> dict[str, str]:
    """One page for each lab that brings functions, and one that lists them all."""
    bringing = [lab for lab in LABS if lab.modules]
    made = {f"reference/{lab.name}.md": page(lab) for lab in bringing}
    return made | {"reference/index.md": index(bringing)}


def index(labs: list[Lab]) -> str:
    lines = [
        "# Reference", "",
        "`dnnlib` holds the answers of the labs, a small library of bare functions: arrays in, arrays out. "
        "One example is one column. Each function stands here with its formula, its shapes and errors, "
        "and the mistakes that grading knows by name.", "",
    ]  # fmt: skip
    for lab in labs:
        names = [f"[`{name}`](#fn-{name})" for module in modules_of(lab) for name in functions_of(module)]
        lines += [f"{{doc}}`{lab.name}`", f": {', '.join(names)}", ""]
    entries = "\n".join(lab.name for lab in labs)
    return "\n".join([*lines, f"```{{toctree}}\n:hidden:\n\n{entries}\n```", ""])


def page(lab: Lab) -> str:
    parts = [f"# {title_of(lab)}", f"What students write in {{doc}}`../labs/{lab.name}`, and what it stands on."]
    formulas = tomllib.loads(FORMULAS.read_text())
    for module in modules_of(lab):
        name = module.__name__.partition(".")[2]
        parts += [f"## `dnnlib.{name}`", inspect.getdoc(module) or ""]
        parts += [entry(function, formulas[name][key]) for key, function in functions_of(module).items()]
    return "\n\n".join(parts) + "\n"


def title_of(lab: Lab) -> str:
    """Losses (lab 02)."""
    heading = nbformat.read(lab.source(), as_version=4).cells[0].source.partition("\n")[0]
    number, name = re.fullmatch(r"# Lab (\d+): (.+)", heading).groups()
    return f"{name} (lab {number})"


def modules_of(lab: Lab) -> list[ModuleType]:
    return [importlib.import_module(f"dnnlib.{name}") for name in lab.modules]


def functions_of(module: ModuleType) -> dict[str, Callable]:
    """The public functions that this module defines, in its order."""
    return {
        name: thing
        for name, thing in vars(module).items()
        if inspect.isfunction(thing) and thing.__module__ == module.__name__ and not name.startswith("_")
    }


def entry(function: Callable, formula: str) -> str:
    """One function: its formula, its docstring, the hints of its known mistakes."""
    name = function.__name__
    text = [f"(fn-{name})=\n### `{name}{arguments(function)}`", f"$$\n{formula}\n$$",
            f"```text\n{inspect.getdoc(function)}\n```"]  # fmt: skip
    hints = [f"- {mistake.name.replace('_', ' ')}: {mistake.hint}" for mistake in mistakes_of(name)]
    if hints:
        text.append(dropdown(f"Known mistakes and their hints ({len(hints)})", "\n".join(hints)))
    return "\n\n".join(text)


def arguments(function: Callable) -> str:
    """(theta, g, eta=0.1): the names and the defaults, without types."""
    signature = inspect.signature(function)
    bare = [each.replace(annotation=each.empty) for each in signature.parameters.values()]
    return str(signature.replace(parameters=bare, return_annotation=signature.empty))
