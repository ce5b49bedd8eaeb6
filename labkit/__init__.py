"""The student's bench: preview and check a function, look at data, draw, explore.

Nothing here knows an answer.
"""

from labkit.bench import check, preview, try_it

__all__ = ["check", "preview", "try_it"]
