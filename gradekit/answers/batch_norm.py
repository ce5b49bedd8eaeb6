"""Lab 07."""

from gradekit.answers.key import Key

ANSWERS = {
    "quick_bn_output": Key(
        3.5,
        {
            2.959472: "That divides the sum of squares by m - 1. By what does batch norm divide?",
            3.166190: "That divides by m - 1, and eps is missing. Read the formula of the variance again.",
            2.134983: "There eps is added to the root. What does the root cover?",
            3.810702: "That is without eps.",
            0.125: "That divides by the variance. What stands below the fraction line?",
            1.5: "Is that z_hat, or gamma (z_hat + beta)? What is multiplied, and what comes after?",
            4.5: "beta is missing.",
            0.5: "gamma is missing.",
            6.5: "The mean is not taken off.",
            26: "Only the mean is divided. Which brackets does the fraction line stand for?",
            -4: "That is the first example.",
        },
    ),
    "quick_bn_parameters": Key(
        4080,
        {
            4000: "That is W alone. What does batch norm learn?",
            4040: "That is one more number for each unit. How many does batch norm learn for each?",
            4120: "That counts a bias as well. What is left of it after the mean is taken off?",
            4160: "That counts the running averages. Are they learned?",
            4200: "That counts a bias and the running averages. Are they there, are they learned?",
            4002: "That is one gamma and one beta for the whole layer. Which shape have they?",
            80: "That is batch norm alone. What does the layer have?",
        },
    ),
    "quick_bn_gradient": Key(
        0.375,
        {
            2: "That takes mu and sigma^2 as constants. Which paths lead from z to z_hat?",
            1.5: "The path through sigma^2 is missing, or the division by s.",
            0.875: "The path through mu is missing.",
            0.9375: "Half of the path through sigma^2 is missing. What is the slope of a square?",
            2.625: "One sign is off. Are the parts added, or taken off?",
            -0.75: "One path counts twice. What is the slope of a root?",
            -4.5: "Those are sums over the batch. The closed form has means.",
            1.125: "That multiplies by gamma. Which gradient is given, that of z_hat or that of the output?",
            0.09375: "That divides by the variance. What is s?",
            0.229081: "That is without eps.",
            0.25: "That is the first example.",
            -0.5: "That is the third example.",
            8: "That is the gradient of z_hat. It has yet to go through three paths.",
        },
    ),
    "quick_running_mean": Key(
        5.61,
        {
            28.89: "There the old value has 1 - rho. Which of the two does rho multiply?",
            20: "That is the plain mean. What does the formula keep of the old value?",
            2.9: "That is after the second batch.",
            1: "That is after the first batch.",
            6: "That gives each batch the same weight. What becomes of the first when the second arrives?",
            12.9: "There the first batch is taken whole. Where does the running mean start?",
            3: "That is the last batch alone. What is kept of the old value?",
            5.23: "Is the order of the batches right?",
            54: "That is 0.9 times the sum. Follow the formula batch by batch.",
        },
    ),
}
