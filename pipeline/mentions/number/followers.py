"""What an amount is of: units, classifiers, currencies, percent, years of age."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from pipeline.mentions.lexemes import Lexeme
from pipeline.mentions.number import lexicon, surroundings
from pipeline.mentions.number.amounts import YEAR_LIKE, Amount, is_digit, is_han
from pipeline.mentions.numerals import read_digits, read_exact
from pipeline.records import NumberKind

HAN = re.compile("[\u3400-\u9fff]")
_YEAR = re.compile("(?<![0-9])(1[0-9]{3}|20[0-9]{2})(?:年|[-/])")
_CONVERTED = {"摄氏": "Cel", "华氏": "[degF]"}
# Latin letters that name a unit only when set apart: 3 T, not 3T.
_SET_APART = frozenset("AFTCNJGBHΩ")
_AGAINST = re.compile("[0-9一二两三四五六七八九十]")
_MAGNITUDES = {"M": Fraction(10**6), "G": Fraction(10**9)}


class Text(NamedTuple):
    """The text being read, as written and folded, with its lexemes."""

    raw: str
    folded: str
    lexemes: Sequence[Lexeme]


ONE = Fraction(1)


class Follower(NamedTuple):
    """What an amount is of: the kind it makes, its unit or classifier, and a factor."""

    kind: NumberKind
    unit: str | None = None
    classifier: str | None = None
    factor: Fraction = ONE
    is_temperature: bool = False


def read_unit(text: Text, lexeme: Lexeme, amount: Amount) -> Follower | None:
    written, folded = lexicon.units()
    surface = text.raw[lexeme.start : lexeme.end]
    set_apart = text.folded[lexeme.start - 1] == " "
    if len(surface) == 1 and surface.isascii():
        if surface in _MAGNITUDES and not set_apart:
            return Follower("count", factor=_MAGNITUDES[surface])
        if surface not in written or (surface in _SET_APART and not set_apart):
            return None
    code = written.get(surface, folded.get(lexeme.word))
    if (
        surface not in written
        and len(surface) < 3
        and surface.isascii()
        and surroundings.follows_latin(text.folded, text.lexemes[0].start)
    ):
        return None  # SIG 551 LB is a rifle
    if code is None:
        return None
    if lexeme.word == "节" and (
        is_digit(amount.numeral) or text.folded[lexeme.end : lexeme.end + 1] in tuple("车课棋")
    ):
        return Follower("count", None, surface)
    if lexeme.word == "甲" and is_digit(amount.numeral):  # 三甲醫院
        return None
    if code == "[pptr]" and surroundings.near(
        "salinity", text.folded, text.lexemes[0].start, lexeme.end, before=12
    ):
        code = "[ppth]"
    if code == "deg" and lexeme.word in ("度", "°", "角度"):
        return _read_degree(text, lexeme, amount)
    return Follower("measure", code or None, None if code else surface)


def _read_degree(text: Text, lexeme: Lexeme, amount: Amount) -> Follower | None:
    start = text.lexemes[0].start
    if lexeme.word == "度" and any(
        surroundings.near(scale, text.folded, start, lexeme.end, before=6)
        for scale in ("seismic", "scale")
    ):
        return Follower("measure", None, text.raw[lexeme.start : lexeme.end])
    sign_start, sign = surroundings.sign_of(text.folded, start)
    _, scale = surroundings.scale_of(text.folded, sign_start)
    if scale:
        return Follower("measure", _CONVERTED[scale], is_temperature=True)
    if (
        sign == "零下"
        or surroundings.near("temperature", text.folded, start, lexeme.end, before=10)
        or surroundings.after_temperature(text.folded, start)
    ):
        return Follower("measure", "Cel", is_temperature=True)
    if lexeme.word == "度" and amount.numeral in ("零", "〇"):
        return Follower("measure", "Cel", is_temperature=True)
    if lexeme.word == "度" and is_digit(amount.numeral):
        return Follower("count", None, text.raw[lexeme.start : lexeme.end])  # 兩度出任
    return Follower("measure", "deg")


def read_classifier(text: Text, lexeme: Lexeme, amount: Amount) -> Follower | None:
    word = lexeme.word
    surface = text.raw[lexeme.start : lexeme.end]
    factor = lexicon.classifiers().get(word, 1)
    if factor != 1:
        return Follower("count", factor=Fraction(factor))
    if (
        word == "起"  # 15.1起 and 2000起 are from then on, 有2000起 are cases
        and (amount.low.denominator > 1 or YEAR_LIKE.fullmatch(amount.numeral))
        and not surroundings.ends_with("quantity", text.folded, text.lexemes[0].start)
    ):
        return None
    if word == "对" and _AGAINST.match(text.folded, lexeme.end):
        return None  # 二對二
    if word == "级":
        start = text.lexemes[0].start
        ranked = is_han(amount.numeral) and not surroundings.near(
            "seismic", text.folded, start, lexeme.end, before=8, after=4
        )
        return None if ranked else Follower("measure", None, surface)
    return Follower("count", None, surface)


def read_currency(text: Text, lexeme: Lexeme, position: int) -> Follower | None:
    """The currency of a word; `position` is where the text spoken of ends."""
    rows = lexicon.currencies()[lexeme.word]
    form = rows[0].form
    surface = text.raw[lexeme.start : lexeme.end]
    if lexeme.word == "円":  # the character of Japanese print
        return Follower("money", "JPY")
    if form in ("yuan", "yen"):
        code = yuan_code(text.folded, position, form)
        return Follower("money", code, None if code else surface)
    if lexeme.word == "$":
        return Follower("money", dollar_code(text.folded, lexeme.start))
    if len(rows) == 1:
        code, factor = rows[0].code, rows[0].factor
    else:
        year = _year_before(text.folded, position)
        valid = [
            row
            for row in rows
            if year is not None
            and (row.since is None or row.since <= year)
            and (row.until is None or year <= row.until)
        ]
        row = valid[0] if valid else _latest(rows)
        code, factor, form = row.code, row.factor, row.form
    if form == "minor" and code is None:
        code = yuan_code(text.folded, position, "yuan")
    return Follower("money", code, None if code else surface, Fraction(factor))


_HEAD = 400  # characters that say what an article is about
_YUAN = ("TWD", "HKD", "MOP", "SGD", "CNY", "")
_DOLLAR = ("USD", "TWD", "HKD", "SGD", "CAD", "AUD")
_NEAR, _REACH = 200, 2000  # how far a currency that was named holds against the region, and else
_FIRST_YUAN = 1948  # of the renminbi; the new Taiwan dollar is a year younger


def yuan_code(folded: str, position: int, form: str) -> str | None:
    """Which 元, 圓 or ¥ is meant: the one named little before it, else that of the region the text
    is about, else the one named last, else the renminbi. None in a year before there was one."""
    names: tuple[str, ...] = _YUAN if form == "yuan" else ("CNY", "JPY", "TWD", "HKD", "MOP")
    if form == "yuan" and "圆" in folded[max(0, position - 3) : position]:
        names = (*names, "JPY")
    code = _named_before(folded, position, names, _NEAR)
    year, of_republic = _year_of(folded, position) if form == "yuan" else (None, False)
    if code is None and form == "yuan":
        late = of_republic and year is not None and year > _FIRST_YUAN
        code = "TWD" if late else _region(folded)
    if code is None:
        code = _named_before(folded, position, names, _REACH)
    if code is None:
        code = "CNY"
    if form == "yuan" and code in ("CNY", "TWD", ""):
        if year is not None and year < _FIRST_YUAN:
            return None
        code = code or (None if year is None else "CNY")
    return code


def dollar_code(folded: str, position: int) -> str:
    """Which $ is meant: the dollar named little before it, else that of the region the text is
    about, else the one named last or next, else the United States'."""
    code = _named_before(folded, position, _DOLLAR, _NEAR) or _region(folded)
    if code not in _DOLLAR:
        code = _named_before(folded, position, _DOLLAR, _REACH)
    if code is None:
        found = [
            (match.start(), name)
            for name in _DOLLAR
            if (match := lexicon.currency_names()[name].search(folded, position, position + _REACH))
        ]
        code = min(found)[1] if found else None
    return code or "USD"


def _named_before(folded: str, position: int, names: Sequence[str], reach: int) -> str | None:
    window = folded[max(0, position - reach) : position]
    named = lexicon.currency_names()
    last = [(match.start(), name) for name in names for match in named[name].finditer(window)]
    return max(last)[1] if last else None


@lru_cache(maxsize=8)
def _region(folded: str) -> str | None:
    """The currency of the region that the head of the text names, and the whole more than others."""
    # A search a word: that is many times faster than one pattern of them all.
    regions = lexicon.currency_regions()
    counts = {code: sum(map(folded.count, words)) for code, words in regions.items()}
    code = max(counts, key=lambda code: counts[code])
    return code if any(word in folded[:_HEAD] for word in regions[code]) else None


# Years of the Republic, and reigns before it.
_OLD_YEAR = re.compile(
    "民国(?:元|[0-9]{1,3}|[一二三四五六七八九十百〇零]{1,4})年|(?:光绪|宣统|同治|咸丰|道光)"
)


def _year_of(folded: str, position: int) -> tuple[int | None, bool]:
    """The year last named in the sentence before `position`, else shortly before in the block, and
    whether it is one of the Republic."""
    block = max(folded.rfind("\n", max(0, position - _NEAR), position), position - _NEAR, 0)
    sentence = max(folded.rfind("。", block, position), block)
    for start in (sentence, block):
        found = [
            (match.start(), int(match[1]), False)
            for match in _YEAR.finditer(folded, start, position)
        ]
        for match in _OLD_YEAR.finditer(folded, start, position):
            numeral = match.group()[2:-1]
            number = 1 if numeral == "元" else read_exact(numeral) if numeral else 0
            found.append((match.start(), 1911 + int(number or 0), match.group()[0] == "民"))
        if found:
            return max(found)[1:]
    return None, False


def _latest(rows: Sequence[lexicon.Currency]) -> lexicon.Currency:
    """The first row, or the last of those that took its place in the year it ended."""
    row = rows[0]
    for _ in rows:
        heirs = [one for one in rows if one.since is not None and one.since == row.until]
        if not heirs:
            break
        row = heirs[0]
    return row


def _year_before(folded: str, position: int) -> int | None:
    years = _YEAR.findall(folded, max(0, position - 300), position)
    return int(years[-1]) if years else None


def read_follower(text: Text, index: int, amount: Amount) -> Follower | None:
    lexeme = text.lexemes[index]
    name = lexeme.number_class
    if name == "unit":
        return read_unit(text, lexeme, amount)
    if name == "classifier":
        return read_classifier(text, lexeme, amount)
    if name == "currency":
        return read_currency(text, lexeme, lexeme.end)
    if name == "percent":
        return Follower("percent", "%")
    if name == "permille":
        return Follower("percent", "[ppth]")
    if name == "age":
        return Follower("age", _age_unit(lexeme.word))
    if name == "times":
        return Follower("multiple")
    if name == "tenth":
        return Follower("percent", "%", factor=Fraction(10))
    return None


def _age_unit(word: str) -> str:
    """25歲 is of years; 三周大, 90天大, 8月齡 are of what they say."""
    if "岁" in word:
        return "a"
    return "mo" if "月" in word else "d" if word[0] in "天日" else "wk"


def is_plausible(text: Text, amount: Amount, follower: Follower, lexeme: Lexeme) -> bool:
    """Whether the amount can be one of that: 百家 and 千里 are no numbers, 百余家 is."""
    numeral, word = amount.numeral, lexeme.word
    if not surroundings.may_count(text.folded, text.lexemes[0].start, numeral):
        return False
    if numeral in ("十", "百", "千", "万", "亿", "兆") and amount.modifier is None:
        if numeral == "十":
            return True
        if follower.kind in ("measure", "money") and len(word) > 1:
            return True
        if "solid" in lexicon.traits(word) or (
            word == "人" and surroundings.ends_there(text.folded, lexeme.end)
        ):
            return True
        # 百家 is a name, 近百家 a number
        modifier = surroundings.modifier_of(text.folded, text.lexemes[0].start, lexeme.end, None)
        return modifier in ("nearly", "approx", "more_than", "less_than", "at_least")
    if follower.kind == "money":
        # 太一三元法籙: digits named one by one are no sum
        named = len(numeral) == 2 and is_han(numeral) and read_digits(numeral) is not None
        return is_money(text, amount, lexeme) and not (named and amount.low == amount.high)
    if follower.kind == "count" and follower.classifier and is_han(numeral):
        if numeral == "一" and word == "位":  # 一位教師 is any teacher, 只有一位教師 is one
            start = text.lexemes[0].start
            return not HAN.match(text.folded, lexeme.end) or (
                surroundings.modifier_of(text.folded, start, lexeme.end, None) is not None
            )
        if numeral == "一" and "word-with-one" in lexicon.traits(word):
            return False
        if len(numeral) > 1 and read_digits(numeral) is not None and amount.low == amount.high:
            return False
    return True


def is_money(text: Text, amount: Amount, lexeme: Lexeme) -> bool:
    after = text.folded[lexeme.end : lexeme.end + 1]
    if lexeme.word in ("元", "圆") and is_digit(amount.numeral):
        return after not in tuple("性论化件素首老帅朝代旦宝勋形周柱满音组数方曲神") or not after
    if lexeme.word == "块":  # 三块钱 is another word
        start = text.lexemes[0].start
        return amount.low.denominator != 1 or (
            not HAN.match(after)
            and (
                surroundings.is_whole_block(text.folded, start, lexeme.end)
                or surroundings.near("price", text.folded, start, lexeme.end, before=8)
            )
        )
    if lexeme.word == "角":
        return not is_han(amount.numeral)
    if lexeme.word == "分":  # points, minutes or tenths of something, unless a price is spoken of
        start = text.lexemes[0].start
        return (start == 0 and lexeme.end == len(text.folded)) or (
            not HAN.match(after)
            and surroundings.near("price", text.folded, start, lexeme.end, before=6)
        )
    return lexeme.word != "仙"
