"""Lab 01: the exam quick-checks on shapes and counts."""

from gradekit.answers.key import Key

ANSWERS = {
    "quick_small_net": Key(
        101_770,
        {
            101_632: "The biases are missing. Each unit outside the input has one.",
            100_480: "The output layer is missing. It has weights and biases too.",
            1_290: "The first layer is missing. It has the most weights of all.",
            101_760: "The biases of the output layer are missing.",
            101_642: "The biases of the hidden layer are missing.",
            101_634: "That is one bias per layer. Each unit has a bias of its own.",
            102_554: "The input has no biases. Layer 0 is data.",
            922: "That is the number of units. Count the weights between them.",
            1_003_520: "That is the product of the three widths. Layers are counted one by one, then added.",
        },
    ),
    "quick_deep_net": Key(
        5_059,
        {
            4_912: "The biases are missing. Each unit outside the input has one.",
            5_008: "The output layer is missing. It has weights and biases too.",
            5_056: "The biases of the output layer are missing.",
            5_079: "The input has no biases. Layer 0 is data.",
            4_917: "That is one bias per layer. Each unit has a bias of its own.",
            4_003: "Two layers of equal width are still two layers. Count the step from 32 to 32 as well.",
            3_715: "The first layer is missing. It reads the input and has weights like the others.",
            167: "That is the number of units. Count the weights between them.",
        },
    ),
    "quick_rows": Key(
        20,
        {
            64: "That is the number of columns. Each example is one column.",
            50: "That is layer 1. The input is layer 0: count on from there.",
            10: "That is the output, layer 3. The input is layer 0: count on from there.",
            100: "That is the input, layer 0.",
            1_280: "That is how many numbers the matrix holds. Its rows are asked for.",
        },
    ),
    "quick_numbers": Key(
        3_200,
        {
            50: "That is one example. The batch has 64.",
            64: "That is the number of examples. Each has more than one number in layer 1.",
            6_400: "That is the input, layer 0.",
            1_280: "That is layer 2. The input is layer 0: count on from there.",
            640: "That is the output, layer 3.",
            5_000: "These are the weights W[1]. Activations are computed for each example of the batch.",
            5_050: "These are the parameters of layer 1. Activations are computed for each example of the batch.",
            114: "Rows and columns are multiplied, not added, to count the entries of a matrix.",
        },
    ),
}
