"""Lab 02."""

from gradekit.answers.key import Key

ANSWERS = {
    "quick_mse": Key(
        7.5,
        {
            15: "That is the sum over both examples. What stands before the sum?",
            2.5: "That is the mean over all six entries. Here the squares of one example are added up.",
            3.75: "That is the convention with 1/2m. The formula above has 1/m.",
            5: "That divides by the three outputs. How many examples are there?",
            0.5: "There the differences cancel. What is done to each difference before they are added?",
            3.5: "Those are absolute values. How does the formula make a difference positive?",
            2.7386: "That is the root of it. Is there a root in the formula?",
        },
    ),
    "quick_cross_entropy": Key(
        3.1698,
        {
            2.1698: "That subtracts the logit 0, or nothing. Labels count from 0: which logit belongs to label 2?",
            0.1698: "That is the cost of the largest logit. Which logit belongs to label 2?",
            1.1698: "There c was subtracted inside the exponents and never added back.",
            -3.1698: "The log of a probability is negative. What stands before the sum?",
            4.5731: "That is in bits. Which base has log in the formula?",
            0.042: "That is the probability of class 2. What does it cost?",
            0.958: "That is the probability of the other classes. What does the probability of class 2 cost?",
            1: "That is the logit with its sign turned. What happened to the log-sum-exp?",
        },
    ),
    "quick_first_break": Key(
        17,
        {
            16: "It is still finite there. What is 1 - sigmoid(o) at the logit you look for?",
            18: "It is infinite there. Is that the first such logit?",
            37: "That is float64. Which dtype does the question name?",
            88: "That is where exp comes near its overflow. 1 + exp(-o) rounds to 1 long before.",
            89: "That is where exp overflows. 1 + exp(-o) rounds to 1 long before.",
            104: "That is where a small probability rounds to 0, which matters for y = 1. Here y = 0.",
        },
    ),
}
