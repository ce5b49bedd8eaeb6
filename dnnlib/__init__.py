"""dnnlib: feed-forward deep networks in bare NumPy, the reference of the course.

One module belongs to one lab. One example per column: A is (n, m), W is (n_l, n_{l-1}), b is (n_l, 1).
Arrays in, arrays out: no input is changed, and float32 stays float32.
"""
