"""Lab 06."""

from gradekit.answers.key import Key

ANSWERS = {
    "quick_l2": Key(
        4.8,
        {
            4.9: "There the penalty adds lambda w. What is the derivative of w squared?",
            5: "That is a step of the loss alone. What does the penalty add to the gradient?",
            4.95: "There the penalty adds 2 lambda. Where is the weight?",
            5.2: "There the penalty makes the weight larger. Which sign has its gradient, which sign has the step?",
            4.6: "There the penalty itself was added to the gradient. What is its slope?",
            3.2: "That goes uphill. Which sign has the step?",
            3: "That goes uphill, and without the penalty. Which sign has the step?",
            -1.6: "That is the gradient with the penalty. Where does the step lead?",
            0.8: "That is the length of the step. Where does it start?",
            5.6: "There the learning rate is 1.",
            1: "There lambda is missing in the gradient of the penalty.",
        },
    ),
    "quick_adamw": Key(
        2.9,
        {
            3.2: "That is Adam's step alone, or with the decay inside the gradient. What does AdamW do besides?",
            2.7: "That is the decay alone. How long is Adam's first step?",
            2.5: "There Adam's step goes uphill. Which sign has the gradient?",
            1.7: "There the decay lacks a factor. What stands before d theta?",
            2.6: "That is a decay of 2 d. The 2 belongs to the gradient of an L2 penalty.",
            3.5: "There the decay makes the weight larger.",
            3.7: "That is a step of plain SGD with decay. How long is Adam's first step?",
            2.88: "There the decay is of the new theta. Of which theta does AdamW take it?",
            2.8: "That goes uphill and leaves out the decay.",
            -0.1: "That is how far theta moves. Where does it start?",
            0.1: "That is how far theta moves. Where does it start, and which way does it go?",
        },
    ),
    "quick_dropout": Key(
        -2,
        {
            -1: "Is something done to the units that are kept?",
            -1.25: "There the bias is scaled too. Does dropout touch it?",
            -0.2: "There the kept ones became smaller. By what does inverted dropout divide?",
            -17: "There p is the share that is kept. What is p here?",
            4: "That is inference: all units, no mask. Which units are there in training?",
            4.25: "That scales all four units. Which one is dropped?",
            -5: "The bias is missing.",
            -4: "The bias is missing, and so is the factor of inverted dropout.",
            2.2: "There the kept ones are multiplied by p. By what does inverted dropout divide?",
            9.25: "That keeps the one that was dropped. Which units are kept?",
        },
    ),
    "quick_patience": Key(
        4,
        {
            8: "That is the lowest loss of all. Is epoch 8 ever trained?",
            7: "That is the last epoch that is trained. Whose weights are restored?",
            1: "There it stops too early. What happens to the count at a new best epoch?",
            3: "Is epoch 3 the best one so far? And what is patience counted from?",
            5: "Epochs count from 0 here. Which one has the lowest loss when training stops?",
            2: "That is the first rise. What does patience do?",
            0: "That is the start. Which epoch has the lowest loss when training stops?",
            6: "It is not the lowest so far. Which one is, when training stops?",
        },
    ),
}
