"""Give up rights: limits, user, capabilities, system calls. The standard library alone."""

import ctypes
import os
import resource

PR_SET_DUMPABLE, PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 4, 1, 22, 38
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION = 0x20080522
LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF, MAKE_BLOCK_DEVICE = 444, 446, 1 << 11
M_ARENA_MAX = -8
INSTRUCTION = 8  # bytes of one step of a filter

libc = ctypes.CDLL(None, use_errno=True)


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def must(result: int, what: str) -> int:
    """The result of a call of libc. Raises OSError when it failed."""
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def set_limits(limits: dict, count_processes: bool) -> None:
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_AS": limits["memory"],
        "RLIMIT_CPU": limits["cpu"],
        "RLIMIT_FSIZE": limits["file_size"],
        "RLIMIT_NOFILE": limits["open_files"],
    }
    if count_processes:
        wanted["RLIMIT_NPROC"] = limits["processes"]
    for name, value in wanted.items():
        number = getattr(resource, name)
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # at the soft limit of processor time comes SIGXCPU, which tells the reason; at the hard one SIGKILL
        resource.setrlimit(number, (value, value + 1 if name == "RLIMIT_CPU" and value != hard else value))


def share_arenas() -> None:
    """malloc would set aside 64 MB of address space for each thread, and the limit of memory counts them."""
    libc.mallopt(M_ARENA_MAX, 2)


def become(user: int) -> None:
    """Another user, for good and without capabilities."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    drop_capabilities()
    show_own_process(True)


def drop_capabilities() -> None:
    header, none = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)()
    must(libc.capset(header, none), "the capabilities can't be given up")


def show_own_process(yes: bool) -> None:
    """Whether processes of the same user, this one included, may read /proc/self/mem and its like."""
    must(libc.prctl(PR_SET_DUMPABLE, int(yes), 0, 0, 0), "prctl")


def die_with_parent() -> None:
    must(libc.prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0), "prctl")


def stand_apart() -> None:
    """No new privileges; and by Landlock, where the kernel has it, no look into processes that were there before.

    Landlock wants a rule about files: it is one that costs nothing, to make no block devices.
    """
    must(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    rule = ctypes.c_uint64(MAKE_BLOCK_DEVICE)
    rules = libc.syscall(LANDLOCK_CREATE_RULESET, ctypes.byref(rule), ctypes.sizeof(rule), 0)
    if rules != -1:
        must(libc.syscall(LANDLOCK_RESTRICT_SELF, rules, 0), "Landlock")
        os.close(rules)


def filter_calls(program: bytes) -> None:
    """The system calls that the filter lets through, after stand_apart."""
    if program:
        rules = Program(len(program) // INSTRUCTION, program)
        must(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(rules), 0, 0), "the filter of system calls")
