"""The student's bench: preview and check a function, look at data, draw, explore.

Nothing here knows an answer.
"""

__all__ = ["check", "preview", "try_it"]


def __getattr__(name: str):
    """Import the bench when it is first asked for: `labkit.environment` must run where NumPy is missing."""
    if name in __all__:
        from labkit import bench

        return getattr(bench, name)
    raise AttributeError(f"module 'labkit' has no attribute {name!r}")
