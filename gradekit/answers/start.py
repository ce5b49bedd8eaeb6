"""Lab 00."""

from gradekit.answers.key import Key

ANSWERS = {
    "quick_entries": Key(
        2_048,
        {
            64: "That is one image. How many columns has the batch?",
            32: "That is the number of examples. How many numbers stand in each column?",
            96: "That is the sum of rows and columns. A matrix has rows times columns entries.",
            256: "That counts one side of the image. An image has 8 rows of 8 pixels.",
            512: "That counts two sides of the image. How many pixels has a square of 8 by 8?",
            48: "That adds the three numbers. How many pixels has one image, and how many images are there?",
        },
    ),
}
