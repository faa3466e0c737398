"""MediaWiki's parser functions: what `{{#expr:…}}`, `{{#time:…}}` and the choosing ones say.

Grammar and names after the extension ParserFunctions (mediawiki.org, Help:Extension:ParserFunctions).
Nothing here knows of offsets: the reader hands over the arguments' texts.
"""

from __future__ import annotations

import datetime as dt
import math
import operator
import re
from collections.abc import Callable, Sequence
from functools import lru_cache

# Expressions longer or deeper than people write are not worked out.
_LONGEST, _DEEPEST = 1000, 50
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?)"
    r"|(?P<sign><=|>=|!=|<>|[-−+*×/÷^()=<>])|(?P<word>[a-z]+))",
    re.IGNORECASE,
)
_WORDS: dict[str, Callable[[float], float]] = {
    "abs": abs, "ceil": math.ceil, "floor": math.floor, "trunc": math.trunc,
    "exp": math.exp, "ln": math.log, "sqrt": math.sqrt, "not": operator.not_,
    "sin": math.sin, "cos": math.cos, "tan": math.tan,
}  # fmt: skip
_CONSTANTS = {"pi": math.pi, "e": math.e}


def _round(value: float, places: float) -> float:
    """Halves go away from zero, as in MediaWiki."""
    scale = 10.0 ** int(places)
    return math.copysign(math.floor(abs(value) * scale + 0.5) / scale, value)


# Operators by how closely they bind (ExprParser.php), the loosest first.
_LEVELS: tuple[dict[str, Callable[[float, float], float]], ...] = (
    {"or": lambda a, b: float(bool(a) or bool(b))},
    {"and": lambda a, b: float(bool(a) and bool(b))},
    {
        "=": operator.eq, "<>": operator.ne, "!=": operator.ne,
        "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
    },
    {"round": _round},
    {"+": operator.add, "-": operator.sub, "−": operator.sub},
    {
        "*": operator.mul, "×": operator.mul, "/": operator.truediv, "÷": operator.truediv,
        "div": operator.truediv, "mod": lambda a, b: math.fmod(int(a), int(b)), "fmod": math.fmod,
    },
    {"^": operator.pow},
)  # fmt: skip


def calculate(expression: str) -> float | None:
    """The value of an `#expr`; None for one that is empty, wrong or not a finite number."""
    if len(expression) > _LONGEST:
        return None
    tokens: list[str] = []
    position = 0
    expression = expression.rstrip()
    while position < len(expression):
        match = _TOKEN.match(expression, position)
        if match is None:
            return None
        tokens.append(match[0].strip().casefold())
        position = match.end()
    try:
        value, rest = _level(tokens, 0, 0, 0)
        value = float(value)
    except (ArithmeticError, ValueError, IndexError):
        return None
    return value if rest == len(tokens) and math.isfinite(value) else None


def _level(tokens: list[str], place: int, level: int, depth: int) -> tuple[float, int]:
    """The value of what begins at `place` and binds at least as `level` does; where it ends."""
    if level == len(_LEVELS):
        return _operand(tokens, place, depth)
    value, place = _level(tokens, place, level + 1, depth)
    while place < len(tokens) and (apply := _LEVELS[level].get(tokens[place])):
        other, place = _level(tokens, place + 1, level + 1, depth)
        value = apply(value, other)
        if isinstance(value, complex):
            raise ValueError
    return value, place


def _operand(tokens: list[str], place: int, depth: int) -> tuple[float, int]:
    if depth > _DEEPEST:
        raise ValueError
    token = tokens[place]
    if token == "(":
        value, place = _level(tokens, place + 1, 0, depth + 1)
        if tokens[place] != ")":
            raise ValueError
        return value, place + 1
    if token in "+-−":
        value, place = _operand(tokens, place + 1, depth + 1)
        return (value if token == "+" else -value), place
    if token in _WORDS:
        value, place = _operand(tokens, place + 1, depth + 1)
        return float(_WORDS[token](value)), place
    if token in _CONSTANTS:
        return _CONSTANTS[token], place + 1
    return float(token), place + 1


def number_text(value: float) -> str:
    """As MediaWiki writes it: no point for whole numbers, at most 14 digits."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.14g}"


def same(one: str, other: str) -> bool:
    """Whether `#ifeq` and `#switch` take two texts for one: as numbers where both are."""
    if one == other:
        return True
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def choose(name: str, count: int, said: Callable[[int], str]) -> int | None:
    """Which of a function's `count` arguments it shows; None for none. `said` gives one's text.

    `name` is `#if`, `#ifeq`, `#ifexpr`, `#ifexist` (taken as true: no wiki is asked) or `#iferror`.
    """
    if name == "#iferror":
        chosen = 2 if count > 2 else 0
    elif name == "#ifeq":
        chosen = 2 if count > 1 and same(said(0), said(1)) else 3
    elif name == "#ifexpr":
        chosen = 1 if calculate(said(0)) else 2
    else:
        chosen = 1 if said(0) else 2
    return chosen if chosen < count else None


def switch(wanted: str, cases: Sequence[tuple[str, bool]]) -> int | None:
    """Which case of a `#switch` is shown: (its name, whether it has a value of its own) each.

    A case without a value is one with the next that has one; at the end it is the default.
    """
    default: int | None = None
    found = falls = False
    for index, (name, valued) in enumerate(cases):
        found = found or same(wanted, name)
        falls = falls or name == "#default"
        if valued:
            if found:
                return index
            if falls:
                default, falls = index, False
    if cases and not cases[-1][1]:
        return len(cases) - 1
    return default


_CODES = re.compile(r'"([^"]*)"|xn|[a-zA-Z]|[^"a-zA-Z]+')


@lru_cache(maxsize=1)
def _date_codes() -> dict[str, Callable[[dt.date], str]]:
    weekdays = "一二三四五六日"
    return {
        "Y": lambda day: f"{day.year:04d}",
        "y": lambda day: f"{day.year % 100:02d}",
        "n": lambda day: str(day.month),
        "m": lambda day: f"{day.month:02d}",
        "F": lambda day: f"{day.month}月",
        "M": lambda day: f"{day.month}月",
        "j": lambda day: str(day.day),
        "d": lambda day: f"{day.day:02d}",
        "l": lambda day: f"星期{weekdays[day.weekday()]}",
        "D": lambda day: weekdays[day.weekday()],
    }


def time_text(form: str, day: dt.date) -> str | None:
    """`#time` for a day that is given: `Y年n月j日` → 2008年8月8日; None for other signs than a day's."""
    if len(form) > _LONGEST:
        return None
    parts: list[str] = []
    for match in _CODES.finditer(form):
        sign = match[0]
        if sign.startswith('"'):
            parts.append(match[1])
        elif sign == "xn":
            continue
        elif sign.isascii() and sign.isalpha():
            code = _date_codes().get(sign)
            if code is None:
                return None
            parts.append(code(day))
        else:
            parts.append(sign)
    return "".join(parts)
