"""Lab 08."""

from gradekit.answers.key import Key

ANSWERS = {
    "quick_highway": Key(
        12,
        {
            0: "That is what comes back through F, three times over. What does the skip add at each block?",
            10: "That is the skip alone, or a sign lost. What comes back through F, besides?",
            13: "That adds the three slopes. How do three blocks in a row combine?",
            3: "That is 10 times the sum of the slopes. What is the slope of one whole block, h = x + F(x)?",
            1.2: "That is the slope of the whole. Which gradient comes in at the end?",
            18: "One of the slopes is negative.",
            15: "That is the first block alone. There are three.",
            8: "That is the second block alone. There are three.",
            -1: "That leaves out the skip. What is the slope of h = x + F(x)?",
            33: "That adds the slopes of the three blocks. How do blocks in a row combine?",
        },
    ),
    "quick_conv_size": Key(
        20,
        {
            19: "One too few. Is the padding on both sides, and how many places has a window that fits just once?",
            21: "One too many. What happens to a last step that would leave the image?",
            20.3333: "Can a window stand at a third of a step?",
            19.3333: "Can a window stand at a third of a step? And how many places has one that fits just once?",
            59: "By how much does the window move at a time?",
            58: "By how much does the window move at a time? And how many places has a window that fits just once?",
            18: "Is the padding there, on both sides? And the + 1?",
            22: "k is subtracted before the steps are counted. Is it in your formula?",
            15: "Only the image is divided by the stride. What is divided in the formula?",
            61: "That would be a convolution that keeps the size. Does this stride?",
            400: "That is the number of places in a square output. What is its width?",
        },
    ),
    "quick_bottleneck": Key(
        278_528,
        {
            4_718_592: "That is a basic block: two 3x3 among 512 channels. Which channels does a bottleneck look at?",
            2_359_296: "That is one 3x3 among 512 channels. Among how many is it here?",
            2_490_368: "The 3x3 stands between the two 1x1. How many channels does it read?",
            131_072: "Those are the two 1x1. Which layer stands between them?",
            147_456: "That is the 3x3 alone. What do the two 1x1 cost?",
            212_992: "One of the two 1x1 is missing.",
            180_224: "A window of 3x3 has how many entries?",
            1_327_104: "How many entries has a 1x1 window?",
            279_296: "That counts the biases. The question leaves them out.",
            280_064: "That counts gamma and beta. The question leaves them out.",
            280_832: "That counts biases, gamma and beta. The question leaves them out.",
            720_896: "The 3x3 hands its channels to the last 1x1. How many are that?",
        },
    ),
    "quick_multiply_adds": Key(
        645_120,
        {
            2_580_480: "That counts a window at each pixel of the input. How large is the output?",
            18_432: "Those are the weights. At how many places is each of them used?",
            215_040: "A window of 3x3 has how many entries?",
            71_680: "That leaves the window out. How many entries has it?",
            20_160: "That leaves the channels in out. How many does a filter read?",
            10_080: "That leaves the channels out out. How many filters are there?",
            1_290_240: "Height and width both shrink. And a multiply-add counts once.",
            442_368: "The output is larger than that. Where does the padding go?",
            647_360: "That counts the biases as well. A multiply-add is a weight times an input.",
            315: "That is one channel in and one out. How many are there?",
            35: "That is the number of places. What is done at each of them?",
        },
    ),
}
