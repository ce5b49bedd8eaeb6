"""Lab 05."""

from gradekit.answers.key import Key

ANSWERS = {
    "quick_flat": Key(
        0.605770,
        {
            0.995: "That is what one step leaves. How many steps are there?",
            0.5: "That subtracts the same piece each time. Each step takes a share of what is left.",
            0.394230: "That is how much of the way is done. How much is left?",
            0: "That is the steep axis, done in one step. Which curvature has the flat one?",
            0.366032: "That doubles the curvature. The 2 of the squared error is in H already.",
            0.606531: "That is a limit for many small steps. What does one step multiply the distance by?",
            0.778557: "That is half the flat curvature. Which factor does one step multiply the distance by?",
        },
    ),
    "quick_steps": Key(
        115,
        {
            110: "That drops the last batch of each epoch. Is it kept?",
            112: "That rounds down at the end. How many batches has one epoch, with the smaller last one?",
            112.265625: "Steps are whole. How many batches has one epoch, with the smaller last one?",
            113: "An epoch ends with a smaller batch. Batches do not reach into the next epoch.",
            23: "That is one epoch.",
            22: "That is one epoch, and without its last batch.",
            5: "That is one step for each epoch. How many batches has an epoch?",
            7_185: "That is one step for each example. A step takes a whole batch.",
            320: "That is 64 times 5. How many batches of 64 are there?",
        },
    ),
    "quick_velocity": Key(
        5.5,
        {
            0.55: "That is the averaged form, with 1 - mu before g. Which form does the question name?",
            7: "That is the plain sum of the gradients. What becomes of the old v?",
            5: "That is v after two steps.",
            10: "That is v after one step.",
            1: "That is the last gradient alone. What becomes of the old v?",
            -2.6: "That forgets the first gradient. v keeps a part of all of them.",
            6.3: "There mu multiplies the sum of v and g. What does it multiply in the formula?",
            14.5: "One gradient is negative.",
            4.95: "There mu has also multiplied the last gradient. What does it multiply in the formula?",
        },
    ),
    "quick_adam": Key(
        0.933333,
        {
            0.9: "That is theta after one step.",
            0.929863: "That is without the corrections. What do the hats divide by?",
            0.937268: "That divides by 1 - beta both times. Which power belongs to the second step?",
            0.866667: "The sign of the second step is off. Which sign has the new m?",
            1: "That step ignores the memory m. What does the first gradient leave behind?",
            0.8: "That goes the same way twice. Which sign has the new m?",
            0.333333: "There the learning rate is 1.",
            0.966667: "Is there a root in the formula?",
            0.831949: "There v is without its correction.",
            0.975: "There m is without its correction.",
            0.033333: "That is the length of the second step. Where does theta stand after it?",
        },
    ),
}
