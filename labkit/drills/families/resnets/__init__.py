"""Residual blocks, convolutions by hand, their sizes, and what a bottleneck saves."""

from labkit.drills.families.resnets import bottleneck, convolution_by_hand, convolution_size, residual

FAMILIES = (
    residual.FAMILY,
    convolution_size.FAMILY,
    bottleneck.FAMILY,
    convolution_by_hand.FAMILY,
)
