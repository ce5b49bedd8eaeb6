"""The picture of the front page: four step functions, as a student writes them in lab 05, walk down one valley."""

from dnnlib.optimizers import adam_step, momentum_step, rmsprop_step, sgd_step
from labkit.explorers.engine import Frame, Screen
from labkit.explorers.optimizers import descent

STATE = {"eta": 0.02, "mu": 0.8}  # momentum arrives, the others are on their way


def pages() -> dict[str, bytes]:
    return {"pictures/descent.png": frame().png}


def frame() -> Frame:
    explorer = descent(sgd_step, momentum_step, rmsprop_step, adam_step)
    return Screen(explorer).show({**explorer.start, **STATE}, compression=9)
