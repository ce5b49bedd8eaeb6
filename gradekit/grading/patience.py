"""A gradebook that is locked, or whose database was restarted, is waited for."""

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from gradekit.folder import DiskFull, Unanswered, trouble

AT_THE_START, WHILE_GRADING = 15, 60  # seconds
Given = TypeVar("Given")


def patiently(act: Callable[[], Given], seconds: float, reconnect: Callable[[], object] | None = None) -> Given:
    """What act() gives, tried again for so long as the gradebook does not answer.

    reconnect: what comes before each new try. Raises Trouble when the time is over, DiskFull at once.
    """
    end, again = time.monotonic() + seconds, False
    while True:
        try:
            if again and reconnect:
                reconnect()
            return act()
        except (DBAPIError, Unanswered) as error:
            why = error if isinstance(error, Unanswered) else trouble(str(error).splitlines()[0])
            if isinstance(why, DiskFull) or time.monotonic() > end:
                raise why from error
        again = True
        time.sleep(0.5)
