"""Lab 08: blocks put together. What is driven is what they return: the output, dA, and the gradients.

A branch or a block is described as (make, *arrays), and made anew for every call: make(*arrays) is the block.
"""

import numpy as np

from labkit.cases.layers import draw, is_list
from labkit.exercise import Case, Exercise

# --- blocks to put together -------------------------------------------------------------------------------------------


def product(M):
    """Z = M A."""
    return lambda A: (M @ A, lambda d: (M.T @ d, [d @ A.T]))


def scaled(g, c):
    """Z = g A + c, one g and one c for each row."""

    def block(A):
        return g * A + c, lambda d: (g * d, [(d * A).sum(axis=1, keepdims=True), d.sum(axis=1, keepdims=True)])

    return block


def sine():
    return lambda A: (np.sin(A), lambda d: (d * np.cos(A), []))


def growth():
    """e^A. Its pullback reads its own output."""

    def block(A):
        out = np.exp(A / 2)
        return out, lambda d: (d * out / 2, [])

    return block


def bent(M, N):
    """tanh(M sin(N A)). Its pullback reads its own output."""

    def block(A):
        inner = N @ A
        out = np.tanh(M @ np.sin(inner))

        def pullback(d):
            slope = d * (1 - out * out)
            back = M.T @ slope * np.cos(inner)
            return N.T @ back, [slope @ np.sin(inner).T, back @ A.T]

        return out, pullback

    return block


def nothing():
    """Hands on the very arrays it gets."""
    return lambda A: (A, lambda d: (d, []))


def column():
    """The mean over the examples."""
    return lambda A: (A.mean(axis=1, keepdims=True), lambda d: (d + 0 * A, []))


# --- what is put together, and on which numbers -----------------------------------------------------------------------


def results(returned, counts):
    return returned


def calls(returned, counts):
    """How often each block went forward, and how often back."""
    return None if returned is None else np.array(counts)


def setting(parts, shape, out=None, batches=1, turns=(0,), look=results, dtype=np.float64):
    """Blocks of drawn parameters, batches of this shape, and a d for each turn, of the shape of the output.

    parts: (make, *shapes of its arrays), or a list of such parts, put together. turns: which batch is pulled back.
    """

    def inputs(rng):
        def drawn(part):
            if isinstance(part, list):
                return [drawn(each) for each in part]
            return part[0], *(draw(rng, *each, dtype) for each in part[1:])

        def numbers(shape):
            return rng.normal(0.2, 1, shape).astype(dtype)

        return (
            drawn(parts),
            [numbers(shape) for _ in range(batches)],
            [(turn, numbers(out or shape)) for turn in turns],
            look,
        )

    return inputs


def counted(block, counts):
    """The block, which keeps count of its calls."""
    own = [0, 0]
    counts.append(own)

    def counting(A):
        own[0] += 1
        out, pullback = block(A)

        def counting_back(d):
            own[1] += 1
            return pullback(d)

        return out, counting_back

    return counting


def there_and_back(block, batches, turns):
    """(output, dA, gradients) of each turn. All batches go forward before the first turn goes back."""
    if not callable(block):
        return block
    passes = [block(A) for A in batches]
    for each in passes:
        if not is_list(each):
            return each
        if [callable(item) for item in each] != [False, True]:
            return [callable(item) for item in each]
    found = [(passes[turn][0], passes[turn][1](d)) for turn, d in turns]
    found = [(out, *pulled) if is_list(pulled) else (out, pulled) for out, pulled in found]
    return found[0] if len(found) == 1 else found


def put_together(fn, part, combine, counts):
    """What fn makes of a part: a list is combined, anything else is a block of ours."""
    if isinstance(part, list):
        return combine(fn, [put_together(fn, each, combine, counts) for each in part])
    make, *arrays = part
    return counted(make(*arrays), counts)


def driven(combine):
    """A driver: combine(fn, blocks) is the block to look at."""

    def run(fn, inputs):
        parts, batches, turns, look = inputs
        counts = []
        return look(there_and_back(put_together(fn, parts, combine, counts), batches, turns), counts)

    return run


# --- what can't be right ----------------------------------------------------------------------------------------------


def arrays_of(part):
    """The parameters of all blocks, in order."""
    if isinstance(part, list):
        return [array for each in part for array in arrays_of(each)]
    return list(part[1:])


def unlike(name, array, tensor):
    """What is wrong with the form of a gradient that has the form of tensor, in a sentence."""
    if not isinstance(array, np.ndarray):
        return f"expected an array of shape {tensor.shape} for {name}, got {'a list' if is_list(array) else 'none'}."
    if array.shape != tensor.shape:
        return f"expected shape {tensor.shape} for {name}, got {array.shape}."
    if array.dtype != tensor.dtype:
        return f"expected dtype {tensor.dtype} for {name}, got {array.dtype}."
    return None


def block_complaint(result, parts, batches, turns, look):
    """What is wrong with the form of what the block and its pullback return, in a sentence."""
    if look is calls:
        return None
    if not is_list(result) or all(isinstance(item, np.ndarray) and item.dtype == bool for item in result):
        return "block(A) must return two things: the output and a function, the pullback."
    for found, (turn, _) in zip([result] if len(turns) == 1 else result, turns):
        if not is_list(found) or len(found) != 3:
            return "pullback(d) must return two things: dA and the list of gradients."
        complaint = unlike("dA, that of A", found[1], batches[turn])
        complaint = complaint or gradients_complaint(found[2], arrays_of(parts), again=len(turns) > 1)
        if complaint:
            return complaint
    return None


def gradients_complaint(gradients, parameters, again):
    """again: whether the block was called, or pulled back, more than once."""
    if not is_list(gradients) or len(gradients) != len(parameters):
        came = f"{len(gradients)}" if is_list(gradients) else "no list"
        left = is_list(gradients) and len(gradients) > len(parameters) and again
        advice = " An earlier call left some: start each list inside the function that fills it." if left else ""
        return f"expected one list with a gradient for each of {len(parameters)} parameters, got {came}.{advice}"
    named = ((f"gradient {n} of {len(parameters)}", *pair) for n, pair in enumerate(zip(gradients, parameters), 1))
    return next(filter(None, (unlike(*each) for each in named)), None)


# --- chain ------------------------------------------------------------------------------------------------------------

NARROWING = [(product, (4, 3)), (sine,), (scaled, (4, 1), (4, 1)), (product, (2, 4))]
MANY = [(scaled, (3, 1), (3, 1)), (bent, (5, 4), (4, 3)), (growth,), (product, (4, 5)), (sine,), (product, (2, 4))]
EQUAL = [(product, (3, 3)), (sine,), (bent, (3, 3), (3, 3)), (product, (3, 3)), (growth,), (product, (3, 3))]
INPUTS = ("the parameters of a block", "A", "d, what comes back")
NESTED = [(product, (3, 2)), [(sine,), (product, (4, 3)), (scaled, (4, 1), (4, 1))], [(product, (2, 4))]]

chain = Exercise(
    "chain",
    "chain(blocks)",
    cases=(
        Case("4 blocks and 5 examples", setting(NARROWING, (3, 5), (2, 5))),
        Case("6 blocks and 4 examples", setting(MANY, (3, 4), (2, 4))),
        Case("6 blocks of equal widths", setting(EQUAL, (3, 3))),
        Case("one block", setting([(bent, (2, 4), (4, 3))], (3, 5), (2, 5)), "edge"),
        Case("no block at all", setting([], (3, 4)), "edge"),
        Case("blocks without parameters", setting([(sine,), (nothing,), (growth,)], (2, 5)), "edge"),
        Case("one example", setting(NARROWING, (3, 1), (2, 1)), "edge"),
        Case("a chain of chains", setting(NESTED, (2, 5), (2, 5)), "edge"),
        Case("two batches forward, then both back", setting(EQUAL, (3, 5), batches=2, turns=(1, 0)), "edge"),
        Case("one batch pulled back twice", setting(NARROWING, (3, 5), (2, 5), turns=(0, 0)), "edge"),
        Case("how often each block is called", setting(NARROWING, (3, 5), (2, 5), turns=(0, 0), look=calls), "edge"),
        Case("float32", setting(NARROWING, (3, 4), (2, 4), dtype=np.float32), "form"),
    ),
    sense=block_complaint,
    run=driven(lambda chain, blocks: chain(blocks)),
    inputs=INPUTS,
)

# --- residual ---------------------------------------------------------------------------------------------------------


def zeros(M):
    """A branch whose matrix is 0."""
    return product(np.zeros_like(M))


def misfit(branch, batches):
    """The shapes of F(A) and of A where they differ, or None."""
    while isinstance(branch[0], list):  # a residual block has the shape of its branch
        branch = branch[0]
    make, *arrays = branch[0]
    shape = make(*arrays)(batches[0])[0].shape
    return None if shape == batches[0].shape else (shape, batches[0].shape)


def result_or_refusal(residual, inputs):
    """What comes back; where the shapes differ, whether there is a ValueError, and whether it names both."""
    parts, batches, turns, look = inputs
    shapes = misfit(parts, batches)
    if shapes is None:
        return driven(lambda residual, blocks: residual(*blocks))(residual, inputs)
    make, *arrays = parts[0]
    try:
        residual(make(*arrays))(batches[0])
    except Exception as error:  # without a check, NumPy may raise, or broadcast
        return isinstance(error, ValueError), all(str(shape) in str(error) for shape in shapes)
    return False, False


def refusal_missing_or_complaint(result, parts, batches, turns, look):
    shapes = misfit(parts, batches)
    if shapes is None:
        return block_complaint(result, parts, batches, turns, look)
    if not all(result):
        return f"F(A) has shape {shapes[0]}, A has {shapes[1]}: expected a ValueError that names both."
    return None


LINEAR, BENT = [(product, (3, 3))], [(bent, (4, 3), (3, 4))]

residual = Exercise(
    "residual",
    "residual(branch)",
    cases=(
        Case("a linear branch, 5 examples", setting(LINEAR, (3, 5))),
        Case("a branch with two matrices, 6 examples", setting(BENT, (4, 6))),
        Case("a branch with one number for each row", setting([(scaled, (5, 1), (5, 1))], (5, 3))),
        Case("as many examples as rows", setting(BENT, (4, 4))),
        Case("a branch without parameters, on images", setting([(growth,)], (2, 3, 4, 5)), "edge"),
        Case("a branch that gives 0", setting([(zeros, (3, 3))], (3, 4)), "edge"),
        Case("a branch that hands on A itself", setting([(nothing,)], (3, 4)), "edge"),
        Case("one example", setting(BENT, (4, 1)), "edge"),
        Case("a residual block as the branch of another", setting([BENT], (4, 5)), "edge"),
        Case("two batches forward, then both back", setting(BENT, (4, 5), batches=2, turns=(1, 0)), "edge"),
        Case("one batch pulled back twice", setting(BENT, (4, 5), turns=(0, 0)), "edge"),
        Case("how often the branch is called", setting(BENT, (4, 5), turns=(0, 0), look=calls), "edge"),
        Case("a branch with fewer rows", setting([(product, (2, 3))], (3, 4), (2, 4)), "edge"),
        Case("a branch with a single row", setting([(product, (1, 3))], (3, 4)), "edge"),
        Case("a branch with more rows than A's single one", setting([(product, (4, 1))], (1, 5), (4, 5)), "edge"),
        Case("a branch with a single column", setting([(column,)], (3, 4)), "edge"),
        Case("float32", setting(BENT, (4, 5), dtype=np.float32), "form"),
    ),
    sense=refusal_missing_or_complaint,
    run=result_or_refusal,
    inputs=INPUTS,
)
