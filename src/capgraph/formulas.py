"""Small formulas over named numbers, read as data and never run as code: ``valuation / revenue``, ``after > before``.

Names, plain numbers, ``+ - * /``, parentheses, ``min``, ``max``, ``abs`` and comparisons (``=`` is written as people
write it). A formula is worked out over intervals, so its result contains every result over numbers of its inputs.

A name that stands more than once, as in ``(now - before) / before``, makes plain interval arithmetic too wide, because
it forgets that both are the same number. Where the formula rises or falls throughout in each of its names (its partial
derivatives, themselves worked out over the intervals, keep their sign) the ends of the result are those at two corners,
and exact; elsewhere the wide interval stands, which still contains every result.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cached_property, reduce

from capgraph.errors import UsageProblem, shortened
from capgraph.intervals import Bound, Interval, greatest, hull, least

LONGEST = 500
"""Most characters of a formula."""

_NOUGHT, _ONE = Interval.of(0), Interval.of(1)
_EQUALS = re.compile(r"(?<![<>=!])=(?!=)")
_SIGNS: Mapping[type[ast.cmpop], str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "="}
_OPERATORS: Mapping[type[ast.operator], Callable[[Interval, Interval], Interval]] = {
    ast.Add: Interval.__add__, ast.Sub: Interval.__sub__, ast.Mult: Interval.__mul__, ast.Div: Interval.__truediv__,
}  # fmt: skip
_FUNCTIONS = ("abs", "max", "min")

Numbers = Mapping[str, Interval]


@dataclass(frozen=True, slots=True)
class Side:
    """A value with its partial derivatives by the names in it, all as intervals."""

    value: Interval
    slopes: Mapping[str, Interval]


class Formula:
    """A formula that was read. ``names`` are its inputs in order of appearance.

    >>> formula = Formula.parse("valuation / revenue")
    >>> ratio = formula.value({"valuation": Interval.of(285, 295), "revenue": Interval.of(3, 4)})
    >>> print(ratio, formula.names, Formula.parse("a + 1 > b").compares)
    [285/4, 295/3] ('valuation', 'revenue') True
    """

    def __init__(self, text: str, tree: ast.expr) -> None:
        self.text = text
        self.tree = tree

    @classmethod
    def parse(cls, text: str) -> Formula:
        """Read a formula. Raises UsageProblem, with what is wrong, for anything that is none."""
        if len(text) > LONGEST:
            raise UsageProblem(f"a formula has at most {LONGEST} characters, this one {len(text)}")
        try:
            tree = ast.parse(_EQUALS.sub("==", text.strip()), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise UsageProblem(f"{shortened(text)!r} is no formula ({_reason(error)})") from error
        for part in [tree.left, *tree.comparators] if isinstance(tree, ast.Compare) else [tree]:
            _refuse_strange(part, text)
        if isinstance(tree, ast.Compare) and not all(type(sign) in _SIGNS for sign in tree.ops):
            raise UsageProblem(f"{shortened(text)!r} compares by another sign than < <= > >= =")
        return cls(text.strip(), tree)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._occurring))

    @cached_property
    def _occurring(self) -> list[str]:
        called = {id(node.func) for node in ast.walk(self.tree) if isinstance(node, ast.Call)}
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.Name) and id(node) not in called]
        return [node.id for node in sorted(found, key=lambda node: (node.lineno, node.col_offset))]

    @property
    def compares(self) -> bool:
        """Whether the formula says yes or no instead of giving a number."""
        return isinstance(self.tree, ast.Compare)

    @property
    def bare(self) -> bool:
        """Whether the formula is nothing but one name."""
        return isinstance(self.tree, ast.Name)

    def value(self, numbers: Numbers) -> Interval:
        """The result, for a formula that gives a number. Raises ZeroDivisionError where it divides by nought."""
        return _result(self.tree, numbers)

    def holds(self, numbers: Numbers) -> bool | None:
        """Whether a comparison holds: True or False for all numbers of the intervals, None where it depends on them.

        Two sides are equal (``=``) where some numbers of their intervals are: that is all that rounded numbers can say.
        """
        answers = [_compared(left, sign, right, numbers) for left, sign, right in self.comparisons]
        if False in answers:
            return False
        return None if None in answers else True

    @property
    def comparisons(self) -> Iterator[tuple[ast.expr, str, ast.expr]]:
        """Each comparison of the formula: its left side, its sign and its right side."""
        if isinstance(self.tree, ast.Compare):
            sides = [self.tree.left, *self.tree.comparators]
            for left, sign, right in zip(sides, self.tree.ops, sides[1:], strict=False):
                yield left, _SIGNS[type(sign)], right

    def way(self, numbers: Numbers) -> str:
        """How :meth:`value` came by its result: ``once``, ``corners`` or ``wide`` (see the head of this module)."""
        if max(Counter(self._occurring).values(), default=0) <= 1:
            return "once"
        parts = [self.tree] if not self.compares else [_difference(left, right) for left, _, right in self.comparisons]
        return "corners" if all(_corners(part, numbers) is not None for part in parts) else "wide"

    def unit(self, units: Mapping[str, str]) -> str | None:
        """The unit of the result: a code, empty for a plain number, None where it cannot be told.

        A percentage less a percentage is in percentage points; a quotient of two figures of one unit is a ratio; what
        is multiplied or divided by a number, a ratio or a percentage keeps its unit.
        """
        return _unit(self.tree, units)

    def mixes_points(self, units: Mapping[str, str]) -> bool:
        """Whether percent and percentage points meet as if they were one unit: on the two sides of a comparison."""
        sides = [{_unit(left, units), _unit(right, units)} for left, _, right in self.comparisons]
        return any(pair == {"percent", "points"} for pair in sides)

    def __str__(self) -> str:
        return self.text


def _reason(error: Exception) -> str:
    return error.msg if isinstance(error, SyntaxError) else "it is nested too deeply"


def _refuse_strange(tree: ast.expr, text: str) -> None:
    """Raises UsageProblem for a node that is no part of a formula."""
    allowed = (ast.BinOp, ast.UnaryOp, ast.Constant, ast.Name, ast.Call, ast.Load, ast.USub, ast.UAdd, *_OPERATORS)
    for node in ast.walk(tree):
        known = isinstance(node, allowed)
        if isinstance(node, ast.Constant):
            known = isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
        if isinstance(node, ast.Call):
            function = node.func.id if isinstance(node.func, ast.Name) else ""
            known = function in _FUNCTIONS and bool(node.args) and not node.keywords
            known = known and (function != "abs" or len(node.args) == 1)
        if not known:
            part = ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__
            raise UsageProblem(
                f"{shortened(part)!r} is no part of a formula, in {shortened(text)!r}; there are names, numbers, "
                f"+ - * /, parentheses, comparisons, {', '.join(_FUNCTIONS)}"
            )


# Values ---------------------------------------------------------------------------------------------------------------


def _result(tree: ast.expr, numbers: Numbers) -> Interval:
    """The range of an expression: by corners where that is exact, else by plain interval arithmetic."""
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in numbers]
    if len(names) > len(set(names)):
        found = _corners(tree, numbers)
        if found is not None:
            return found
    return _value(tree, numbers)


def _value(tree: ast.expr, numbers: Numbers) -> Interval:
    if isinstance(tree, ast.Constant):
        return Interval.of(_number(tree))
    if isinstance(tree, ast.Name):
        return numbers[tree.id]
    if isinstance(tree, ast.UnaryOp):
        inner = _value(tree.operand, numbers)
        return -inner if isinstance(tree.op, ast.USub) else inner
    if isinstance(tree, ast.BinOp):
        return _OPERATORS[type(tree.op)](_value(tree.left, numbers), _value(tree.right, numbers))
    assert isinstance(tree, ast.Call)
    assert isinstance(tree.func, ast.Name)
    values = [_value(argument, numbers) for argument in tree.args]
    return abs(values[0]) if tree.func.id == "abs" else reduce(least if tree.func.id == "min" else greatest, values)


def _number(node: ast.Constant) -> Fraction:
    """The number exactly as written: 0.1 is a tenth."""
    try:
        return Fraction(Decimal(str(node.value)))
    except (InvalidOperation, OverflowError, ValueError) as error:
        raise UsageProblem(f"{node.value!r} is no number of a formula") from error


def _compared(left: ast.expr, sign: str, right: ast.expr, numbers: Numbers) -> bool | None:
    over = _result(_difference(left, right), numbers)
    if sign == "=":
        return 0 in over
    if sign in ("<", "<="):
        over = -over
    if over.low > 0 or (over.low == 0 and (sign in (">=", "<=") or over.open_low)):
        return True
    return False if over.high < 0 or (over.high == 0 and (sign in (">", "<") or over.open_high)) else None


def _difference(left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.BinOp(left, ast.Sub(), right)


# Corners --------------------------------------------------------------------------------------------------------------


def _corners(tree: ast.expr, numbers: Numbers) -> Interval | None:
    """The exact range, where every name keeps its slope's sign and every input is bounded; None elsewhere."""
    names = sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in numbers})
    if not all(numbers[name].bounded for name in names):
        return None
    try:
        slopes = _side(tree, numbers).slopes
    except ZeroDivisionError:
        return None
    signs = {name: _sign(slopes.get(name, _NOUGHT)) for name in names}
    if any(sign is None for sign in signs.values()):
        return None
    low, high = (_corner(tree, numbers, slopes, signs, top) for top in (False, True))
    return Interval(low[0], low[0]) if low[0] == high[0] else Interval(low[0], high[0], low[1], high[1])


def _corner(
    tree: ast.expr, numbers: Numbers, slopes: Numbers, signs: Mapping[str, int | None], top: bool
) -> tuple[Bound, bool]:
    """The value at the highest or lowest corner, and whether it is only come near to."""
    at, near = dict[str, Interval](), False
    for name, sign in signs.items():
        given = numbers[name]
        upper = top == (sign == 1)
        at[name] = Interval.of(Fraction(given.high if upper else given.low))
        near = near or ((given.open_high if upper else given.open_low) and 0 not in slopes.get(name, _NOUGHT))
    return _value(tree, at).low, near


def _sign(slope: Interval) -> int | None:
    if slope.low >= 0:
        return 1
    return -1 if slope.high <= 0 else None


def _side(tree: ast.expr, numbers: Numbers) -> Side:
    """Value and slopes together (forward differentiation over intervals)."""
    if isinstance(tree, ast.Constant):
        return Side(_value(tree, numbers), {})
    if isinstance(tree, ast.Name):
        return Side(numbers[tree.id], {tree.id: _ONE})
    if isinstance(tree, ast.UnaryOp):
        inner = _side(tree.operand, numbers)
        return Side(-inner.value, _scaled(inner, Interval.of(-1))) if isinstance(tree.op, ast.USub) else inner
    if isinstance(tree, ast.BinOp):
        return _joined(type(tree.op), _side(tree.left, numbers), _side(tree.right, numbers))
    assert isinstance(tree, ast.Call)
    assert isinstance(tree.func, ast.Name)
    sides = [_side(argument, numbers) for argument in tree.args]
    if tree.func.id == "abs":
        return Side(abs(sides[0].value), _scaled(sides[0], _sign_of(sides[0].value)))
    return reduce(_chosen(least if tree.func.id == "min" else greatest), sides)


def _joined(operator: type[ast.operator], left: Side, right: Side) -> Side:
    value = _OPERATORS[operator](left.value, right.value)
    if operator is ast.Add:
        return Side(value, _sum(left.slopes, right.slopes))
    if operator is ast.Sub:
        return Side(value, _sum(left.slopes, _scaled(right, Interval.of(-1))))
    if operator is ast.Mult:
        return Side(value, _sum(_scaled(left, right.value), _scaled(right, left.value)))
    down = -(left.value / (right.value * right.value))
    return Side(value, _sum(_scaled(left, _ONE / right.value), _scaled(right, down)))


def _scaled(side: Side, by: Interval) -> dict[str, Interval]:
    return {name: slope * by for name, slope in side.slopes.items()}


def _sum(one: Mapping[str, Interval], other: Mapping[str, Interval]) -> dict[str, Interval]:
    return {name: one.get(name, _NOUGHT) + other.get(name, _NOUGHT) for name in (*one, *other)}


def _sign_of(value: Interval) -> Interval:
    sign = _sign(value)
    return Interval.of(-1, 1) if sign is None else Interval.of(sign)


def _chosen(choose: Callable[[Interval, Interval], Interval]) -> Callable[[Side, Side], Side]:
    """The slopes of min or max: those of either side."""

    def join(one: Side, other: Side) -> Side:
        names = (*one.slopes, *other.slopes)
        slopes = {name: hull([one.slopes.get(name, _NOUGHT), other.slopes.get(name, _NOUGHT)]) for name in names}
        return Side(choose(one.value, other.value), slopes)

    return join


# Units ----------------------------------------------------------------------------------------------------------------

_PARTS = ("", "ratio", "percent", "points")
"""Units of pure numbers: what they multiply or divide keeps its own unit."""


def _unit(tree: ast.expr, units: Mapping[str, str]) -> str | None:
    if isinstance(tree, ast.Constant):
        return ""
    if isinstance(tree, ast.Name):
        return units.get(tree.id) or None
    if isinstance(tree, ast.UnaryOp):
        return _unit(tree.operand, units)
    if isinstance(tree, ast.BinOp):
        return _unit_of(type(tree.op), _unit(tree.left, units), _unit(tree.right, units))
    if isinstance(tree, ast.Call):
        found = {_unit(argument, units) for argument in tree.args}
        return found.pop() if len(found) == 1 else None
    return ""


def _unit_of(operator: type[ast.operator], left: str | None, right: str | None) -> str | None:
    if left is None or right is None:
        return None
    if operator is ast.Mult:
        return right if left in _PARTS[:2] else left if right in _PARTS else right if left in _PARTS else None
    if operator is ast.Div:
        if left == right:
            return "ratio" if left else ""
        return left if right in _PARTS else None
    if operator is ast.Sub and left == right == "percent":
        return "points"
    if {left, right} == {"percent", "points"}:
        return "percent"
    return left if left == right else (left or right) if "" in (left, right) else None
