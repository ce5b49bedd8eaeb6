"""What was typed, as numbers: 3, -2/3, 0.5, (2, 3), sqrt(2), ln(2), 2^3; and what to say about it."""

import ast
import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from labkit.drills.question import Number, Question, near

LONGEST = 200  # characters
LARGEST_POWER = 64
CLOSE = 0.05
FUNCTIONS = {"sqrt": math.sqrt, "ln": math.log, "log": math.log, "exp": math.exp}
CONSTANTS = {"e": math.e, "pi": math.pi}
SIGNS = str.maketrans({"−": "-", "–": "-", "·": "*", "×": "*", "^": "**", ";": ",", "{": "(", "}": ")"})


class Unreadable(ValueError):
    """What was typed is no answer. The message says what to type."""


@dataclass(frozen=True)
class Mark:
    """Whether an answer is right, and a sentence about it."""

    right: bool
    says: str


def mark(question: Question, typed: str) -> Mark:
    """Compare what was typed with the answer. Raises Unreadable where it can't be compared: that is no attempt."""
    return mark_numbers(question, letter(question, typed) if question.choices else several(question, typed))


def mark_numbers(question: Question, numbers: tuple[Number, ...]) -> Mark:
    """The mark of as many numbers as are asked for."""
    if all(map(near, numbers, question.answer)):
        return Mark(True, "Right.")
    for wrong in question.wrong:
        if all(map(near, numbers, wrong.numbers)):
            return Mark(False, wrong.hint)
    if all(map(close, numbers, question.answer)):
        return Mark(False, "Close. Whole numbers are exact; for others give three digits that count, such as 0.0182.")
    off = [name for name, number, wanted in zip(question.asks, numbers, question.answer) if not near(number, wanted)]
    if len(off) == len(question.asks):
        return Mark(False, "Not yet.")
    return Mark(False, f"Not yet. Look again at {', '.join(off)}; the rest is right.")


def close(number: Number, wanted: Number) -> bool:
    """Whether it is the wanted number with too few digits."""
    return near(number, wanted) or number != 0 and abs(number - wanted) <= CLOSE * abs(wanted)


def letter(question: Question, typed: str) -> tuple[int]:
    letters = "abcdefgh"[: len(question.choices)]
    found = typed.strip(" ().").lower()
    if len(found) != 1 or found not in letters:
        raise Unreadable(f"Type one letter, {letters[0]} to {letters[-1]}.")
    return (letters.index(found),)


def several(question: Question, typed: str) -> tuple[Number, ...]:
    found, wanted = read(typed), len(question.asks)
    if wanted == 1 and len(found) == 2 and re.fullmatch(r"\s*-?\d+,\d+\s*", typed):
        raise Unreadable(f"Write {typed.strip().replace(',', '.')} with a point.")
    if len(found) != wanted:
        numbers = "one number" if wanted == 1 else f"{wanted} numbers, with commas between"
        raise Unreadable(f"Expected {numbers}: {', '.join(question.asks)}. Found {len(found)}.")
    return tuple(found)


def read(typed: str) -> list[Number]:
    """The numbers of a text, row by row where there are brackets. Raises Unreadable."""
    if not typed.strip():
        raise Unreadable("Type your answer first.")
    if len(typed) > LONGEST:
        raise Unreadable("That is far too long for an answer.")
    text = as_python(typed)
    for attempt in (text, ", ".join(text.replace(",", " ").split())):
        try:
            return _flat(ast.parse(attempt, mode="eval").body)
        except (SyntaxError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError):
            continue
    raise Unreadable(f"{typed.strip()!r} can't be read. Type numbers such as 3, -2/3, 0.5, sqrt(2) or ln(2).")


def as_python(typed: str) -> str:
    """2 ln 4 as 2*ln(4), 33% as (33/100), c = 3 as 3, and decimal commas where semicolons stand between the numbers."""
    if ";" in typed:
        typed = re.sub(r"(?<=\d),(?=\d)", ".", typed)
    text = re.sub(r"[^\W\d]\w*\s*=", "", typed.translate(SIGNS))
    text = re.sub(r"(\d+(?:\.\d+)?)\s*%", r"(\1/100)", text)
    text = re.sub(r"\b(ln|log|sqrt|exp)\s+(\d+(?:\.\d+)?)", r"\1(\2)", text)
    return re.sub(r"(?<=[\d)])\s*(?=(?:ln|log|sqrt|exp)\b)", "*", text).strip()


def _flat(node: ast.AST) -> list[Number]:
    if isinstance(node, ast.Tuple | ast.List):
        return [number for each in node.elts for number in _flat(each)]
    return [_value(node)]


OPERATIONS: dict[type, Callable] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.USub: operator.neg, ast.UAdd: operator.pos,
}  # fmt: skip


def _value(node: ast.AST) -> Number:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.Name(id=name) if name in CONSTANTS:
            return CONSTANTS[name]
        case ast.UnaryOp(op=op, operand=inner) if type(op) in OPERATIONS:
            return OPERATIONS[type(op)](_value(inner))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, power = _value(left), _value(right)
            if abs(power) > LARGEST_POWER or abs(base) > 1e6:
                raise ValueError("too large")
            return base**power
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATIONS:
            return OPERATIONS[type(op)](_value(left), _value(right))
        case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](_value(inner))
    raise ValueError("not a number")
