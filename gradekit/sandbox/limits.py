"""What one submission may use."""

from dataclasses import dataclass

KB, MB, GB = 10**3, 10**6, 10**9


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, times in seconds.

    `memory` holds for each process and for all of them together; files in scratch count apart.
    """

    memory: int = 2 * GB
    wall: float = 300
    cpu: int = 240
    processes: int = 64
    open_files: int = 256
    file_size: int = 64 * MB
    scratch: int = 256 * MB
    output_kept: int = 1 * MB
    output: int = 20 * MB
    message: int = 4 * MB  # a larger one is counted, not read: in memory it grows many times over
    grader: int = 300 * MB  # what unread messages may add to the grader's own memory


def size(count: float) -> str:
    """A number of bytes in words, such as "2 GB"."""
    for unit, name in ((GB, "GB"), (MB, "MB"), (KB, "kB")):
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count:.0f} bytes"
