r"""Which claim is wrong, and why: one-line claims on the topics of the cheat sheet, with what the labs make of them.

Right claims: a subject, the claim, and why it is right. Mistaken ones, wrong or misleading as written: also the reason,
three reasons that are none, with a hint each, a fact that refutes the claim, and what would be right. Claims of one
subject never meet in a question: what says something about one could say something about the other.
"""

from labkit.drills.families.claims import why_wrong, wrong_claim

FAMILIES = (wrong_claim.FAMILY, why_wrong.FAMILY)
