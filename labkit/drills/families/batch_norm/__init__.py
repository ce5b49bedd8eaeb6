"""Batch normalization: four numbers in training, the sums of the way back, running averages at inference."""

from labkit.drills.families.batch_norm import batch_norm_inference, batch_norm_training

FAMILIES = (
    batch_norm_training.FAMILY,
    batch_norm_inference.FAMILY,
)
