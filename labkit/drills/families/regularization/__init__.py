"""Regularization: the L2 penalty and its step, dropout, early stopping."""

from labkit.drills.families.regularization import dropout, early_stopping, l2_step

FAMILIES = (
    l2_step.FAMILY,
    dropout.FAMILY,
    early_stopping.FAMILY,
)
