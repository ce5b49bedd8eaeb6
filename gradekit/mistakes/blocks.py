"""Lab 08: wrong and right versions of chain and residual."""

from functools import reduce

import numpy as np

from dnnlib.blocks import chain, residual
from gradekit.bank import mistake, right

# --- chain ------------------------------------------------------------------------------------------------------------


def forward(blocks, A):
    """The output and all pullbacks, first to last."""
    pullbacks = []
    for each in blocks:
        A, pullback = each(A)
        pullbacks.append(pullback)
    return A, pullbacks


def back(pullbacks, d, combine=lambda own, gradients: own + gradients):
    """d through all pullbacks, the last one first. combine: the gradients of a block, and those gathered so far."""
    gradients = []
    for pullback in reversed(pullbacks):
        d, own = pullback(d)
        gradients = combine(own, gradients)
    return d, gradients


def wrong_way_back(hint):
    """Enter a chain with this way back: f(pullbacks, d) -> what pullback(d) returns."""

    def enter(way):
        def version(blocks):
            def block(A):
                out, pullbacks = forward(blocks, A)
                return out, lambda d: way(pullbacks, d)

            return block

        version.__name__ = way.__name__
        return mistake("chain", hint)(version)

    return enter


ONE_LIST = "The gradients of all blocks stand in one flat list. What does + make of two lists, and append?"
IN_ORDER = "The gradients come out last block first. In which order do their parameters stand?"
ALL_GRADIENTS = "Every block's gradients belong in the list. Where are those of the blocks before kept?"


@wrong_way_back("The pullbacks run first to last. Which block is the d of the output handed to first?")
def pulled_back_forward(pullbacks, d):
    gradients = []
    for pullback in pullbacks:
        d, own = pullback(d)
        gradients = gradients + own
    return d, gradients


@wrong_way_back("The pullbacks run first to last, and the gradients stand last to first. Which block comes last on the "
                "way forward?")  # fmt: skip
def pulled_back_forward_and_turned(pullbacks, d):
    return back(pullbacks[::-1], d)


@wrong_way_back(IN_ORDER)
def gradients_last_block_first(pullbacks, d):
    return back(pullbacks, d, lambda own, gradients: gradients + own)


@wrong_way_back("The gradients come out in order of the blocks, but turned within each block. What is turned around: "
                "the list of blocks, or that of all gradients?")  # fmt: skip
def gradients_turned_within(pullbacks, d):
    return back(pullbacks, d, lambda own, gradients: own[::-1] + gradients)


@wrong_way_back("The whole list of gradients is turned around. In which order do a block's own parameters stand?")
def gradients_turned(pullbacks, d):
    return back(pullbacks, d, lambda own, gradients: gradients + own[::-1])


@wrong_way_back(f"Only the first block's gradients are left: each block overwrites the list. {ALL_GRADIENTS}")
def gradients_of_the_first_block(pullbacks, d):
    return back(pullbacks, d, lambda own, gradients: own)


@wrong_way_back(f"Only the last block's gradients are left. {ALL_GRADIENTS}")
def gradients_of_the_last_block(pullbacks, d):
    _, own = pullbacks[-1](d)
    return back(pullbacks, d)[0], own


@wrong_way_back(f"It holds one list for each block. {ONE_LIST}")
def gradients_nested(pullbacks, d):
    return back(pullbacks, d, lambda own, gradients: [own, *gradients])


@wrong_way_back(f"It holds one list for each block, last block first. {ONE_LIST}")
def gradients_nested_and_turned(pullbacks, d):
    return back(pullbacks, d, lambda own, gradients: [*gradients, own])


@wrong_way_back("Blocks without parameters leave a None in the list. How many gradients does such a block have?")
def none_for_no_parameters(pullbacks, d):
    return back(pullbacks, d, lambda own, gradients: (own or [None]) + gradients)


@wrong_way_back("No gradients come back. What will the optimizer step along?")
def gradients_dropped(pullbacks, d):
    return back(pullbacks, d)[0], []


@wrong_way_back("Every block gets the d of the output. What does the pullback of the block after it return?")
def output_s_d_for_every_block(pullbacks, d):
    pulled = [pullback(d) for pullback in pullbacks]
    return pulled[0][0], [gradient for _, own in pulled for gradient in own]


@wrong_way_back("It returns the d that it was given. Which one does the block before this chain need?")
def d_handed_back(pullbacks, d):
    return d, back(pullbacks, d)[1]


@wrong_way_back("It returns the d of the first block's output. Is the first block pulled back too?")
def first_block_not_pulled_back(pullbacks, d):
    return back(pullbacks[1:], d)[0], back(pullbacks, d)[1]


@wrong_way_back("The first block's pullback never runs. Where does the loop end?")
def first_block_left_out(pullbacks, d):
    return back(pullbacks[1:], d)


@wrong_way_back("The last block's pullback never runs. Where does the loop begin?")
def last_block_left_out(pullbacks, d):
    return back(pullbacks[:-1], d)


@wrong_way_back("Only the last block is pulled back. Does a return stand inside the loop?")
def only_the_last_pulled_back(pullbacks, d):
    return back(pullbacks[-1:], d)


@wrong_way_back("The list of gradients comes first. What does a pullback return first?")
def gradients_first(pullbacks, d):
    return back(pullbacks, d)[::-1]


@wrong_way_back("Only dA comes back. What else does a pullback return?")
def only_dA(pullbacks, d):
    return back(pullbacks, d)[0]


@wrong_way_back("Only the gradients come back. What does the block before this chain need?")
def only_gradients(pullbacks, d):
    return back(pullbacks, d)[1]


@wrong_way_back("dA and the gradients stand in one list. A pullback returns two things: which?")
def all_in_one_list(pullbacks, d):
    d, gradients = back(pullbacks, d)
    return [d, *gradients]


@wrong_way_back("Pulled back a second time, it hands on d itself: the pullbacks were taken out of their list.")
def pullbacks_used_up(pullbacks, d):
    gradients = []
    while pullbacks:
        d, own = pullbacks.pop()(d)
        gradients = own + gradients
    return d, gradients


@wrong_way_back("Pulled back a second time, it runs in the other direction: reverse() turns the list itself.")
def pullbacks_turned_in_place(pullbacks, d):
    gradients = []
    pullbacks.reverse()
    for pullback in pullbacks:
        d, own = pullback(d)
        gradients = own + gradients
    return d, gradients


@wrong_way_back("Each pullback runs twice, once for d and once for the gradients. Can one call give both?")
def every_pullback_twice(pullbacks, d):
    gradients = []
    for pullback in reversed(pullbacks):
        gradients = pullback(d)[1] + gradients
        d = pullback(d)[0]
    return d, gradients


@mistake("chain", "Every block gets the chain's own input. Which array does the second block work on?")
def first_input_for_every_block(blocks):
    def block(A):
        pairs = [each(A) for each in blocks]
        out = pairs[-1][0] if pairs else A
        return out, lambda d: back([pullback for _, pullback in pairs], d)

    return block


@mistake("chain", "The blocks run last to first on the way forward. In which order are they handed in?")
def forward_turned(blocks):
    return chain(blocks[::-1])


@mistake("chain", "The last block does not run. Where does the loop end?")
def last_block_does_not_run(blocks):
    return chain(blocks[:-1])


@mistake("chain", "Only the first block runs. Does a return stand inside the loop?")
def first_block_only(blocks):
    return chain(blocks[:1])


@mistake("chain", "Its output is the input. Is what a block returns kept for the next one?")
def output_is_the_input(blocks):
    def block(A):
        _, pullbacks = forward(blocks, A)
        return A, lambda d: back(pullbacks, d)

    return block


@mistake("chain", "Every turn pulls back with the last block's pullback: one name, overwritten. Where are the others "
         "kept?")  # fmt: skip
def last_pullback_for_all(blocks):
    def block(A):
        out, pullbacks = forward(blocks, A)
        return out, lambda d: back(pullbacks[-1:] * len(pullbacks), d)

    return block


@mistake("chain", "The way forward runs again in the pullback. Which functions can be kept from the first time?")
def forward_again_to_go_back(blocks):
    def block(A):
        return forward(blocks, A)[0], lambda d: back(forward(blocks, A)[1], d)

    return block


@mistake("chain", "Every block runs twice on the way forward, once for its output and once for its pullback. Can one "
         "call give both?")  # fmt: skip
def every_block_twice(blocks):
    def block(A):
        pullbacks = []
        for each in blocks:
            pullbacks.append(each(A)[1])
            A = each(A)[0]
        return A, lambda d: back(pullbacks, d)

    return block


@mistake("chain", "A second batch joins the pullbacks of the first. How long does the list live?")
def pullbacks_kept_across_batches(blocks):
    pullbacks = []

    def block(A):
        for each in blocks:
            A, pullback = each(A)
            pullbacks.append(pullback)
        return A, lambda d: back(pullbacks, d)

    return block


@mistake("chain", "A second d adds its gradients to those of the first. How long does the list live?")
def gradients_kept_across_pulls(blocks):
    def block(A):
        out, pullbacks = forward(blocks, A)
        gradients = []

        def pull_all(d):
            for pullback in reversed(pullbacks):
                d, own = pullback(d)
                gradients[:0] = own
            return d, list(gradients)

        return out, pull_all

    return block


@mistake("chain", "block(A) returns the output alone. What is needed for the way back?")
def pullback_not_returned(blocks):
    return lambda A: forward(blocks, A)[0]


@mistake("chain", "The pullback comes first. What does a block return first?")
def pullback_first(blocks):
    return lambda A: chain(blocks)(A)[::-1]


@mistake("chain", "block(A) returns a list of pullbacks. A chain is a block too: how many functions does it return?")
def list_of_pullbacks(blocks):
    return lambda A: forward(blocks, A)


@right("chain")
def chain_by_recursion(blocks):
    if not blocks:
        return lambda A: (A, lambda d: (d, []))
    first, rest = blocks[0], chain_by_recursion(blocks[1:])

    def block(A):
        middle, pull_first = first(A)
        out, pull_rest = rest(middle)

        def pullback(d):
            d, later = pull_rest(d)
            d, own = pull_first(d)
            return d, [*own, *later]

        return out, pullback

    return block


@right("chain")
def chain_of_twos(blocks):
    def after(f, g):
        def block(A):
            middle, pull_f = f(A)
            out, pull_g = g(middle)

            def pullback(d):
                d, later = pull_g(d)
                d, own = pull_f(d)
                return [d, own + later]

            return [out, pullback]

        return block

    return reduce(after, blocks, lambda A: (A, lambda d: (d, [])))


@right("chain")
def chain_with_inserts(blocks):
    def block(A):
        pullbacks = []
        for each in blocks:
            A, pullback = each(A)
            pullbacks.insert(0, pullback)

        def pullback(d):
            per_block = []
            for each in pullbacks:
                d, own = each(d)
                per_block.insert(0, own)
            return d, sum(per_block, [])

        return A, pullback

    return block


@right("chain")
class ChainAsAClass:
    def __init__(self, blocks):
        self.blocks = blocks

    def __call__(self, A):
        out, pullbacks = forward(self.blocks, A)

        def pullback(d):
            found = [None] * len(pullbacks)
            for i in range(len(pullbacks) - 1, -1, -1):
                d, found[i] = pullbacks[i](d)
            return d, [gradient for own in found for gradient in own]

        return out, pullback


@right("chain")
def chain_with_outputs_kept(blocks):
    def block(A):
        outputs, pullbacks = [A], {}
        for i in range(len(blocks)):
            out, pullbacks[i] = blocks[i](outputs[i])
            outputs.append(out)

        def pullback(d):
            gradients = []
            for i in sorted(pullbacks, reverse=True):
                d, own = pullbacks[i](d)
                gradients = list(own) + gradients
            return d, tuple(gradients)

        return outputs[-1], pullback

    return block


# --- residual ---------------------------------------------------------------------------------------------------------

INPUT_CHANGED = "The output is right, but A is changed for whoever called. What does += write to?"
D_CHANGED = "The values are right, but d is changed for whoever called. What does += write to?"
BROADCAST = "Where F(A) and A differ in shape, NumPy may stretch one of them. Which shapes may be added here?"


def checked(F, A):
    if F.shape != A.shape:
        raise ValueError(f"{F.shape} is not {A.shape}")


def wrong_way_there(hint):
    """Enter a residual block with this output: f(F, A) -> the output."""

    def enter(way):
        def version(branch):
            def block(A):
                F, pull_F = branch(A)
                checked(F, A)

                def pullback(d):
                    through, gradients = pull_F(d)
                    return d + through, gradients

                return way(F, A), pullback

            return block

        version.__name__ = way.__name__
        return mistake("residual", hint)(version)

    return enter


def wrong_pullback(hint):
    """Enter a residual block with this pullback: f(d, pull_F) -> what pullback(d) returns."""

    def enter(way):
        def version(branch):
            def block(A):
                F, pull_F = branch(A)
                checked(F, A)
                return A + F, lambda d: way(d, pull_F)

            return block

        version.__name__ = way.__name__
        return mistake("residual", hint)(version)

    return enter


def wrong_check(hint):
    """Enter a residual block with this check: f(F, A) raises what it raises."""

    def enter(check):
        def version(branch):
            def block(A):
                F, pull_F = branch(A)
                check(F, A)

                def pullback(d):
                    through, gradients = pull_F(d)
                    return d + through, gradients

                return A + F, pullback

            return block

        version.__name__ = check.__name__
        return mistake("residual", hint)(version)

    return enter


@mistake("residual", "It is the branch alone, there and back. What does the skip add to the output, and to dA?")
def no_skip(branch):
    return branch


@wrong_way_there("The output is F(A). What does the skip add?")
def no_skip_forward(F, A):
    return F


@wrong_way_there("The output is A. What has the branch made of it?")
def no_branch_forward(F, A):
    return A.copy()


@wrong_way_there("A and F(A) are multiplied. What comes out where F is 0, and what should?")
def multiplied(F, A):
    return A * F


@wrong_way_there("F(A) is subtracted. Which sign stands in h = x + F(x)?")
def subtracted(F, A):
    return A - F


@wrong_way_there("It gives F(A) - A: that is what the branch has to learn, not what the block returns.")
def what_the_branch_learns(F, A):
    return F - A


@wrong_way_there("It is the mean of A and F(A). Is there a factor in h = x + F(x)?")
def averaged(F, A):
    return (A + F) / 2


@wrong_way_there("A is added twice. How often does the skip run?")
def skip_twice(F, A):
    return A + F + A


@wrong_way_there("F(A) is added twice. How often does the branch count?")
def branch_counted_twice(F, A):
    return A + 2 * F


@wrong_way_there("A ReLU follows the addition on the way forward. What becomes of a negative A where F is 0?")
def relu_after(F, A):
    return np.maximum(A + F, 0)


@wrong_way_there("A and F(A) are stacked. Are they joined side by side here, or added?")
def stacked(F, A):
    return np.concatenate([A, F])


@mistake("residual", "A ReLU follows the addition, there and back. Is the block still the identity where F is 0?")
def relu_after_and_back(branch):
    def block(A):
        F, pull_F = branch(A)
        checked(F, A)

        def pullback(d):
            d = d * (A + F > 0)
            through, gradients = pull_F(d)
            return d + through, gradients

        return np.maximum(A + F, 0), pullback

    return block


@mistake("residual", "The branch works on its own output once more. How often does F stand in the formula?")
def branch_of_branch(branch):
    return residual(chain([branch, branch]))


@mistake("residual", "The skip is added before the branch runs, as F(2A). What does the branch work on?")
def skip_into_the_branch(branch):
    def block(A):
        F, pull_F = branch(A + A)
        checked(F, A)

        def pullback(d):
            through, gradients = pull_F(d)
            return d + through, gradients

        return A + F, pullback

    return block


@wrong_pullback("dA comes through the branch alone. Along which second way does A reach the output?")
def no_skip_back(d, pull_F):
    return pull_F(d)


@wrong_pullback("dA is d alone. Along which second way does A reach the output?")
def only_the_skip_back(d, pull_F):
    return d, pull_F(d)[1]


@wrong_pullback("dA is d alone, and no gradients come back. What does the branch learn from?")
def branch_not_pulled_back(d, pull_F):
    return d, []


@wrong_pullback("The branch's gradients are lost. What does pull_F return beside its dA?")
def gradients_lost(d, pull_F):
    return d + pull_F(d)[0], []


@wrong_pullback("d is added twice. How often does A reach the output past the branch?")
def d_doubled(d, pull_F):
    through, gradients = pull_F(d)
    return 2 * d + through, gradients


@wrong_pullback("The branch is handed 2d. What is the derivative of A + F(A) by F(A)?")
def twice_d_into_the_branch(d, pull_F):
    through, gradients = pull_F(2 * d)
    return d + through, gradients


@wrong_pullback("The branch is handed d/2. Does an addition share d out, or copy it?")
def d_shared_out(d, pull_F):
    through, gradients = pull_F(d / 2)
    return d / 2 + through, gradients


@wrong_pullback("The two ways back are multiplied. A reaches the output along two ways: are they added or multiplied?")
def ways_multiplied(d, pull_F):
    through, gradients = pull_F(d)
    return d * through, gradients


@wrong_pullback("The way through the branch is subtracted. Which sign stands in h = x + F(x)?")
def ways_subtracted(d, pull_F):
    through, gradients = pull_F(d)
    return d - through, gradients


@wrong_pullback("The skip adds 1, not d. What has the 1 of its derivative to be multiplied by?")
def skip_adds_1(d, pull_F):
    through, gradients = pull_F(d)
    return 1 + through, gradients


@wrong_pullback("d goes through the branch twice. How often does the pullback run?")
def through_the_branch_twice(d, pull_F):
    through, gradients = pull_F(pull_F(d)[0])
    return d + through, gradients


@wrong_pullback("The gradients stand in a list of their own. The branch already returns a list: may it be handed on?")
def gradients_in_a_list(d, pull_F):
    through, gradients = pull_F(d)
    return d + through, [gradients]


@wrong_pullback("The gradients come out in another order than the branch returns them.")
def residual_gradients_turned(d, pull_F):
    through, gradients = pull_F(d)
    return d + through, gradients[::-1]


@wrong_pullback("The list of gradients comes first. What does a pullback return first?")
def residual_gradients_first(d, pull_F):
    through, gradients = pull_F(d)
    return gradients, d + through


@wrong_pullback("Only dA comes back. What else does a pullback return?")
def residual_only_dA(d, pull_F):
    return d + pull_F(d)[0]


@wrong_pullback("d is joined to the gradients: + between a list and an array adds to every entry. Which part of what "
                "the branch returns belongs to d?")  # fmt: skip
def d_added_to_the_gradients(d, pull_F):
    through, gradients = pull_F(d)
    return through, [gradient + d.mean() for gradient in gradients]


@wrong_pullback("pull_F runs twice, once for dA and once for the gradients. Can one call give both?")
def branch_pulled_back_twice(d, pull_F):
    return d + pull_F(d)[0], pull_F(d)[1]


@wrong_pullback(D_CHANGED)
def d_changed(d, pull_F):
    through, gradients = pull_F(d)
    d += through
    return d, gradients


@wrong_pullback("It adds d to the array that the branch returned. What changes when a branch hands back d itself?")
def through_changed(d, pull_F):
    through, gradients = pull_F(d)
    through += d
    return through, gradients


@mistake("residual", INPUT_CHANGED)
def A_changed(branch):
    def block(A):
        F, pull_F = branch(A)
        checked(F, A)
        A += F

        def pullback(d):
            through, gradients = pull_F(d)
            return d + through, gradients

        return A, pullback

    return block


@mistake("residual", "It adds A to the array F(A) itself. A branch may need its output for the way back: what does += "
         "write to?")  # fmt: skip
def F_changed(branch):
    def block(A):
        F, pull_F = branch(A)
        checked(F, A)
        F += A

        def pullback(d):
            through, gradients = pull_F(d)
            return d + through, gradients

        return F, pullback

    return block


@mistake("residual", "The branch runs again in the pullback. Which function can be kept from the first time?")
def branch_again_to_go_back(branch):
    def block(A):
        F, _ = branch(A)
        checked(F, A)

        def pullback(d):
            through, gradients = branch(A)[1](d)
            return d + through, gradients

        return A + F, pullback

    return block


@mistake("residual", "The branch runs twice on the way forward, once for its output and once for its pullback. Can one "
         "call give both?")  # fmt: skip
def branch_runs_twice(branch):
    def block(A):
        F, pull_F = branch(A)[0], branch(A)[1]
        checked(F, A)

        def pullback(d):
            through, gradients = pull_F(d)
            return d + through, gradients

        return A + F, pullback

    return block


@mistake("residual", "A second batch takes the place of the first: the pullback reads what the latest call left. Where "
         "does pull_F have to be kept?")  # fmt: skip
def latest_pullback_only(branch):
    latest = []

    def block(A):
        F, pull_F = branch(A)
        checked(F, A)
        latest[:] = [pull_F]

        def pullback(d):
            through, gradients = latest[0](d)
            return d + through, gradients

        return A + F, pullback

    return block


@mistake("residual", "block(A) returns the output alone. What is needed for the way back?")
def residual_pullback_not_returned(branch):
    return lambda A: A + branch(A)[0]


@mistake("residual", "The pullback comes first. What does a block return first?")
def residual_pullback_first(branch):
    return lambda A: residual(branch)(A)[::-1]


@wrong_check(BROADCAST)
def no_check(F, A):
    pass


@wrong_check(f"Only the number of rows is compared. {BROADCAST}")
def rows_checked(F, A):
    if len(F) != len(A):
        raise ValueError(f"{F.shape} is not {A.shape}")


@wrong_check(f"Only the number of columns is compared. {BROADCAST}")
def columns_checked(F, A):
    if F.shape[-1] != A.shape[-1]:
        raise ValueError(f"{F.shape} is not {A.shape}")


@wrong_check("A shape that does not fit fails with an AssertionError. What do the callers of this course wait for?")
def asserted(F, A):
    assert F.shape == A.shape, f"{F.shape} is not {A.shape}"


@wrong_check("The ValueError does not name both shapes. What does its reader need to find the fault?")
def shapes_not_named(F, A):
    if F.shape != A.shape:
        raise ValueError("shapes differ")


@right("residual")
def skip_first(branch):
    def block(A):
        out, pull = branch(A)
        if np.shape(out) != np.shape(A):
            raise ValueError(f"The branch makes {out.shape} of {A.shape}.")

        def pullback(d):
            dA, gradients = pull(d)
            return np.add(dA, d), gradients

        return np.add(out, A), pullback

    return block


@right("residual")
def residual_without_inner_names(branch):
    def block(A):
        F, pull_F = branch(A)
        checked(F, A)
        return F + A, lambda d: (lambda dA, gradients: [dA + d, list(gradients)])(*pull_F(d))

    return block


@right("residual")
def residual_on_copies(branch):
    def block(A):
        h = A.copy()
        F, pull_F = branch(A)
        checked(F, A)
        h += F

        def pullback(d):
            dA = d.copy()
            through, gradients = pull_F(d)
            dA += through
            return dA, gradients

        return h, pullback

    return block


@right("residual")
class ResidualAsAClass:
    def __init__(self, branch):
        self.branch = branch

    def __call__(self, A):
        F, pull_F = self.branch(A)
        checked(F, A)

        def pullback(d):
            found = pull_F(d)
            return d + found[0], found[1]

        return A + F, pullback


@right("residual")
def sum_of_two_ways(branch):
    def block(A):
        ways = [(A, lambda d: (d, [])), branch(A)]
        checked(ways[1][0], A)

        def pullback(d):
            pulled = [pull(d) for _, pull in ways]
            return sum(dA for dA, _ in pulled), [gradient for _, own in pulled for gradient in own]

        return sum(out for out, _ in ways), pullback

    return block
