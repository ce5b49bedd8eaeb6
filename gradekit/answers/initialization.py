"""Lab 04."""

from gradekit.answers.key import Key

ANSWERS = {
    "quick_he_std": Key(
        0.05,
        {
            0.0025: "That is the variance. Which of the two is NumPy's scale?",
            0.1: "That counts the outputs. Which of the two widths does one sum run over?",
            0.01: "That is a variance, and counts the outputs. Which width does one sum run over, and what is scale?",
            0.0353553: "That leaves half of the variance. What does ReLU do to the sum of squares?",
            0.00125: "That is a variance, and lacks what makes up for ReLU. What is NumPy's scale?",
            0.0447214: "That is Glorot's. Which rule goes with ReLU?",
            0.002: "That is Glorot's variance. Which rule goes with ReLU, and what is NumPy's scale?",
            20: "That is the root of n/2. Do more inputs ask for larger weights?",
            400: "That is n/2. Do more inputs ask for larger weights?",
        },
    ),
    "quick_halving": Key(
        0.5**10,
        {
            0.5**11: "How many steps lie between layer 1 and layer 11?",
            0.5**9: "How many steps lie between layer 1 and layer 11?",
            0.5**5: "That is the standard deviation. Which factor does the variance get per layer?",
            0.25**10: "That halves twice in each layer. Which factor does the variance get, and which the weights?",
            0.001: "That is rounded too far. Give three digits, or a power.",
            0.5: "That is one layer further. How far is layer 11?",
            0.05: "The factors of layers are multiplied. What do ten of them make?",
            1: "That holds without an activation. Which half does ReLU drop?",
            1024: "Does ReLU make the squares larger or smaller?",
        },
    ),
    "quick_sigmoid": Key(
        1 / 144,
        {
            1 / 16: "That is Glorot itself. What do weights of a third do to a variance?",
            1 / 48: "The third enters as it is. What does a factor of 1/3 do to a variance?",
            1 / 36: "The slope enters as it is. What does a factor of 1/4 do to a variance?",
            1 / 12: "That is the factor of the standard deviation. Which does the variance get?",
            1 / 4: "That is the slope. What does a factor do to a variance, and where are the weights?",
            1 / 9: "That holds for a slope of 1. What does a slope of 1/4 do to a variance?",
            1 / 72: "That starts from He's variance. Which has Glorot, at equal widths?",
            1 / 288: "There is a half too many. Which variance has Glorot at equal widths?",
            1 / 2304: "The slope is squared once, not twice. What does a factor do to a variance?",
            9 / 16: "That is three times Glorot's. What does a third do to a variance?",
            144: "Do small weights and a slope below 1 make delta larger or smaller?",
        },
    ),
}
