"""A submission's own files, as an archive that can go into a sandbox or to another machine."""

import io
import stat
import zipfile
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

MOST = 1000  # files


@dataclass(frozen=True)
class Packed:
    """archive: a zip, empty where there is nothing. left_out: the files that found no space."""

    archive: bytes = b""
    left_out: tuple[str, ...] = ()


def pack(submission: Path, space: int, leave: Container[str] = ()) -> Packed:
    """What stands beside the notebooks: regular files alone, since a link may point anywhere.

    leave: names of folders and files at the top that are not packed.
    """
    submission = submission.resolve()
    packed, left_out, buffer = 0, [], io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for source in sorted(path for path in submission.rglob("*") if path.suffix != ".ipynb"):
            name, status = source.relative_to(submission), source.lstat()
            if name.parts[0] in leave or not stat.S_ISREG(status.st_mode) or source.parent.resolve() != source.parent:
                continue
            if status.st_size > space or packed == MOST or not is_text(str(name)):
                left_out.append(str(name))
                continue
            space, packed = space - status.st_size, packed + 1
            archive.writestr(str(name), source.read_bytes())
    return Packed(buffer.getvalue() if packed else b"", tuple(left_out))


def is_text(name: str) -> bool:
    """Whether a file's name can be written as UTF-8; Linux allows any bytes."""
    return name.isprintable()


def unpack(archive: bytes, folder: Path) -> None:
    if archive:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            files.extractall(folder)
