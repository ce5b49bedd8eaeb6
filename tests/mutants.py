"""Syntax-tree mutants of a function: one small change each (operator, constant, comparison, dropped term or line)."""

import ast
import copy
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator

OPERATORS = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.Mult,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
NAMES = {
    "max": "min", "min": "max", "maximum": "minimum", "minimum": "maximum", "sum": "mean", "mean": "sum",
    "exp": "expm1", "log": "log1p", "log1p": "log", "expm1": "exp", "zeros": "ones", "ones": "zeros", "abs": "negative",
    "any": "all", "all": "any", "zeros_like": "ones_like", "tanh": "sinh", "shape": "T",
}  # fmt: skip


def mutants(function: Callable) -> Iterator[tuple[str, Callable]]:
    """(what was changed, the changed function), one after the other."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    body = tree.body[0].body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) and len(body) > 1:
        del body[0]
    seen = {ast.unparse(tree)}
    for number in range(len(list(ast.walk(tree)))):
        for variant in _variants(tree, number):
            text = ast.unparse(variant)
            if text not in seen:
                seen.add(text)
                yield _difference(ast.unparse(tree), text), _compile(text, function)


def _compile(text: str, function: Callable) -> Callable:
    namespace = dict(vars(sys.modules[function.__module__]))
    exec(compile(text, f"<mutant of {function.__name__}>", "exec"), namespace)
    return namespace[function.__name__]


def _difference(before: str, after: str) -> str:
    old, new = before.splitlines(), after.splitlines()
    changed = [line.strip() for line in new if line not in old]
    dropped = [line.strip() for line in old if line not in new]
    return " ; ".join(dropped) + "  ->  " + (" ; ".join(changed) or "(dropped)")


def _variants(tree: ast.Module, number: int) -> Iterator[ast.Module]:
    """Every variant of the tree that changes the node of this number."""
    for change in _changes(list(ast.walk(tree))[number]):
        variant = copy.deepcopy(tree)
        node = list(ast.walk(variant))[number]
        try:
            replacement = change(node)
        except (AttributeError, IndexError):
            continue
        if replacement is not node:
            _replace(variant, node, replacement)
        yield ast.fix_missing_locations(variant)


def _changes(node: ast.AST) -> Iterator[Callable]:
    if isinstance(node, ast.BinOp | ast.AugAssign):
        for other in OPERATORS.get(type(node.op), ()):
            yield lambda n, other=other: _set(n, op=other())
    if isinstance(node, ast.BinOp):
        yield lambda n: n.left
        yield lambda n: n.right
    if isinstance(node, ast.BoolOp):
        yield lambda n: _set(n, op=OPERATORS[type(n.op)][0]())
        yield lambda n: n.values[0]
        yield lambda n: n.values[-1]
    if isinstance(node, ast.Compare):
        for other in OPERATORS.get(type(node.ops[0]), ()):
            yield lambda n, other=other: _set(n, ops=[other(), *n.ops[1:]])
    if isinstance(node, ast.UnaryOp):
        yield lambda n: n.operand
    if isinstance(node, ast.Constant):
        yield from _constants(node.value)
    if isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield lambda n: _set(n, attr=NAMES[n.attr])
    if isinstance(node, ast.Name) and node.id in NAMES:
        yield lambda n: _set(n, id=NAMES[n.id])
    if isinstance(node, ast.Call):
        if len(node.args) == 1:
            yield lambda n: n.args[0]
        for index in range(len(node.keywords)):
            yield lambda n, i=index: _set(n, keywords=n.keywords[:i] + n.keywords[i + 1 :])
        if len(node.args) == 2:
            yield lambda n: _set(n, args=n.args[::-1])
            yield lambda n: _set(n, args=n.args[:1])
    if isinstance(node, ast.If | ast.IfExp):
        yield lambda n: _set(n, test=ast.Constant(True))
        yield lambda n: _set(n, test=ast.Constant(False))
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Raise):
        yield lambda n: ast.Pass()
    if isinstance(node, ast.Slice):
        yield lambda n: ast.Slice()


def _constants(value) -> Iterator[Callable]:
    if isinstance(value, bool):
        yield lambda n: ast.Constant(not n.value)
    elif isinstance(value, int | float):
        yield lambda n: ast.Constant(n.value + 1)
        yield lambda n: ast.Constant(n.value - 1)
    elif value is None:
        yield lambda n: ast.Constant(0)


def _set(node: ast.AST, **fields) -> ast.AST:
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    class Swap(ast.NodeTransformer):
        def visit(self, node):
            return new if node is old else self.generic_visit(node)

    Swap().visit(tree)
