"""Lab 00: wrong and right versions of batch_size."""

import numpy as np

from gradekit.bank import mistake, right

ROWS = "It counts rows. One example stands in one column: which axis holds the examples?"


@mistake("batch_size", ROWS)
def counts_features(X):
    return X.shape[0]


@mistake("batch_size", "It counts all the numbers in X. How many columns are there?")
def counts_entries(X):
    return X.size


@mistake("batch_size", "It returns the number of axes, which is 2 for every matrix. You want the length of one axis.")
def counts_axes(X):
    return X.ndim


@mistake("batch_size", "It returns the whole shape. Which of the two numbers is the number of columns?")
def whole_shape(X):
    return X.shape


@mistake("batch_size", "It returns one number for every batch. Read it off X.")
def fits_one_batch(X):
    return 5


@mistake("batch_size", "It is right only when X is wider than tall. A batch can have more features than examples.")
def longest_axis(X):
    return max(X.shape)


@right("batch_size")
def length_of_a_row(X):
    return len(X[0])


@right("batch_size")
def of_the_transpose(X):
    return len(X.T)


@right("batch_size")
def as_a_numpy_number(X):
    return np.int64(X.shape[-1])


@right("batch_size")
def by_counting(X):
    return sum(1 for _ in X.T)
