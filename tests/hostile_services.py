"""What a grader's machine may have within reach of whoever has no walls around: services, and a secret.

As a program it offers the services until it is killed.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator

ANSWER, PORT, ABSTRACT = b"101770", 48123, "\0gradekit-hostile"
SECRET = {"LMS_TOKEN": "secret"}


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """Services on 127.0.0.1 and on a socket without a file tell the answer to a question of the lab."""
    with socket.create_server(("127.0.0.1", PORT)) as network, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(ABSTRACT)
        abstract.listen()
        for service in (network, abstract):
            threading.Thread(target=answer, args=[service], daemon=True).start()
        try:
            yield
        finally:
            for service in (network, abstract):
                service.shutdown(socket.SHUT_RDWR)  # whoever waits for a caller holds it open


def answer(service: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it was closed
        while True:
            caller, _ = service.accept()
            with caller:
                caller.sendall(ANSWER)


if __name__ == "__main__":
    with answering():
        threading.Event().wait()
