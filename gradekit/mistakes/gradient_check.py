"""Lab 03: wrong and right versions of the central difference."""

import numpy as np

from gradekit.bank import mistake, right

ONE_SIDED = "It steps to one side only, and its error falls as h. Which second point makes it fall as h^2?"
SCALED = "It scales the direction. A direction twice as long has twice the slope: nothing is to be scaled."
CHANGES_THETA = "it changes theta: whoever called it has other parameters now. Make a new array."


def difference(J, theta, direction, h):
    return J(theta + h * direction) - J(theta - h * direction)


@mistake("slope_along", ONE_SIDED)
def forward_difference(J, theta, direction, h=1e-5):
    return (J(theta + h * direction) - J(theta)) / h


@mistake("slope_along", f"{ONE_SIDED} It looks back.")
def backward_difference(J, theta, direction, h=1e-5):
    return (J(theta) - J(theta - h * direction)) / h


@mistake("slope_along", "It steps to one side and divides by two steps. How far apart are its two points?")
def forward_over_2h(J, theta, direction, h=1e-5):
    return (J(theta + h * direction) - J(theta)) / (2 * h)


@mistake("slope_along", "It divides by h. How far apart are the two points?")
def over_h(J, theta, direction, h=1e-5):
    return difference(J, theta, direction, h) / h


@mistake("slope_along", "It divides by 4h. How far apart are the two points?")
def over_4h(J, theta, direction, h=1e-5):
    return difference(J, theta, direction, h) / (4 * h)


@mistake("slope_along", "It divides by 2 and not by h. A slope is a rise for each unit of the way: which way was made?")
def over_2(J, theta, direction, h=1e-5):
    return difference(J, theta, direction, h) / 2


@mistake("slope_along", "The rise is not divided by anything. How far apart are the two points?")
def rise_only(J, theta, direction, h=1e-5):
    return difference(J, theta, direction, h)


@mistake("slope_along", "Without brackets it divides by 2 and multiplies by h. What does the fraction line stand over?")
def times_h(J, theta, direction, h=1e-5):
    return difference(J, theta, direction, h) / 2 * h


@mistake("slope_along", "Without brackets only the second value is divided. What does the fraction line stand under?")
def brackets_missing(J, theta, direction, h=1e-5):
    return J(theta + h * direction) - J(theta - h * direction) / (2 * h)


@mistake("slope_along", "It divides by 2 h^2. Which power of h is the distance of the two points?")
def over_h_squared(J, theta, direction, h=1e-5):
    return difference(J, theta, direction, h) / (2 * h**2)


@mistake("slope_along", "It does not use h: its step is 1e-5 always. What if someone asks for h = 0.1?")
def h_ignored(J, theta, direction, h=1e-5):
    return difference(J, theta, direction, 1e-5) / 2e-5


@mistake("slope_along", "It steps by 1e-5 and divides by the h that came in. Are both the same step?")
def h_only_below(J, theta, direction, h=1e-5):
    return difference(J, theta, direction, 1e-5) / (2 * h)


@mistake("slope_along", "It steps by the whole direction. Where is h in the step?")
def h_only_below_the_line(J, theta, direction, h=1e-5):
    return difference(J, theta, direction, 1) / (2 * h)


@mistake("slope_along", "It steps by 2h to each side and divides by 2h. How far apart are its two points?")
def double_step(J, theta, direction, h=1e-5):
    return difference(J, theta, direction, 2 * h) / (2 * h)


@mistake("slope_along", "It steps by 2h to each side. By how much does the formula step?")
def wide_step(J, theta, direction, h=1e-5):
    return difference(J, theta, direction, 2 * h) / (4 * h)


@mistake("slope_along", "It steps by h/2 to each side. By how much does the formula step?")
def half_step(J, theta, direction, h=1e-5):
    return difference(J, theta, direction, h / 2) / h


@mistake("slope_along", SCALED)
def normalised(J, theta, direction, h=1e-5):
    return difference(J, theta, direction / np.linalg.norm(direction), h) / (2 * h)


@mistake("slope_along", "It divides by the length of the direction. The sum of gradient * d has no such factor.")
def over_length(J, theta, direction, h=1e-5):
    return difference(J, theta, direction, h) / (2 * h * np.linalg.norm(direction))


@mistake("slope_along", "It normalises the direction for the step and multiplies its length back. Does h still mean "
         "the same step?")  # fmt: skip
def normalised_and_back(J, theta, direction, h=1e-5):
    length = np.linalg.norm(direction)
    return difference(J, theta, direction / length, h) / (2 * h) * length


@mistake("slope_along", "It ignores the direction: every coordinate steps by h. What is to be multiplied by h?")
def direction_ignored(J, theta, direction, h=1e-5):
    return difference(J, theta, np.ones_like(direction), h) / (2 * h)


@mistake("slope_along", "It only uses the direction's signs. How large is each coordinate's step?")
def signs_of_direction(J, theta, direction, h=1e-5):
    return difference(J, theta, np.sign(direction), h) / (2 * h)


@mistake("slope_along", "Every coordinate steps by h, and the slope is multiplied by the direction at the end. The "
         "direction belongs inside J.")  # fmt: skip
def direction_outside(J, theta, direction, h=1e-5):
    return (difference(J, theta, 1, h) / (2 * h) * direction).sum()


@mistake("slope_along", "It returns one number for each coordinate. The slope along a direction is one number.")
def one_for_each_coordinate(J, theta, direction, h=1e-5):
    return difference(J, theta, 1, h) / (2 * h) * direction


@mistake("slope_along", "It divides by the direction too. J gives one number: what is it divided by?")
def over_the_direction(J, theta, direction, h=1e-5):
    return difference(J, theta, direction, h) / (2 * h * direction)


@mistake("slope_along", "The step grows with theta. It should depend on h and the direction alone.")
def relative_step(J, theta, direction, h=1e-5):
    return difference(J, theta, theta * direction, h) / (2 * h)


@mistake("slope_along", "It steps from 0. Where does theta come in?")
def from_the_origin(J, theta, direction, h=1e-5):
    return difference(J, np.zeros_like(theta), direction, h) / (2 * h)


@mistake("slope_along", "theta is multiplied by h. What is added to theta, and what is scaled by h?")
def theta_scaled(J, theta, direction, h=1e-5):
    return (J(h * (theta + direction)) - J(h * (theta - direction))) / (2 * h)


@mistake("slope_along", "Its sign is turned. Which of the two points lies ahead?")
def turned(J, theta, direction, h=1e-5):
    return -difference(J, theta, direction, h) / (2 * h)


@mistake("slope_along", "It adds the two values: that is a mean of J. What does a slope compare?")
def added(J, theta, direction, h=1e-5):
    return (J(theta + h * direction) + J(theta - h * direction)) / (2 * h)


@mistake("slope_along", "It is never negative. What is the slope on the way down?")
def absolute(J, theta, direction, h=1e-5):
    return abs(difference(J, theta, direction, h)) / (2 * h)


@mistake("slope_along", "It is a second difference, the curvature. Which two values make a slope?")
def curvature(J, theta, direction, h=1e-5):
    return (J(theta + h * direction) - 2 * J(theta) + J(theta - h * direction)) / h**2


@mistake("slope_along", "It evaluates J at four points, another formula. Which two points does this one use?")
def five_points(J, theta, direction, h=1e-5):
    return (8 * difference(J, theta, direction, h) - difference(J, theta, direction, 2 * h)) / (12 * h)


@mistake("slope_along", "It evaluates J at the same point twice. On which side of theta does each point lie?")
def same_point_twice(J, theta, direction, h=1e-5):
    return (J(theta + h * direction) - J(theta + h * direction)) / (2 * h)


@mistake("slope_along", f"The second step starts where the first one ended, and {CHANGES_THETA}")
def steps_from_where_it_is(J, theta, direction, h=1e-5):
    theta += h * direction
    ahead = J(theta)
    theta -= h * direction
    theta -= 0.5 * h * direction
    return (ahead - J(theta)) / (2 * h)


@mistake("slope_along", f"The two steps cancel, and it is a one-sided slope over two steps. And {CHANGES_THETA}")
def steps_that_cancel(J, theta, direction, h=1e-5):
    theta += 2 * h * direction
    ahead = J(theta)
    theta -= h * direction
    return (ahead - J(theta)) / (2 * h)


@mistake("slope_along", f"The value is right, but {CHANGES_THETA}")
def theta_left_behind(J, theta, direction, h=1e-5):
    theta += h * direction
    ahead = J(theta)
    theta -= 2 * h * direction
    return (ahead - J(theta)) / (2 * h)


@mistake("slope_along", "The value is right, but theta steps ahead and back, and rounding is not undone by that. Make "
         "a new array.")  # fmt: skip
def theta_stepped_back(J, theta, direction, h=1e-5):
    theta += h * direction
    ahead = J(theta)
    theta -= 2 * h * direction
    behind = J(theta)
    theta += h * direction
    return (ahead - behind) / (2 * h)


@right("slope_along")
def h_first(J, theta, direction, h=1e-5):
    step = direction * h
    ahead, behind = J(theta + step), J(theta - step)
    return (ahead - behind) / h / 2


@right("slope_along")
def behind_first(J, theta, direction, h=1e-5):
    behind = J(theta - h * direction)
    return (J(theta + h * direction) - behind) * 0.5 / h


@right("slope_along")
def on_a_line(J, theta, direction, h=1e-5):
    def line(t):
        return J(theta + t * direction)

    return (line(h) - line(-h)) / (h - -h)


@right("slope_along")
def mean_of_both_sides(J, theta, direction, h=1e-5):
    here = J(theta)
    ahead, behind = (J(theta + h * direction) - here) / h, (here - J(theta - h * direction)) / h
    return np.float64(ahead + behind) / 2


@right("slope_along")
def on_copies(J, theta, direction, h=1e-5):
    ahead, behind = np.copy(theta), np.copy(theta)
    ahead += h * direction
    behind -= h * direction
    return np.subtract(J(ahead), J(behind)) / (2 * h)


@right("slope_along")
def number_by_number(J, theta, direction, h=1e-5):
    values = []
    for sign in (1, -1):
        moved = np.array([t + sign * h * d for t, d in zip(theta.flat, direction.flat)])
        values.append(J(moved.reshape(theta.shape)))
    return (values[0] - values[1]) / (2 * h)
