"""What a grade was made of, as one digest: it is made again only where something of that has changed."""

import hashlib
import json
import os
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from gradekit.course import ROOT

PACKAGES = ("gradekit", "labkit", "dnnlib")
LIBRARIES = ("numpy", "nbformat", "nbgrader")


def digest(*parts: Any) -> str:
    """Of texts, bytes and JSON-able data; the bounds between the parts count."""
    whole = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True, default=str).encode()
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()


@cache
def code_digest() -> str:
    """Of the course's own code and the libraries that a grade depends on."""
    files = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return digest(*contents(files, ROOT), *map(version, LIBRARIES))


def environment_digest(python: Path) -> str:
    """Of what is installed beside the students' Python, by name and version."""
    return digest(sorted(path.name for path in python.parent.parent.glob("lib*/python*/site-packages/*.dist-info")))


def contents(files: Iterable[Path], base: Path) -> Iterable[bytes]:
    for path in files:
        yield os.fsencode(path.relative_to(base))
        yield path.read_bytes()
