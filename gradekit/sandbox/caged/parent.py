"""The warm parent: imports what every submission needs, once, and forks a child for each.

python -I parent.py '{"user": ..., "modules": [...], ...}'
On its control socket come the sockets of its children, one after the other; what became of a child goes out.
It runs inside bubblewrap with the rights of a user that owns nothing, and has one thread. A child gets namespaces of
its own (user, mounts, processes, shared memory) with fresh temporary folders, so that it meets neither its parent
nor another submission; when it ends, all that it started ends with it.
"""

import base64
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import zipfile
from typing import NoReturn

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from caged import confine  # noqa: E402
from caged.packets import Reader, send  # noqa: E402

IDLE = 900  # seconds without a job after which it ends
NEW_USER, NEW_MOUNTS, NEW_PROCESSES, NEW_SHARED_MEMORY = 0x10000000, 0x00020000, 0x20000000, 0x08000000
CLONE = {"x86_64": 56, "aarch64": 220}  # the number of the system call
NOSUID, NODEV, NOEXEC, BIND, REC, PRIVATE = 2, 4, 8, 0x1000, 0x4000, 0x40000
LARGEST_JOB, LONGEST_WORD = 50_000, 100
ID = 1000
NOT_STARTED = 70
WORDS = {b"interrupt": signal.SIGINT, b"kill": signal.SIGKILL}


def main(options: dict) -> None:
    if options["user"] is not None:
        confine.become(options["user"])
    confine.share_arenas()
    control = socket.socket(fileno=options["control"])
    if options["library"]:
        sys.path.insert(0, options["library"])
    from caged import shell

    del sys.path[1 if options["library"] else 0]
    ready = shell.make_shell()
    for module in (*options["modules"], *modules_in(options["library"])):
        with contextlib.suppress(Exception):  # the student's cell will say so
            importlib.import_module(module)
    threads = os.listdir("/proc/self/task")
    if len(threads) != 1:
        raise SystemExit(f"The warm parent has {len(threads)} threads: it can't be forked safely.")
    gc.collect()
    gc.freeze()  # a child's collector would touch, and so copy, all that it has from here
    confine.show_own_process(False)
    send(control, {"ready": shell.LANGUAGE})
    while select.select([control], [], [], IDLE)[0]:
        word, descriptors, _, _ = socket.recv_fds(control, LONGEST_WORD, 2)
        if not word:
            return
        if word in WORDS:  # came after the child's end
            continue
        user, group = os.geteuid(), os.getegid()
        child = fork_apart()
        if child == 0:
            control.close()
            be_first_process(user, group, ready, *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        send(control, {"ended": attend(child, control)})


def modules_in(folder: str | None) -> list[str]:
    return [module.name for module in pkgutil.walk_packages([folder], onerror=lambda name: None)] if folder else []


def fork_apart() -> int:
    """os.fork into new namespaces, where the child is the first process and has all rights over them alone."""
    flags = NEW_USER | NEW_MOUNTS | NEW_PROCESSES | NEW_SHARED_MEMORY | signal.SIGCHLD
    return confine.must(confine.libc.syscall(CLONE[os.uname().machine], flags, 0, 0, 0, 0), "clone")


def attend(child: int, control: socket.socket) -> int:
    """Wait for a child, and pass on what the grader says meanwhile; its exit code, 128 + signal if it was killed."""
    ended = os.pidfd_open(child)
    while True:
        ready = select.select([control, ended], [], [])[0]
        if ended in ready:
            break
        word = control.recv(LONGEST_WORD)
        if not word:
            os._exit(0)
        os.kill(child, WORDS[word])
    os.close(ended)
    return exit_code(os.waitpid(child, 0)[1])


def be_first_process(user: int, group: int, shell, channel: int, files: int | None = None) -> NoReturn:
    """It reads its job from the child's own socket, so that the parent has nothing of it to hand to the next."""
    try:
        channel = socket.socket(fileno=channel)
        job, _ = Reader(channel, LARGEST_JOB).read()
        confine.die_with_parent()
        map_user(user, group)
        furnish(job["folders"], job["shown"])
        os.chdir(job["scratch"])
        if files is not None:
            unpack(files, job["scratch"])
            os.close(files)
        output = [nameless_file(), nameless_file()]
        kernel = os.fork()
        if kernel == 0:
            become_student(job, output)
            sys.modules["caged.shell"].serve(shell, channel)
        channel.close()
        for descriptor in output:
            os.close(descriptor)
        signal.signal(signal.SIGINT, lambda *_: os.killpg(kernel, signal.SIGINT))
        confine.drop_capabilities()
        bury(kernel)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(NOT_STARTED)


def bury(kernel: int) -> NoReturn:
    """Take in what is left of all processes until the kernel itself ends; with this process end all the others."""
    while True:
        pid, status = os.wait()
        if pid == kernel:
            os._exit(exit_code(status))


def exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def nameless_file() -> int:
    return os.open("/tmp", os.O_TMPFILE | os.O_RDWR | os.O_APPEND, 0o600)


def map_user(user: int, group: int) -> None:
    """One user, the same as outside: no root, neither here nor there."""
    confine.show_own_process(True)
    for file, text in (("setgroups", "deny"), ("uid_map", f"{ID} {user} 1"), ("gid_map", f"{ID} {group} 1")):
        with open(f"/proc/self/{file}", "w") as stream:
            stream.write(text)
    confine.show_own_process(False)


def furnish(folders: dict[str, int], shown: list[str]) -> None:
    """Empty folders of bounded size, seen by this submission alone, and where the kernel allows it an own /proc.

    What bubblewrap shows somewhere below one of them is shown there again.
    """
    mount(None, "/", None, REC | PRIVATE)
    covered = [(path, os.open(path, os.O_PATH)) for path in shown if path.startswith(tuple(f"{f}/" for f in folders))]
    for folder, size in folders.items():
        mount("tmpfs", folder, "tmpfs", NOSUID | NODEV, f"size={size},mode=0700")
    for path, before in covered:
        os.makedirs(path)
        mount(f"/proc/self/fd/{before}", path, None, BIND | REC)
        os.close(before)
    with contextlib.suppress(OSError):
        mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC)


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    texts = [text.encode() if text else None for text in (source, target, kind, data)]
    confine.must(confine.libc.mount(texts[0], texts[1], texts[2], flags, texts[3]), f"mount {target}")


def unpack(descriptor: int, folder: str) -> None:
    """The submission's own files. One that finds no space is missing, no more."""
    with open(descriptor, "rb", closefd=False) as file, zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            with contextlib.suppress(OSError):
                archive.extract(member, folder)


def become_student(job: dict, output: list[int]) -> None:
    os.setsid()
    for number, descriptor in ((0, os.open("/dev/null", os.O_RDONLY)), (1, output[0]), (2, output[1])):
        os.dup2(descriptor, number)
    os.environ |= job["environment"]
    sys.path.append(job["scratch"])
    os.umask(0o077)
    reseed()
    confine.set_limits(job["limits"], True)
    confine.drop_capabilities()
    confine.stand_apart()
    confine.filter_calls(base64.b64decode(job["filter"]))
    confine.show_own_process(True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def reseed() -> None:
    """Forked children would all draw the same numbers from NumPy's global generator."""
    with contextlib.suppress(Exception):
        sys.modules["numpy"].random.seed()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
