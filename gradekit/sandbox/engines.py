"""Which kernel a submission gets: a warm one where that is possible, else a cold one."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gradekit.sandbox.cage import Cage, MachineFault
from gradekit.sandbox.cold import ColdKernel
from gradekit.sandbox.kernel import Kernel
from gradekit.sandbox.probe import Probe
from gradekit.sandbox.warm import WarmKernel

AUTO, WARM, COLD = ENGINES = ("auto", "warm", "cold")
KINDS = {WARM: WarmKernel, COLD: ColdKernel}
STARTUP = 60  # seconds

log = logging.getLogger(__name__)
_failed: str | None = None  # why there are no warm kernels on this machine


@contextmanager
def running_kernel(cage: Cage, engine: str = AUTO, startup: float = STARTUP) -> Iterator[Kernel]:
    """A kernel that is ready. Raises MachineFault when it does not start, twice."""
    kernel = start(cage, engine, startup)
    try:
        yield kernel
    finally:
        kernel.close()


def start(cage: Cage, engine: str, startup: float) -> Kernel:
    """A start that fails is tried once more. AUTO: then cold, from there on."""
    global _failed
    if engine != AUTO:
        return twice(KINDS[engine], cage, startup)
    if cage.sandbox and not _failed:
        try:
            return twice(WarmKernel, cage, startup)
        except MachineFault as error:
            _failed = str(error)
            log.warning("No warm kernels here, each submission gets a cold one: %s", error)
    return twice(ColdKernel, cage, startup)


def twice(kind: type[Kernel], cage: Cage, startup: float) -> Kernel:
    try:
        return kind(cage, startup)
    except MachineFault:
        return kind(cage, startup)


def warm_probe(python: Path) -> Probe:
    """Whether kernels can be forked from a warm parent here. Trying tells."""
    try:
        with running_kernel(Cage(python), WARM) as kernel:
            kernel.run("1", STARTUP)
    except MachineFault as fault:
        return Probe(False, str(fault))
    return Probe(True, "they start")
