"""Backpropagation: output deltas, slopes, one layer, and whole passes through small nets."""

from labkit.drills.families.backprop import backward_221, backward_232, linear_pattern, output_delta, slopes

FAMILIES = (
    output_delta.FAMILY,
    slopes.FAMILY,
    linear_pattern.FAMILY,
    backward_221.FAMILY,
    backward_232.FAMILY,
)
