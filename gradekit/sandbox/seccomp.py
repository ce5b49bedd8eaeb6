"""System calls that student code never needs, as a filter for bwrap --seccomp.

They make memory that counts for no process, new namespaces and mounts, or reach rarely used parts of the kernel.
"""

import errno
import platform
import struct

X86_64, AARCH64 = 0xC000003E, 0xC00000B7
DENIED = {  # name: (x86_64, aarch64)
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
}
CLONE, CLONE3 = (56, 220), (435, 435)
CLONE_NEWUSER = 0x10000000
X32_CALLS = 0x40000000

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def seccomp_filter(machine: str | None = None) -> bytes | None:
    """The filter's program for this machine, None where the numbers of its system calls are not known here."""
    column = {"x86_64": 0, "aarch64": 1}.get(machine or platform.machine())
    if column is None:
        return None
    refuse = _step(RETURN, ERROR | errno.EPERM)
    program = [
        _step(LOAD, 4),
        _step(EQUAL, (X86_64, AARCH64)[column], if_true=1),
        _step(RETURN, KILL),
        _step(LOAD, 0),
        _step(AT_LEAST, X32_CALLS, if_false=1),
        refuse,
        # clone3 hides its flags from a filter; libc goes back to clone when told that there is none
        _step(EQUAL, CLONE3[column], if_false=1),
        _step(RETURN, ERROR | errno.ENOSYS),
        *(step for call in DENIED.values() for step in (_step(EQUAL, call[column], if_false=1), refuse)),
        _step(EQUAL, CLONE[column], if_false=3),
        _step(LOAD, 16),
        _step(ANY_BIT, CLONE_NEWUSER, if_false=1),
        refuse,
        _step(RETURN, ALLOW),
    ]
    return b"".join(program)
