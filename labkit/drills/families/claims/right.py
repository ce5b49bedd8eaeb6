"""Claims that are right."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Right:
    section: int  # of the cheat sheet
    subject: str
    text: str
    why: str


RIGHT = (
    # -- the net
    Right(
        1, "parameter counts", r"A net has $\sum_l (n_l n_{l-1} + n_l)$ parameters, whatever the batch size.",
        "Each layer has a matrix and a bias column. Examples bring no parameters.",
    ),
    Right(
        1, "shapes of weights", "With examples as columns, $W^{[l]}$ has one row for each unit of layer $l$.",
        "$W^{[l]}$ is $(n_l, n_{l-1})$: a unit's weights are a row.",
    ),
    Right(
        1, "biases", "The same $b^{[l]}$ is added to every example of a batch.",
        "$b^{[l]}$ is $(n_l, 1)$: one number for each unit, for all columns.",
    ),
    Right(
        1, "logits", "The logits of a classifier are its last $z$, before any softmax or sigmoid.",
        "They are what softmax turns into probabilities.",
    ),
    Right(
        1, "linear layers in a row", "Without activations between them, ten linear layers can't do more than one.",
        "A matrix times a matrix is a matrix. (Narrow layers can even do less.)",
    ),
    # -- losses
    Right(
        2, "softmax", "Adding the same number to all logits leaves the softmax as it is.",
        r"All powers $e^{o_k}$ get the same factor, and it cancels.",
    ),
    Right(
        2, "log-sum-exp", r"$\log\sum_k e^{o_k} = c + \log\sum_k e^{o_k - c}$ holds for any number $c$.",
        r"$e^c$ can be taken out of the sum. The largest logit is just the safe choice.",
    ),
    Right(
        2, "values of the cross-entropy", r"A classifier that gives all $K$ classes one probability pays $\log K$.",
        r"$-\log\frac1K = \log K$, for every label.",
    ),
    Right(
        2, "certain predictions", "Certain and right costs nothing; certain and wrong costs infinitely much.",
        r"$-\log 1 = 0$, and $-\log \hat y$ grows without limit as $\hat y$ goes to 0.",
    ),
    Right(
        2, "squared error", "By squared error, one error of 3 is worse than three errors of 1.",
        "9 against 3. By absolute error the two are equal.",
    ),
    Right(
        2, "factors before a loss", r"$\frac1m$ or $\frac1{2m}$ before the squared error: the best net is the same.",
        "A factor scales the landscape. Its lowest point stays where it is.",
    ),
    Right(
        2, "two classes", "The softmax of two logits is the sigmoid of their difference.",
        r"$\frac{e^a}{e^a + e^b} = \frac{1}{1 + e^{-(a - b)}}$.",
    ),
    # -- backprop
    Right(
        3, "output deltas", r"Softmax with cross-entropy, one example: the entries of $\delta = \hat y - y$ sum to 0.",
        r"$\hat y$ and the one-hot $y$ both sum to 1.",
    ),
    Right(
        3, "output deltas", r"Sigmoid with binary cross-entropy, one example: $\delta = \hat y - y$ at the logit.",
        "The slope of the sigmoid cancels against the loss's derivative.",
    ),
    Right(
        3, "weight gradients", r"$dW^{[l]} = \delta^{[l]} (A^{[l-1]})^\top$ already adds up over the batch.",
        "The product runs over the columns, and these are the examples.",
    ),
    Right(
        3, "bias gradients", r"For a batch, $db^{[l]}$ is the sum of the columns of $\delta^{[l]}$.",
        "$b$ has a part in every example. Paths add up; the $1/m$ is in delta already.",
    ),
    Right(
        3, "hidden deltas", r"$\delta^{[l]}$ takes the weights of the next layer and the slope at its own $z$.",
        r"$\delta^{[l]} = (W^{[l+1]})^\top \delta^{[l+1]} \odot \phi'(z^{[l]})$.",
    ),
    Right(
        3, "slopes", r"The slope of the sigmoid is nowhere larger than $\frac14$.",
        r"$s(1 - s)$ is largest at $s = \frac12$.",
    ),
    Right(
        3, "slopes", r"At $z = 0$ tanh has the slope 1.",
        r"$1 - \tanh^2 0 = 1$.",
    ),
    Right(
        3, "gradient checks", r"Central differences of the loss check a gradient without any backward pass.",
        "They need the loss only, at two points close by.",
    ),
    # -- initialization
    Right(
        4, "He's rule", "The 2 in He's rule makes up for the half of the squares that ReLU drops.",
        r"One layer multiplies the variance by $n v \cdot \frac12$. That is 1 for $v = 2/n$.",
    ),
    Right(
        4, "Glorot's rule", "Glorot's variance lies between what the way forward and the way back would want.",
        r"These are $1/n_{l-1}$ and $1/n_l$, and $2/(n_{l-1} + n_l)$ is between them.",
    ),
    Right(
        4, "symmetry", "Two hidden units with equal weights, in and out, stay equal under gradient descent.",
        "Equal activations, equal deltas, equal gradients: nothing tells them apart.",
    ),
    Right(
        4, "the start of biases", "Biases may all start at 0 if the weights are drawn at random.",
        "The weights break the symmetry already.",
    ),
    Right(
        4, "dead units", "A ReLU unit whose $z$ is negative for every example gets no gradient at all.",
        "The slope there is 0, so delta is 0, and with it the gradient of its weights.",
    ),
    Right(
        4, "GELU", "GELU is smooth, and a little below 0 for negative $z$ near 0.",
        r"$z\,\Phi(z)$ with $z < 0$ is negative; its lowest value is about $-0.17$.",
    ),
    Right(
        4, "saturation", "Where a tanh unit is saturated, hardly any gradient comes through.",
        r"$1 - \tanh^2 z$ is almost 0 there.",
    ),
    # -- optimizers
    Right(
        5, "momentum", r"With a constant gradient $g$, the sum $v \leftarrow \mu v + g$ grows to $g/(1 - \mu)$.",
        r"It comes to rest where $v = \mu v + g$.",
    ),
    Right(
        5, "Adam", r"Adam's first step is about $\eta$ in each coordinate, large gradient or small.",
        r"$\hat m = g$ and $\hat v = g^2$, so the ratio is 1 or $-1$.",
    ),
    Right(
        5, "Adam", "After many thousand steps Adam's bias correction hardly does anything.",
        r"$\beta^t$ goes to 0, so $1 - \beta^t$ goes to 1.",
    ),
    Right(
        5, "test data", "Test data are standardised by the mean and deviation of the training data.",
        "The net must meet the same features that it was trained on.",
    ),
    Right(
        5, "minibatches", "A batch four times as large has about half the noise in its gradient.",
        "The noise of a mean falls with the root of the number of examples.",
    ),
    Right(
        5, "learning rates", "On a bowl, plain descent diverges if $\\eta$ is above 2 over the largest curvature.",
        r"Along an axis of curvature $c$ a step multiplies the distance by $1 - \eta c$, which is then below $-1$.",
    ),
    # -- regularization
    Right(
        6, "the gradient of L2", r"The penalty $\frac\lambda2\lVert W\rVert_F^2$ adds $\lambda W$ to $dW$.",
        r"With the half in front the 2 of the derivative cancels.",
    ),
    Right(
        6, "biases and L2", "The usual L2 penalty leaves the biases out.",
        "They shift a function and don't make it steeper.",
    ),
    Right(
        6, "weight decay", r"In plain SGD, L2 shrinks every weight by the share $2\eta\lambda$ in each step.",
        r"$W - \eta(g + 2\lambda W) = (1 - 2\eta\lambda)W - \eta g$.",
    ),
    Right(
        6, "dropout", "With inverted dropout there is nothing left to do at inference.",
        "The division by $1 - p$ in training keeps the expectation.",
    ),
    Right(
        6, "dropout", "On the way back, dropout uses the mask of the way forward.",
        "It is the derivative of what was computed, with that very mask.",
    ),
    Right(
        6, "early stopping", "Early stopping hands in the weights of the best epoch, not those of the last.",
        "When it stops, the best epoch is some epochs ago.",
    ),
    Right(
        6, "augmentation", "What augmentation is allowed depends on the label: a coin may be turned by any angle.",
        "The label must stay true. For a coin it does.",
    ),
    Right(
        6, "overfitting", "A falling training loss with a climbing validation loss is the mark of overfitting.",
        "The net learns what holds for its own examples only.",
    ),
    # -- batch norm
    Right(
        7, "the axis of batch norm", "Batch norm takes a mean and a variance for each unit, over the batch.",
        r"$\mu$ and $\sigma^2$ have one entry per unit.",
    ),
    Right(
        7, "a bias before batch norm", "A bias right before batch norm has no effect on the output in training.",
        "It moves all $z$ and their mean alike, and the mean is subtracted.",
    ),
    Right(
        7, r"$\gamma$ and $\beta$",
        r"With $\gamma = \sqrt{\sigma^2 + \varepsilon}$ and $\beta = \mu$, batch norm gives $z$ back.",
        r"$\hat z$ times the root is $z - \mu$, and $\mu$ is added again.",
    ),
    Right(
        7, "batch norm at inference", "At inference batch norm can work on a single example.",
        "It takes the running averages, and they need no batch.",
    ),
    Right(
        7, "batches of one", r"In training, with a batch of one, batch norm gives $\beta$ for any input.",
        r"$z - \mu = 0$, so $\hat z = 0$.",
    ),
    Right(
        7, "the way back through batch norm",
        "In training, one example's loss has a gradient for every $z$ of the batch.",
        r"Each $z$ is part of $\mu$ and of $\sigma^2$.",
    ),
    Right(
        7, "higher learning rates", "Nets with batch norm often still train at rates at which plain ones break.",
        "That is observed: in lab 07 the largest rate was ten times as high.",
    ),
    Right(
        7, "the scale of weights", r"With $\varepsilon = 0$, doubling $W$ before batch norm changes no output.",
        r"$z - \mu$ and $\sigma$ both double.",
    ),
    # -- residual nets
    Right(
        8, "what a residual block learns", "If the best a block can do is nothing, its layers have to learn $F = 0$.",
        "$h(x) = x$ means $F(x) = h(x) - x = 0$.",
    ),
    Right(
        8, "the skip on the way back", r"On the way back a residual block adds $d$ itself to what comes through $F$.",
        r"$\frac{\partial h}{\partial x} = 1 + F'$: the 1 is the skip.",
    ),
    Right(
        8, "shapes in a residual block", "In $x + F(x)$ the branch must give back the shape of $x$.",
        "The two are added entry by entry.",
    ),
    Right(
        8, "deep plain nets", "A deeper plain net can end with a higher *training* loss: that is no overfitting.",
        "Overfitting would lower the training loss. It is harder to optimise.",
    ),
    Right(
        8, "bottlenecks", "At equal outer width, 1x1, 3x3, 1x1 (narrow inside) has far fewer weights than two 3x3.",
        "Only the narrow middle pays the factor 9. With 256-64-256 it is 17 times fewer.",
    ),
    Right(
        8, "1x1 convolutions", "A 1x1 convolution is a linear layer that each pixel goes through by itself.",
        "Its window holds one pixel: only the channels are mixed.",
    ),
    Right(
        8, "sizes of convolutions", "A 3x3 convolution with stride 1 and padding 1 keeps height and width.",
        r"$(n + 2 - 3)/1 + 1 = n$.",
    ),
    Right(
        8, "channels", "A convolution's output has as many channels as it has filters.",
        "Each filter looks at all channels of the input and makes one of the output.",
    ),
)  # fmt: skip
