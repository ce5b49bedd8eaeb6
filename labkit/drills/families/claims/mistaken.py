"""Claims that are wrong, or misleading as written."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistaken:
    section: int
    subject: str
    text: str
    because: str
    others: tuple[tuple[str, str], ...]  # a reason that is none, and a hint
    fact: str
    instead: str


MISTAKEN = (
    # -- the net
    Mistaken(
        1, "parameter counts", r"A net 4-3-2 has $4 \cdot 3 + 3 \cdot 2 = 18$ parameters.",
        "The units of both layers have biases as well.",
        (
            ("The four inputs have parameters of their own, too.", "The input holds data. Does training change it?"),
            ("The count must be multiplied by the batch size.", "All examples go through the same parameters."),
            ("Only the hidden layer has parameters: it is 12.", "The output layer computes $Wa + b$ like the others."),
        ),
        "A hidden unit of a net 4-3-2 computes $w_1 x_1 + w_2 x_2 + w_3 x_3 + w_4 x_4 + b$: 5 numbers are learned.",
        r"$(4 \cdot 3 + 3) + (3 \cdot 2 + 2) = 23$.",
    ),
    Mistaken(
        1, "shapes of weights", "With examples as columns, $z = Wx + b$ needs a $W$ of shape $(n_{l-1}, n_l)$.",
        "$W$ needs as many columns as $x$ has entries.",
        (
            (
                "$W$ must be square, or no gradient comes back.",
                r"Back goes $W^\top\delta$. Must $W$ be square for that?",
            ),
            ("$W$ needs one column for each example of the batch.", "The parameters are the same for every batch."),
            ("$W$ needs one row more, for the bias.", "Here $b$ is kept apart and added."),
        ),
        "A column of 4 numbers is to become one of 3. Of the shapes (3, 4) and (4, 3) only the first can do it.",
        "$W^{[l]}$ is $(n_l, n_{l-1})$. With examples as rows it would be the transpose.",
    ),
    Mistaken(
        1, "linear layers in a row", "Two linear layers with nothing between them can bend where one can't.",
        "Put together, they are one linear map again.",
        (
            ("Two layers have too few parameters to bend.", "Would more parameters help? What is computed?"),
            ("Without an activation the first layer gets no gradient.", r"$W^\top\delta$ passes a linear layer well."),
            ("The second layer undoes what the first one does.", "It could. Must it?"),
        ),
        "$2(3x + 1) - 5 = 6x - 3$ for every $x$.",
        "It takes a nonlinear activation between them.",
    ),
    Mistaken(
        1, "biases", "For a batch of 32 examples, $b^{[l]}$ has 32 columns that are learned.",
        "All examples share one bias for each unit.",
        (
            ("Biases are no parameters: they are not learned.", "Their gradient is $db$. What is it for?"),
            ("It has 32 rows, one for each of the examples.", "Rows are units. What do examples stand in?"),
            ("The batch is added up before the bias comes in.", "Each example keeps a column of its own."),
        ),
        "A net trained with batches of 32 can take 1 example or 1,000 without a new parameter.",
        "$b^{[l]}$ is $(n_l, 1)$, and is added to every column.",
    ),
    # -- losses
    Mistaken(
        2, "log-sum-exp", "Take the largest logit off before the softmax: then the log of it is safe for any logits.",
        "A probability can still round to 0 before the log.",
        (
            ("The powers of the other logits overflow all the same.", "What is the largest exponent after the shift?"),
            (
                "The shift changes the probabilities, so the loss is off.",
                "All powers get one factor. What becomes of it?",
            ),
            ("It is the smallest logit that has to be taken off.", "Which powers would become huge then?"),
        ),
        r"Logits $(1000,\ 0)$, and the label is the second class: $e^{-1000}$ is stored as 0.",
        r"Compute the loss from logits: $\log\sum_k e^{o_k}$ with the shift, minus $o_y$.",
    ),
    Mistaken(
        2, "softmax", "Multiplying all logits by 2 leaves the softmax as it is.",
        "Only a number that is added to all logits cancels.",
        (
            ("The probabilities would no longer sum to 1.", "A softmax sums to 1 for any logits."),
            ("A softmax changes only with the order of the logits.", "Is it the order alone that counts?"),
            ("All probabilities become twice as large as well.", "Could they, and still sum to 1?"),
        ),
        "Two logits have the powers $e^o$ 1 and 2. Twice the logits have 1 and 4.",
        "Doubling the logits squares every ratio of probabilities.",
    ),
    Mistaken(
        2, "certain predictions",
        "Binary cross-entropy from probabilities is safe until $e^o$ overflows, near $o = 709$.",
        "The sigmoid rounds to exactly 1 long before that.",
        (
            ("The power $e^o$ overflows much earlier, near 37.", "In float64 a power overflows near 709, as said."),
            (
                "The log overflows before the power does.",
                "The log of a huge number is small. Of which number is there none?",
            ),
            ("The sigmoid gives probabilities slightly above 1.", "A sigmoid is rounded, but stays within 0 and 1."),
        ),
        r"In float64, $\sigma(40)$ is stored as exactly 1. The label is 0.",
        "From a wrong logit of about 37 on (float64) it is infinite. Compute it from the logit.",
    ),
    Mistaken(
        2, "squared error", "Of all single numbers, the median of the targets has the smallest squared error.",
        "The derivative of the squares is 0 at the mean.",
        (
            ("Only the largest target counts, since it is squared.", "Large errors count more, but not alone."),
            ("A sum of squares has no smallest value.", "It is a bowl: what is at its bottom?"),
            (
                "The most frequent target has the smallest one.",
                "How often a value occurs is not what the derivative asks.",
            ),
        ),
        r"Targets 1, 2, 3, 10. The derivative of $\sum(c - y)^2$ is $8c - 32$.",
        "It is the mean. The median belongs to the absolute error.",
    ),
    # -- backprop
    Mistaken(
        3, "output deltas", r"From $\frac1m\sum\lVert\hat y - y\rVert^2$ comes the output delta $\hat y - y$.",
        r"The derivative of the square has a 2, the mean a $\frac1m$.",
        (
            (
                r"The delta of a square must be a square: $(\hat y - y)^2$.",
                "The value is a square. What is its derivative?",
            ),
            (
                r"The sign is wrong: it is $y - \hat y$, to make the loss smaller.",
                "The minus belongs to the step of descent.",
            ),
            (r"It must be divided by $\hat y(1 - \hat y)$.", "That comes from a log. Is there one?"),
        ),
        r"One example, $y = 1$. At $\hat y = 3$ the squared error is 4, at $3.01$ it is 4.0401.",
        r"$\frac2m(\hat y - y)$. Without a factor it belongs to half the square of one example.",
    ),
    Mistaken(
        3, "output deltas", r"Cross-entropy as a mean over $m$ examples: each column of delta is $\hat y - y$.",
        r"The mean brings a $\frac1m$ into every column.",
        (
            ("A factor 2 is missing in every column.", "Is there a square in the cross-entropy?"),
            (
                "The slope of the softmax is missing in every column.",
                r"$\hat y - y$ is the derivative at the logits already.",
            ),
            ("Delta has a single column, the sum of these.", "Each example keeps its own column in delta."),
        ),
        r"A batch put in twice over has the same cross-entropy. But $\sum(\hat y - y)a^\top$ doubles.",
        r"$(\hat y - y)/m$. Then $dW$ and $db$ have no further $\frac1m$.",
    ),
    Mistaken(
        3, "bias gradients", r"With the loss a mean, $db$ is the *mean* of the columns of its $\delta$.",
        r"The $\frac1m$ stands in $\delta$ already.",
        (
            ("It is the column of the last example.", "Each example has a part in the loss."),
            ("The activations are missing as a factor.", "What is the derivative of $Wa + b$ by $b$?"),
            ("It is the mean of the rows, not of the columns.", "Rows are units, and each has its own bias."),
        ),
        "From $b$ one path leads to the loss through each example, and paths add up.",
        r"$db = \sum_{\text{batch}} \delta$.",
    ),
    Mistaken(
        3, "hidden deltas", r"$\delta^{[l]} = (W^{[l]})^\top \delta^{[l+1]} \odot \phi'(z^{[l]})$.",
        "$W^{[l+1]}$ stands between $a^{[l]}$ and $z^{[l+1]}$.",
        (
            ("The weights must not be transposed on the way back.", "What shapes would then meet?"),
            (r"$\odot$ must be a matrix product with all slopes.", "An activation works entry by entry."),
            (
                "The slope must be taken at $z^{[l+1]}$, one layer on.",
                r"$a^{[l]} = \phi(z^{[l]})$: at which $z$ is the slope?",
            ),
        ),
        "A chain of single units with weights $w_1 = 2$, $w_2 = 5$, all slopes 1: $z_1 + 0.01$ makes $z_2 + 0.05$.",
        r"$(W^{[l+1]})^\top$ is what brings $\delta^{[l+1]}$ back.",
    ),
    Mistaken(
        3, "slopes", r"Through a sigmoid $a = \sigma(z)$, the gradient is multiplied by $\sigma'(a)$.",
        "The slope is taken at $z$, where the sigmoid was.",
        (
            ("A sigmoid has no derivative at large $z$.", "Its slope is $s(1 - s)$ everywhere."),
            ("The gradient is divided by the slope on the way back.", "The chain rule multiplies, there and back."),
            ("The slope is 1 wherever the unit is on.", "That is ReLU. What is a sigmoid's?"),
        ),
        r"At $z = 0$ the sigmoid has the slope $\frac14$. There $a = \frac12$, and at $\frac12$ its slope is 0.235.",
        r"$\sigma'(z) = a(1 - a)$.",
    ),
    Mistaken(
        3, "weight gradients", r"The gradient of a layer's weights is $dW^{[l]} = A^{[l-1]}(\delta^{[l]})^\top$.",
        "That has the shape of the transposed weights.",
        (
            (
                "$A^{[l]}$, the layer's own output, belongs there.",
                "What is multiplied by $W^{[l]}$ on the way forward?",
            ),
            ("The two must be multiplied entry by entry.", "Each unit meets each input: rows meet columns."),
            (r"A further factor $\frac1m$ is missing in it.", r"The $\frac1m$ of the loss is in $\delta$ already."),
        ),
        r"$\delta$ is (2, m), $A$ is (3, m), and for each weight of the (2, 3) matrix $W$ a number is wanted.",
        r"$dW^{[l]} = \delta^{[l]}(A^{[l-1]})^\top$.",
    ),
    # -- initialization
    Mistaken(
        4, "He's rule", "He's weights for $n$ inputs: `W = rng.normal(0, 2 / n, shape)`.",
        "NumPy wants the standard deviation there.",
        (
            ("The mean must be positive for ReLU units.", "Weights of both signs are wanted. What is their mean?"),
            ("The number of the layer's outputs belongs there.", "One sum $z$ has as many terms as there are inputs."),
            ("The 2 belongs to Glorot's rule, not to He's.", "Both rules have a 2 above the line."),
        ),
        "50 inputs: the weights come out with the variance 0.0016. Wanted is 0.04.",
        r"`scale` is $\sqrt{2/n}$.",
    ),
    Mistaken(
        4, "He's rule", "In He's rule $n$ is the number of units of the layer, as each of them has weights.",
        "One $z$ is a sum over the inputs of the layer.",
        (
            ("$n$ is the number of examples in a batch.", "Is the start drawn anew for each batch?"),
            ("$n$ is the number of layers of the net.", "Each layer has a variance of its own."),
            ("$n$ is the sum of the inputs and the outputs.", "Which rule does that, and for which activation?"),
        ),
        "Give a layer ten times as many units: the variance of each single $z$ in it stays.",
        "$2/n_{l-1}$, with the inputs of the layer.",
    ),
    Mistaken(
        4, "deep sigmoid nets", "Glorot's rule keeps the variance in a deep net of sigmoids.",
        r"It assumes $\phi(z) \approx z$ near 0, as for tanh.",
        (
            (
                "It holds only where all layers are equally wide.",
                "It takes the middle between two widths. What of the activation?",
            ),
            ("Sigmoids drop half of the squares, as ReLU does.", "Which activation sets half of them to 0?"),
            ("Its weights are so large that all units saturate.", "$z$ lies near 0 there. Is the slope 1?"),
        ),
        r"Thirty sigmoid layers, Glorot's weights: going back, the variance of $\delta$ falls below $10^{-36}$ of it.",
        "It is made for activations like tanh near 0. Deep sigmoid layers are better avoided.",
    ),
    Mistaken(
        4, "deep sigmoid nets", "A deep sigmoid net loses its gradient only if its units are saturated.",
        r"Unsaturated units have a slope of at most $\frac14$.",
        (
            ("Sigmoid units never saturate, only ReLU units do.", "Which of the two is flat far to the right?"),
            ("Saturated units have the largest gradient of all.", "What is the slope where a curve is flat?"),
            ("The gradient is lost in the biases of each layer.", "Biases take a gradient. Do they stop it?"),
        ),
        "Ten layers with all $z$ at 0, where a sigmoid is steepest: the slopes alone multiply to $4^{-10}$.",
        "Saturation makes it worse, but is not needed.",
    ),
    Mistaken(
        4, "symmetry", "All weights may start at 0: training will make the units differ.",
        "Equal units get equal gradients at every step.",
        (
            ("The loss is 0 at the start, so nothing has to move.", r"Knowing nothing costs $\log K$, not 0."),
            ("With weights of 0 the softmax divides 0 by 0.", "What is $e^0$?"),
            ("It holds for the weights, but not for the biases.", "Which of the two breaks the symmetry?"),
        ),
        "With weights and biases of 0, after 100 steps nothing but the last layer's bias has moved.",
        "Draw the weights at random. Biases may be 0.",
    ),
    Mistaken(
        4, "dead units", r"Leaky ReLU with $\alpha = 0.01$ brings dead units back within a few steps.",
        "The gradient that they get is a hundred times smaller.",
        (
            ("They get no gradient: its slope left of 0 is 0, too.", r"What is $\phi'(z)$ for $z < 0$?"),
            ("Leaky ReLU has no dead units, as its $z$ is never negative.", "What does the leak do for $z < 0$?"),
            (r"It works only with $\alpha$ above 1.", "Any slope but 0 gives a gradient. How large is it here?"),
        ),
        "28 units were off after one bad step. All 28 moved in 200 good steps, and all 28 are still off.",
        'The gradient is never exactly 0. That is what "fixes dying ReLU" means, and no more.',
    ),
    # -- optimizers
    Mistaken(
        5, "dominant features",
        "In a linear model with squared error, a dominant feature leads to a bad local minimum.",
        "A linear model has one minimum; it is reached slowly.",
        (
            ("The gradient points away from the dominant feature.", "It points along it: that slope is the largest."),
            ("Descent ignores a feature with values that large.", "Whose weight is found first?"),
            ("A dominant feature makes all curvatures equal.", r"Compare $\sum x^2$ of the features."),
        ),
        "Raw features: 240,486 steps. Standardised: 42. Both end at the same model.",
        "One learning rate serves two curvatures: it is slow. Standardise, and the way is short.",
    ),
    Mistaken(
        5, "momentum", r"$v \leftarrow \mu v + g$ and $v \leftarrow \mu v + (1 - \mu)g$ want the same learning rate.",
        r"The first is $1/(1 - \mu)$ times as large as the second.",
        (
            ("The second forgets all gradients before the last one.", r"$\mu v$ stands in both."),
            ("The first grows without limit, the second does not.", r"It comes to rest where $v = \mu v + g$."),
            ("No two learning rates make them walk the same path.", "Is one $v$ a multiple of the other?"),
        ),
        r"$\mu = 0.9$, and the gradient is 1 all the time. One of the two $v$ goes to 10, the other to 1.",
        r"The averaged form with $\eta$ is the other one with $(1 - \mu)\eta$.",
    ),
    Mistaken(
        5, "Adam", "Adam's first step is longest in the coordinate with the largest gradient.",
        r"$\hat m/\sqrt{\hat v}$ is 1 or $-1$, whatever the gradient is.",
        (
            ("The first step is 0, as $m$ and $v$ start at 0.", "What does the bias correction do at $t = 1$?"),
            ("It is longest where the gradient is smallest.", "Divide $g$ by the root of $g^2$."),
            ("The first step is a random one in each coordinate.", "Is there chance in the formula?"),
        ),
        r"Gradients of 0.001 and 1000: both coordinates move by $\eta$ at $t = 1$.",
        r"It is about $\eta$ in each coordinate.",
    ),
    Mistaken(
        5, "Adam", "Without bias correction Adam's first steps are too short, since $m$ starts at 0.",
        "$v$ starts at 0 as well, and lacks more than $m$.",
        (
            ("$m$ starts at the first gradient, not at 0.", "All state starts at 0. What else than $m$ is state?"),
            ("The correction is 1 in the first step anyway.", r"$1 - \beta^t$ is smallest at $t = 1$."),
            (
                r"$\varepsilon$ makes the first steps long enough.",
                r"$\varepsilon$ stands below the line. Does it lengthen a step?",
            ),
        ),
        r"After one step $m = 0.1g$ and $v = 0.001g^2$. For $g > 0$ that makes $m/\sqrt v = 3.16$.",
        r"The first step is $3.16\,\eta$ then (with 0.9 and 0.999), and some later ones are longer still.",
    ),
    Mistaken(
        5, "test data", "Test data are best standardised by their own mean and deviation.",
        "A value would not mean what it meant in training.",
        (
            ("Test data must not be standardised at all.", "The net was trained on standardised features."),
            ("The mean must be taken over training and test data.", "May the test data take part in training?"),
            ("Test data are too few to have a deviation.", "They have one. Should it be used?"),
        ),
        "A single new house would become 0 in every feature, whatever its area.",
        "Use mean and deviation of the training data.",
    ),
    # -- regularization
    Mistaken(
        6, "the gradient of L2", r"The penalty $\lambda\lVert W\rVert_F^2$ adds $\lambda W$ to $dW$.",
        r"The derivative of $\lambda w^2$ is $2\lambda w$.",
        (
            (r"It adds $\lambda$ itself, the same for every weight.", "Does the slope of $w^2$ depend on $w$?"),
            (r"It subtracts $\lambda W$, since the weights shall shrink.", "The step goes against the gradient."),
            (r"It adds $\lambda\lVert W\rVert_F$ to each entry.", "Each entry has a derivative of its own."),
        ),
        r"With $\lambda = 1$, a weight of 3 costs 9 and one of 3.01 costs 9.0601.",
        r"$2\lambda W$. With $\frac\lambda2$ in the penalty it would be $\lambda W$.",
    ),
    Mistaken(
        6, "weight decay", "L2 regularisation and weight decay are the same, whatever the optimizer.",
        "Adam divides the penalty's gradient along with the loss's.",
        (
            ("Weight decay is for biases, L2 is for weights.", "Both are for weights."),
            (r"They differ for plain SGD as well, at any $\lambda$ and $d$.", r"Compare $d$ and $2\lambda$."),
            ("Adam has no learning rate by which weights could decay.", r"There is an $\eta$ in Adam's step."),
        ),
        "Adam, 1,000 steps, large gradients of both signs: 0.92 of a weight is left with L2, 0.374 with decay apart.",
        r"Equal for plain SGD, with $d = 2\lambda$. For Adam take AdamW.",
    ),
    Mistaken(
        6, "the norm of L2",
        r"For a matrix, the penalty $\lVert W\rVert_2^2$ of exam sheets is `np.linalg.norm(W, 2)**2`.",
        "Of a matrix, that norm is the largest singular value.",
        (
            ("A penalty must not be squared, or it has no gradient.", "The penalty is a sum of squares."),
            ("It leaves out the biases, which have to be in it.", "They are to be left out."),
            (
                "It adds up absolute values in place of squares.",
                "That would be L1. What does NumPy do with a matrix and 2?",
            ),
        ),
        "For the 3 by 3 identity NumPy gives 1, and the squares of its entries add up to 3.",
        "The Frobenius norm is meant: `(W**2).sum()`.",
    ),
    Mistaken(
        6, r"the size of $\lambda$", "The more L2, the smoother the function, and so the better on new data.",
        "From some point on the net is too simple for the data.",
        (
            ("More L2 makes the function less smooth, not smoother.", "Smaller weights, smaller bends."),
            ("A smooth function is never better on new data.", "It is, up to a point."),
            (r"It holds, if $\lambda$ is chosen by the training error.", "That one prefers no penalty at all."),
        ),
        r"Validation error 0.110 at $\lambda = 0.003$ and 0.656 at $\lambda = 0.1$, where all weights are almost 0.",
        r"The validation error has its lowest point in between: it chooses $\lambda$.",
    ),
    Mistaken(
        6, "dropout", "Inverted dropout divides what is kept by $p$, the fraction dropped.",
        "What has to be made up for is the share that survives.",
        (
            ("It has to be divided by the number of units.", "How many survive on average, as a fraction?"),
            ("What is kept must not be changed in training.", "Then the next layer gets less than at inference."),
            ("It has to be multiplied by $1 - p$ in training.", "Would that make up for the lost ones, or lose more?"),
        ),
        "$p = 0.2$: on average four of five units survive, and their sum should stay as large as that of all.",
        "It divides by $1 - p$.",
    ),
    Mistaken(
        6, "dropout", "With inverted dropout, activations are multiplied by $1 - p$ at inference.",
        "The division in training has made up for it already.",
        (
            (
                "At inference the masks stay on, so nothing has to scale.",
                "Then the answer would change from call to call.",
            ),
            ("At inference they are divided by $1 - p$, not multiplied.", "All units are there. Is something missing?"),
            ("At inference a random half of the units is used.", "The full network is used."),
        ),
        "In training the expectation of an activation is already the one of the full network.",
        "Nothing is done. (Dropout without scaling in training would need the factor.)",
    ),
    Mistaken(
        6, "early stopping", "Stop as soon as the validation loss rises for the first time.",
        "It is noisy: it may rise once and go on falling.",
        (
            (
                "The training loss should decide, not the validation loss.",
                "That one falls even while the net overfits.",
            ),
            ("By then the net has overfitted for many epochs.", "It may not even have come to the best epoch."),
            ("A validation loss never rises before the end.", "It does, and not only at the end."),
        ),
        "The validation loss first rises after epoch 5. Its lowest value comes at epoch 13.",
        "Have patience, and restore the weights of the best epoch.",
    ),
    Mistaken(
        6, "validation data", "After early stopping, the best validation loss tells how good the net is on new data.",
        "These data have chosen the epoch, so they flatter it.",
        (
            ("The gradients have seen these data in each epoch.", "No gradient came from them. What did they decide?"),
            ("A loss says nothing about data that are new.", "One on fresh data would. Are these fresh?"),
            ("The loss of the last epoch would be the fair one.", "Is it the one that is handed in?"),
        ),
        "Of 50 nets, one per epoch, the one was kept that was luckiest on just these 40 digits.",
        "Judge by test data that chose nothing.",
    ),
    Mistaken(
        6, "augmentation", "Turning a digit by any angle makes a valid new example with the same label.",
        "The label must stay true, and some turns change it.",
        (
            ("A turned image has other pixels, so it is no example.", "Other pixels are the point of it."),
            ("Augmentation is for the test data only.", "Which data are to become more?"),
            ("A turn changes the number of pixels of the image.", "The image keeps its size."),
        ),
        "Turned by 180 degrees, 89 of 100 images of a 6 are read as a 9.",
        "A few degrees keep a digit. What is allowed depends on the label.",
    ),
    # -- batch norm
    Mistaken(
        7, "the axis of batch norm", "Batch norm takes the mean over all units of one example.",
        "It takes it for one unit, over the batch.",
        (
            ("It takes it over all units and all examples.", "Each unit has a mean of its own."),
            ("It takes no mean at all, only a variance.", "What is subtracted first?"),
            ("It takes it for one unit, over all layers.", "It stands in one layer and sees only this."),
        ),
        r"A layer of 40 units, a batch of 64: $\mu$ has 40 entries.",
        "Over the batch, unit by unit. Over the units is layer norm.",
    ),
    Mistaken(
        7, "batch norm at inference", "At inference batch norm uses mean and variance of the test batch.",
        "An answer would depend on its neighbours in the batch.",
        (
            ("A test batch has a mean, but it has no variance.", "It has one. Should the answer hang on it?"),
            ("At inference batch norm is left out of the net.", "The next layers expect normalised numbers."),
            (
                r"$\gamma$ and $\beta$ take the place of mean and variance.",
                "They come after the normalisation, as in training.",
            ),
        ),
        "Normalised by their own batches of 60, test digits are read at 0.91; sorted by label first, at 0.34.",
        "It uses the running averages of training.",
    ),
    Mistaken(
        7, "why batch norm helps", "Batch norm helps because stable activations smooth the landscape: that is settled.",
        "That the one causes the other is disputed.",
        (
            ("The landscape is not smoother along the training's steps.", "Lab 07 measured that it is."),
            ("Its activations are not stable at all.", r"Their mean is $\beta$ by construction."),
            ("It is settled that the end of the covariate shift helps.", "That older story is in doubt as well."),
        ),
        "With noise put behind batch norm the activations jump about. Yet the net still trains at the high rate.",
        "Three observations. The cause is open (Santurkar and others, 2018).",
    ),
    Mistaken(
        7, "the variance of batch norm", "In training batch norm divides the sum of squares by $m - 1$.",
        "It takes the biased variance, divided by $m$.",
        (
            ("It divides by the number of units of the layer.", "Over what is the mean taken?"),
            ("It does not divide the sum of squares at all.", "Then larger batches would give smaller outputs."),
            ("It divides the sum by the root of $m$.", "A variance is a mean of squares."),
        ),
        r"$z = (1,\ 3)$ and $\varepsilon = 0$ become $\hat z = (-1,\ 1)$.",
        r"$\sigma^2 = \frac1m\sum(z_i - \mu)^2$.",
    ),
    Mistaken(
        7, "a bias before batch norm", "A layer before batch norm needs its bias, or it can't shift its output.",
        "The bias is subtracted again, with the mean.",
        (
            ("The bias only becomes a factor of the output.", "All $z$ move alike. Does their deviation change?"),
            ("No layer needs a bias, with or without batch norm.", "Without batch norm it does."),
            (r"$\gamma$ shifts the output in place of the bias.", r"$\gamma$ scales. Which one is added?"),
        ),
        r"By $\beta$ alone, the outputs of a unit can be given any mean.",
        r"Leave the bias out; $\beta$ takes its place.",
    ),
    Mistaken(
        7, r"$\gamma$ and $\beta$", r"$\gamma$ and $\beta$ are the deviation and mean of the batch.",
        "They are parameters that descent learns.",
        (
            ("It is the other way round: mean and deviation.", "Is either of them computed from a batch?"),
            ("They are constants that stay at 1 and 0.", "They start there. And then?"),
            ("They are the running averages for inference.", "Those have no gradient. Have these?"),
        ),
        r"$\gamma$ and $\beta$ start at 1 and 0, whatever the batch is. Then the optimizer moves them.",
        r"$\mu$ and $\sigma$ come from the batch; $\gamma$ and $\beta$ are learned.",
    ),
    Mistaken(
        7, "batches of one", "Batch norm trains with a batch of one as well, only with more noise.",
        r"The output is then $\beta$, whatever $z$ is.",
        (
            ("The variance of a single number is infinite.", "How far is one number from its mean?"),
            ("Running averages can't be kept with such batches.", "They could be updated. What of the output?"),
            (
                r"$\gamma$ gets so large that the output explodes.",
                r"$\gamma$ may be anything. What is it multiplied by?",
            ),
        ),
        "Trained one example at a time, each $z$ equals the mean of its batch.",
        "It needs a batch: from one example nothing below batch norm learns.",
    ),
    Mistaken(
        7, "the way back through batch norm",
        r"On the way back, $dz_i = \gamma\,d\text{out}_i/\sqrt{\sigma^2 + \varepsilon}$ in training.",
        r"$\mu$ and $\sigma^2$ depend on $z_i$ as well.",
        (
            (r"$\gamma$ has no place on the way back.", r"$d\hat z = \gamma\,d\text{out}$."),
            (r"$\beta$ must stand there in place of $\gamma$.", r"$\beta$ is added. What is its slope?"),
            ("The root must stand above the line.", r"$\hat z = (z - \mu)/s$: what is its slope?"),
        ),
        r"$\gamma = 1$, and the root is 4. Yet moving $z_1$ alone by 0.04 moves its output by 0.006.",
        r"That is only the direct path. Those through $\mu$ and $\sigma^2$ are added.",
    ),
    # -- residual nets
    Mistaken(
        8, "a ReLU after the sum", r"$\mathrm{relu}(x + F(x))$ is the identity if $F = 0$, for any $x$.",
        "The ReLU cuts the negative numbers off.",
        (
            ("Training can never make all of $F$ zero.", "Weights of 0 give it. What happens after the sum?"),
            ("With $F = 0$ the whole block gives 0.", "What does the skip bring?"),
            ("The skip has weights that change $x$ as well.", "It passes $x$ on as it is."),
        ),
        "A block's branch gives 0. Its input is $-2$, its output 0.",
        "Without the ReLU after the sum, or where $x$ is not negative anyway.",
    ),
    Mistaken(
        8, "skips alone", "Skips alone keep the gradient's size in 100 blocks with He's weights.",
        "Each unscaled block doubles the variance.",
        (
            ("With skips the gradient vanishes even faster.", "$1 + F'$: does that make it smaller?"),
            ("A skip passes numbers forward, but no gradient back.", "What is the slope of $x + F(x)$?"),
            (
                "He's weights are for plain nets: with skips they give 0.",
                "They keep the variance. What does the sum do with it?",
            ),
        ),
        "100 unscaled blocks multiplied the norm of the gradient by more than $10^{14}$.",
        "It takes $F = 0$ at the start, a scaled branch, or batch norm inside.",
    ),
    Mistaken(
        8, "deep plain nets", "Plain ReLU nets of 50 layers fail because He's weights let the gradient vanish.",
        "He's weights keep the gradient's size on average.",
        (
            ("They fail because they overfit their training data.", "Is their training loss low?"),
            ("Plain nets of that depth do not fail to train.", "In lab 08 they end close to guessing."),
            ("No weights of such a net could solve the task.", "Layers with $W = I$ would change nothing."),
        ),
        "Through 100 plain layers, the norm of the gradient changed by a factor of only 1.3.",
        "It is called degradation: good weights exist, but descent does not find them.",
    ),
    Mistaken(
        8, "what a residual block learns",
        "The layers inside a residual block learn $h(x)$, and the skip adds $x$ to it.",
        "They learn what is missing: $F(x) = h(x) - x$.",
        (
            ("They learn what is too much: $F(x) = x - h(x)$.", "What must be added to $x$ to get $h$?"),
            ("They learn nothing: it is the skip that learns.", "A skip has no parameters."),
            ("They learn the slope of $h$, and the skip adds them up.", "$F$ has the shape of $x$ and is added to it."),
        ),
        "A block shall give back its input. Its inner layers must then come out as 0.",
        "The residual mapping, $F = h - x$.",
    ),
    Mistaken(
        8, "the skip on the way back", "The gradient at a block's input is what $F$ pulls back of $d$, nothing else.",
        "The skip hands $d$ on as well.",
        (
            ("The skip has no slope: it has no weights.", "It is $x$ itself. What is the slope of $x$?"),
            ("What $F$ pulls back must be multiplied by $d$ again.", "The pullback contains $d$ already."),
            ("No gradient goes through $F$, all of it takes the skip.", "Its layers learn, so some does."),
        ),
        "The weights of a branch are all 0. The gradient behind the block is 5, and before it 5 as well.",
        "$dx = d + F$'s pullback of $d$.",
    ),
    Mistaken(
        8, "bottlenecks", "A bottleneck 256-64-256 costs a seventeenth of a basic block 64-64.",
        "It is a seventeenth at equal *outer* width.",
        (
            ("A bottleneck costs more than any basic block.", "Compare with a basic block of 256 channels."),
            ("Its 1x1 convolutions cost nothing, so it is less.", r"$64 \cdot 256$ weights each."),
            ("It is a ninth, since 3x3 is 9 times 1x1.", "Count the weights of all three convolutions."),
        ),
        "69,632 weights against 73,728.",
        "Against 256-256 (1,179,648 weights) it is 17 times cheaper.",
    ),
    Mistaken(
        8, "weights of convolutions", "On images twice as wide and high, a convolution needs four times the weights.",
        "The same filter serves every place.",
        (
            ("It needs twice the weights, not four times.", "Is the size of the image in $C_{out} C_{in} k^2$?"),
            ("Its biases grow fourfold, its weights do not.", "There is one for each filter."),
            ("It needs four times the channels instead.", "Channels are no pixels."),
        ),
        "A filter trained on 8 x 8 images runs on 80 x 80 ones as it is.",
        "$C_{out} C_{in} k^2$ weights, whatever the image's size.",
    ),
    Mistaken(
        8, "flipped filters", "In deep learning a filter is flipped before it slides over the image.",
        "The filter is applied as it is.",
        (
            ("It is flipped on the way back only.", "Is the gradient's filter a new one?"),
            ("It is transposed, not flipped.", "Rows of the filter meet rows of the window."),
            ("Flipping a filter would change nothing.", "It would, for a filter without symmetry."),
        ),
        r"The filter $(1,\ -1)$ on the window $(5,\ 2)$ gives $3$.",
        "No flip: the upper left of the filter meets the upper left of the window.",
    ),
    Mistaken(
        8, "sizes of convolutions", "A 3x3 convolution without padding, stride 1, keeps height and width.",
        "A window of 3 has two places fewer than pixels.",
        (
            ("Windows of 3 make the size a third of what it was.", "Windows overlap: the step is 1."),
            ("Without padding the size is halved in each direction.", "That is what stride 2 does."),
            ("The size grows by 2, as windows hang over the edge.", "Can a window hang over the edge?"),
        ),
        "In a row of 5 pixels there are 3 places for a window of 3.",
        "It takes a padding of 1.",
    ),
)  # fmt: skip
