"""Values of losses: cross-entropy, log-sum-exp, squared error, binary cross-entropy."""

from labkit.drills.families.losses import bce_value, cross_entropy_value, log_sum_exp, squared_error_value

FAMILIES = (
    cross_entropy_value.FAMILY,
    log_sum_exp.FAMILY,
    squared_error_value.FAMILY,
    bce_value.FAMILY,
)
