"""Shapes, parameter counts, and the way forward through a tiny net."""

from labkit.drills.families.shapes import forward, parameter_counts, shapes

FAMILIES = (
    parameter_counts.FAMILY,
    shapes.FAMILY,
    forward.FAMILY,
)
