"""What the text around a number says: modifiers, counted nouns, names and identifiers.

All functions take the folded text of a `Doc` and half-open offsets in it.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from pipeline.mentions.number import lexicon
from pipeline.records import NumberModifier

_REACH = 12  # characters looked at on either side

# Between a modifier and its number: 約有, 超過了, 至少是, 大約達到.
# 最多可容纳, 至少需要.
_LINK = (
    "(?:可以?|能够?|可能)?(?:容纳|搭载|承载|装载|运载|收容|承受|支持|支援|需要|提供|拥有|要|坐|住"
    '|达到了?|达了?|有着?|[为是在了到占计需重长高距])?[ (「『“"]?'
)
_COMPARED = re.compile(" ?([\u3400-\u9fff])")
_SIGN = re.compile(r"(?:(?<![0-9a-z%°])(?P<dash>-)|负的?|零下|摄氏零下|摄氏负) ?\Z")
_SCALE = re.compile(r"(?P<scale>摄氏|华氏)(?:温度)?[ 约为]?\Z")
# Letters, digits and what joins them to a number: T-34, IMG_3982, v1.2, 02-1234567, 3/4/5.
_GLUED_BEFORE = re.compile(r"(?:[a-z_0-9²³$\u0370-\u04ff][-_./:·+#&]?|[0-9a-z)][-–—~]|[#№@\\])\Z")
_GLUED_AFTER = re.compile(r"[a-z_\u0370-\u04ff]|-[a-z]|[-./:][0-9]|['′″’][0-9]?")
_LETTER_AFTER = re.compile(r"[a-z_\u0370-\u04ff]|-[a-z]")
_LATIN_WORD = re.compile(r"[a-z\u00c0-\u024f\u0370-\u04ff.)]['’]? ?\Z")
_COORDINATE_AFTER = re.compile(r" ?(?:[0-9.]+ ?[′'’分]|[nsew](?![a-z])|[东西]经|[南北]纬)")
_PUNCTUATION = frozenset("，。；：、！？「」『』（）《》〈〉“”‘’…—·,.;:!?()[]{}\"'\n|/<> \t-~+=")


@lru_cache(maxsize=1)
def _modifier_patterns() -> tuple[re.Pattern[str], frozenset[str], re.Pattern[str]]:
    """What a modifier before a number looks like, the characters that it may end in (those of the
    pattern's syntax too, which does no harm), and what one after a number looks like."""
    words = lexicon.modifiers()

    def alternatives(place: str) -> str:
        surfaces = sorted(words[place], key=lambda surface: (-len(surface), surface))
        return "|".join(map(re.escape, surfaces))

    before = re.compile(rf"({alternatives('before')}){_LINK}\Z")
    after = re.compile(rf" ?({alternatives('after')})")
    return before, frozenset(_LINK).union(word[-1] for word in words["before"]), after


def modifier_of(
    folded: str, start: int, end: int, inside: NumberModifier | None
) -> NumberModifier | None:
    """The modifier that the words around [start, end) or `inside` it give; the nearest decides."""
    words = lexicon.modifiers()
    before_pattern, last_chars, after_pattern = _modifier_patterns()
    before = None
    if start and folded[start - 1] in last_chars:
        before = before_pattern.search(folded, max(0, start - _REACH), start)
    after = after_pattern.match(folded, end)
    if folded[max(0, start - 2) : start].rstrip(" ").endswith("比"):
        compared = _COMPARED.match(folded, end)
        return words["compared"].get(compared.group(1)) if compared else inside
    first = words["before"][before.group(1)] if before else None
    second = words["after"][after.group(1)] if after else None
    if first == "only":
        return inside or second or first
    return first or inside or second


# 約佔全國面積的5%, 超過人口的一半: the modifier stands before what the share is of.
_DISTANT = re.compile(
    "(?P<word>大?约(?=[是为占有]|相当于|等于)|将近|接近|逾|超过|高于|多于|不足|不到|低于|少于|至少|最多|不超过)"
    "[^，。；、：（）()\n,;:]{1,18}的 ?\\Z"
)


def modifier_of_share(folded: str, start: int) -> NumberModifier | None:
    """The modifier of a share of something, 約是湖面積的5.67%, where it is not beside the number."""
    match = _DISTANT.search(folded, max(0, start - 24), start)
    return lexicon.modifiers()["before"][match["word"]] if match else None


def sign_of(folded: str, start: int) -> tuple[int, str]:
    """Where a sign before `start` begins, and what it is: "", "-", "负", "零下" (below zero)."""
    if not start or folded[start - 1] not in "-负的下 ":
        return start, ""
    match = _SIGN.search(folded, max(0, start - 5), start)
    if match is None:
        return start, ""
    return match.start(), "零下" if "零下" in match.group() else match.group().strip()


def scale_of(folded: str, start: int) -> tuple[int, str]:
    """Where 摄氏 or 华氏 before `start` begins, and which of them it is."""
    match = _SCALE.search(folded, max(0, start - 6), start)
    return (match.start(), match.group("scale")) if match else (start, "")


def is_glued(folded: str, start: int, end: int) -> bool:
    """Whether the number is a part of a name, a code or a longer figure: T-34, 1.2.3, 5th."""
    after = _GLUED_AFTER if folded[end - 1 : end].isascii() else _LETTER_AFTER  # 510万．1950年
    if end - start == 2 and folded[start - 1 : start] in ("'", "’"):
        return folded[end : end + 1] not in ("'", "’")  # the class of '32
    return glued_before(folded, start) or bool(after.match(folded, end))


def glued_before(folded: str, start: int) -> bool:
    """Whether Latin letters or signs before make the number a part of a name: T-34. A Chinese
    numeral is not joined to them: 50cc和150cc【兩種】."""
    return (
        folded[start : start + 1].isascii()
        and not _follows_cjk(folded, start)
        and bool(_GLUED_BEFORE.search(folded, max(0, start - 3), start))
    )


def follows_latin(folded: str, start: int) -> bool:
    """Whether a Latin word goes right before, as in Windows 10 and Boeing 747."""
    return not _follows_cjk(folded, start) and bool(
        _LATIN_WORD.search(folded, max(0, start - 3), start)
    )


def _follows_cjk(folded: str, start: int) -> bool:
    """Whether a Chinese character or mark, or nothing, stands before: a quick no to what asks for
    letters and signs there."""
    return not start or folded[start - 1] >= "\u3000"


def near(name: str, folded: str, start: int, end: int, *, before: int, after: int = 0) -> bool:
    """Whether a word of class `name` of contexts.csv stands within so many characters."""
    pattern = lexicon.contexts()[name].pattern
    if pattern.search(_clause_before(folded, start, before)):
        return True
    return bool(after and pattern.search(folded[end : end + after].split("。")[0]))


_SENTENCE_END = re.compile("[。；;\n]")


def after_temperature(folded: str, start: int) -> bool:
    """Whether the sentence spoke of temperatures a little before: 最低溫-5℃，七月最高30度."""
    contexts = lexicon.contexts()
    window = _SENTENCE_END.split(folded[max(0, start - 24) : start])[-1]
    return bool(contexts["celsius"].pattern.search(window)) and not contexts[
        "angle"
    ].pattern.search(window)


def among_temperatures(folded: str, start: int, end: int) -> bool:
    """Whether temperatures are spoken of before, or one is given right after: 0K=−273.15℃."""
    return after_temperature(folded, start) or bool(
        lexicon.contexts()["celsius"].pattern.search(folded, end, end + 10)
    )


def ends_with(name: str, folded: str, start: int) -> bool:
    """Whether a word of class `name` of contexts.csv stands right before `start`."""
    tail = folded[max(0, start - _REACH) : start].rstrip(" :")
    contexts = lexicon.contexts()
    return _ends_in(contexts[name], tail) and not (
        f"not-{name}" in contexts and _ends_in(contexts[f"not-{name}"], tail)
    )


def _ends_in(context: lexicon.Context, tail: str) -> bool:
    """Whether the last word of `context` in `tail` is the end of it."""
    if tail[-1:] not in context.last_chars:
        return False
    words = context.pattern.findall(tail)
    return bool(words) and tail.endswith(words[-1])


def may_count(folded: str, start: int, numeral: str) -> bool:
    """Not 一 in 下一步 and 這一點, nor 陸 and 拾, which alone are other words."""
    if numeral == "一":
        before = folded[max(0, start - 1) : start]
        if before in ("下", "上"):
            return ends_with("result", folded, start)
        return before not in tuple("进这那每另某同此首唯各其之单统")
    return not (len(numeral) == 1 and numeral in "壹贰叁肆伍陆柒捌玖拾佰仟")


def is_coordinate(folded: str, start: int, end: int) -> bool:
    return bool(_COORDINATE_AFTER.match(folded, end)) or near(
        "coordinate", folded, start, end, before=8
    )


_CLAUSE_END = re.compile("[。；，,;\n]")


def among_coordinates(folded: str, start: int) -> bool:
    """Whether coordinates are spoken of a little before: 座標為(23.5, 121.3)."""
    return bool(lexicon.contexts()["coordinate"].pattern.search(folded, max(0, start - 16), start))


def _clause_before(folded: str, start: int, reach: int) -> str:
    return _CLAUSE_END.split(folded[max(0, start - reach) : start])[-1]


def may_stand_alone(folded: str, start: int, end: int) -> bool:
    """Whether a lone Chinese digit can be a number without what it counts: with nothing but its
    sign beside it, or as the bound of a comparison."""
    return (
        (end == len(folded) or folded[end] in _PUNCTUATION)
        and is_bounded(folded, sign_of(folded, start)[0], end)
    ) or is_compared(folded, start, end)


def is_bounded(folded: str, start: int, end: int) -> bool:
    """Whether nothing but punctuation or the text's ends stand beside [start, end)."""
    return (start == 0 or folded[start - 1] in _PUNCTUATION) and (
        end == len(folded) or folded[end] in _PUNCTUATION
    )


def is_whole_block(folded: str, start: int, end: int) -> bool:
    """Whether the block (a table cell, a line) says nothing else."""
    line_start = folded.rfind("\n", max(0, start - _BLOCK), start) + 1
    if not line_start and start > _BLOCK:
        return False
    line_end = folded.find("\n", end, end + _BLOCK)
    line = folded[line_start : line_end if line_end >= 0 else end + _BLOCK]
    return line.strip(" .。,，…-+") == folded[start:end].strip(" .。,，…-+")


_BLOCK = 40  # what a number in a block of its own may have about it


_ENDS_THERE = re.compile("[，。、；：！？,;:!?)）」”\n ]|的|左右|以上|以下|多|高|长|宽|\\Z")


def ends_there(folded: str, end: int) -> bool:
    """Whether a lone digit before `end` is the last of a number, as in 一米八 and 三塊五."""
    return bool(_ENDS_THERE.match(folded, end))


_NUMBER_LINE = re.compile("[0-9零〇一二三四五六七八九十百千万亿点.,、; +-]+")


def is_listed(folded: str, start: int, end: int) -> bool:
    """Whether commas part the number from others in a block that holds nothing but numbers."""
    before = folded[max(0, start - 4) : start].rstrip(" ")[-1:]
    after = folded[end : end + 2].lstrip(" ")[:1]
    if not {before, after} <= set(",、;\n") | {""} or not (before or after).strip("\n"):
        return False
    line_start = folded.rfind("\n", max(0, start - 200), start) + 1
    line_end = folded.find("\n", end, end + 200)
    line = folded[
        line_start if line_start or start < 200 else start - 200 : line_end
        if line_end >= 0
        else end + 200
    ]
    return bool(_NUMBER_LINE.fullmatch(line))


_COUNT_BEFORE = re.compile(
    "[0-9一二三四五六七八九十百千](?:[\u3400-\u9fff]{1,3}、|[乡村区县州市省镇府厅郡盟旗局处科课室])\\Z"
)
_COUNT_AFTER = re.compile(
    "、[0-9一二三四五六七八九十百千]+[\u3400-\u9fff]|[0-9一二三四五六七八九十百千]+[乡村区县州市省镇府厅郡盟旗局处科课室]"
)


_MEDAL_BEFORE = re.compile("[0-9一二两三四五六七八九十]+[金银] ?\\Z")
_MEDAL_AFTER = re.compile(" ?[0-9一二两三四五六七八九十]+[银铜]")


def is_medal(folded: str, start: int, end: int) -> bool:
    """Whether medals of another metal are counted beside it: 18金29銀22銅."""
    return bool(
        _MEDAL_BEFORE.search(folded, max(0, start - 6), start) or _MEDAL_AFTER.match(folded, end)
    )


_COMPARED_BEFORE = re.compile(
    "(?:[大小高低多少]于(?:或者?等于|等于)?|等于|超过|不足|至少|至多|最多|最少)(?:是|为|有|了)?\\Z"
)
_COMPARED_AFTER = re.compile(
    "(?:的|且|并且?|而|或|和|以[上下]|(?:不?[大小高低多少]于))|[^\u3400-\u9fffa-z0-9]|\\Z"
)


def is_compared(folded: str, start: int, end: int) -> bool:
    """Whether a lone digit is the bound of a comparison, 大于五且小于等于十, and no part of a word."""
    return bool(
        _COMPARED_BEFORE.search(folded, max(0, start - 8), start)
        and _COMPARED_AFTER.match(folded, end)
    )


def is_among_counts(folded: str, start: int, end: int) -> bool:
    """Whether other counts stand before or after in a list: 領八府、六州、三廳."""
    return bool(
        _COUNT_BEFORE.search(folded, max(0, start - 6), start) or _COUNT_AFTER.match(folded, end)
    )


_ENUMERATION = re.compile("[、和与及]")
_ENUMERATED = re.compile("(?:等|[统共]?[辖领]|(?<![传系])统|[设置]有?|分[为成]|划[为成])\\Z")
# What countries and provinces are called where several are named in a row: 美英法三國, 蘇浙皖三省.
_SHORT_NAMES = frozenset(
    "中美英法德日俄苏意韩朝越印蒙泰缅澳加京津沪渝冀晋辽吉黑浙皖闽赣鲁豫鄂湘粤琼川黔滇陕甘青桂藏宁新港台"
)
_LONGEST_ENUMERATION = 60


def is_enumerated(folded: str, start: int, count: Fraction) -> bool:
    """Whether as many things as a number says are named before it, 湖北、湖南【二】省, or the word
    before says that it counts them: 新東、新西等【四】鎮."""
    if _ENUMERATED.search(folded, max(0, start - 3), start):
        return True
    short = folded[max(0, start - int(count)) : start]
    if count > 1 and len(short) == count and _SHORT_NAMES.issuperset(short):
        return True
    clause = _CLAUSE_END.split(folded[max(0, start - _LONGEST_ENUMERATION) : start])[-1]
    return count > 1 and len(_ENUMERATION.findall(clause[:-1])) >= count - 1


def is_list_number(folded: str, start: int, end: int) -> bool:
    """Whether 1、 at the head of a block numbers it: 1、10公里賽跑."""
    return (
        folded[end : end + 1] == "、"
        and end - start < 3
        and (start == 0 or folded[start - 1] in "\n：:；;")
    )
