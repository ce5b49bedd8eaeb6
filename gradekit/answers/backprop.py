"""Lab 03."""

from gradekit.answers.key import Key

ANSWERS = {
    "quick_output_delta": Key(
        0.064,
        {
            0.4: "That is the slope of the loss along yhat. What stands between yhat and the logit?",
            0.8: "That is yhat - y. Which loss, and how many examples, does the question name?",
            0.2: "That is the delta of binary cross-entropy. Which loss does the question name?",
            0.256: "The loss is a mean over the batch. What does one example count in it?",
            0.128: "The loss is a mean over the batch, and it has a square. Which factor does each of them bring?",
            0.032: "That is the convention with 1/2m. The loss in the question has 1/m.",
            0.016: "The 1/m is there twice. Where does it stand in the loss?",
            -0.064: "Would a larger logit lower the loss here? The label is 0.",
            0.08: "The slope of a sigmoid is a product of two. Did both get in?",
            0.32: "That takes yhat for the slope of the sigmoid. What is the slope, written with yhat?",
            0.16: "That is the slope of the sigmoid. What does it multiply?",
            0.0856: "That is the slope of the sigmoid at yhat. At which number does the sigmoid stand in the net?",
        },
    ),
    "quick_bias": Key(
        0.1,
        {
            0.4: "That is the sum of yhat - y. The loss is the mean over the batch: where does its 1/m go?",
            0.025: "The 1/m is there twice. Once it stands in the delta, is it needed again?",
            0.5: "That is yhat - y of the first example. Which examples does a bias serve?",
            0.125: "That is the first example alone. Which examples does a bias serve?",
            -0.1: "The size is right. Is yhat - y turned around somewhere?",
            1.9: "Those are absolute values. May examples pull in opposite directions?",
            0.475: "Those are absolute values. May examples pull in opposite directions?",
            0.2: "Is there a 2 in the delta of cross-entropy? The square of another loss brings one.",
        },
    ),
    "quick_hidden_delta": Key(
        -6,
        {
            -8: "The gate is missing. What is the slope of tanh where a is 0.5?",
            1.5: "That takes a row of W. Which weights lead from the second hidden unit to the layer above?",
            2: "That takes a row of W, and no gate. Which weights lead from the second hidden unit to the layer above?",
            -4: "That gates with a, or with 1 - a. What is the slope of tanh, written with a?",
            -2: "That gates with a squared. What is the slope of tanh, written with a?",
            -10: "Is the slope of tanh ever above 1? Look at the sign in its formula.",
            -1: "That is the first entry. Which column belongs to the second hidden unit?",
            -6.2916: "That is the slope at a. The formula wants tanh(z), and a is that already.",
            6: "The size is right. Check the signs of the two products.",
        },
    ),
}
