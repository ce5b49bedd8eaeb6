"""The course as one ordered list: which lab brings which modules.

A student of lab k has the dnnlib modules of the labs before it, and labkit. Everything that releases, mounts or
checks a lab reads this list. A lab that is not whole stays out of it.
"""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class UnknownLab(ValueError):
    """No lab of this name."""


@dataclass(frozen=True)
class Lab:
    name: str
    modules: tuple[str, ...]  # of dnnlib: this lab's answers
    bench: tuple[str, ...] = ()  # of labkit: parts that no student has before this lab, since they hold answers

    def source(self, root: Path = ROOT) -> Path:
        return root / "source" / self.name / f"{self.name}.ipynb"

    def release(self, root: Path = ROOT) -> Path:
        return root / "release" / self.name / f"{self.name}.ipynb"


LABS = (
    Lab("00_start", ("start",)),
    Lab("01_shapes", ("layers", "activations")),
    Lab("02_losses", ("losses",)),
    Lab("03_backprop", ("backprop", "gradient_check")),
    Lab("04_initialization", ("initialization", "rectifiers")),
    Lab("05_optimizers", ("optimizers", "training")),
    Lab("06_regularization", ("regularization",)),
    Lab("07_batch_norm", ("batch_norm",)),
    Lab("08_resnets", ("blocks", "convolution")),
    Lab("09_midterm", (), bench=("drills",)),
)
COMING: tuple[Lab, ...] = ()  # being written: neither released nor graded


def lab(name: str) -> Lab:
    """The lab of this name."""
    for each in LABS:
        if each.name == name:
            return each
    raise UnknownLab(f"There is no lab {name!r}. The labs are: {', '.join(each.name for each in LABS)}.")


def modules_before(name: str) -> tuple[str, ...]:
    """The dnnlib modules that a student of this lab has: those of the labs before it."""
    lab(name)
    modules: list[str] = []
    for each in LABS:
        if each.name == name:
            break
        modules.extend(each.modules)
    return tuple(modules)


def closed_bench(name: str) -> tuple[str, ...]:
    """The parts of labkit that students of this lab do not have yet."""
    names = [each.name for each in (*LABS, *COMING)]
    later = names.index(name) + 1 if name in names else 0
    return tuple(part for each in (*LABS, *COMING)[later:] for part in each.bench)
