"""Steps of optimizers: plain, with momentum, Adam; and schedules of the learning rate."""

from labkit.drills.families.optimizers import adam, momentum, schedules, sgd

FAMILIES = (
    sgd.FAMILY,
    momentum.FAMILY,
    adam.FAMILY,
    schedules.FAMILY,
)
