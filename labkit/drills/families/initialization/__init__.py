"""Initialization: the variance of the weights, and what becomes of a signal's variance from layer to layer."""

from labkit.drills.families.initialization import signal_through_layers, weight_variance

FAMILIES = (
    weight_variance.FAMILY,
    signal_through_layers.FAMILY,
)
