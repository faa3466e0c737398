"""Make the words by which the noun that a number counts is told from jieba's dictionary (MIT).

    python gazetteer/counted_words.py

writes, beside the other words in `pipeline/mentions/number/`:

    heads.csv       common nouns: the last of a row of them is what is counted (三座【水電站】)
    attributes.csv  words that stand before a noun and are none (大型, 獨立)
    breaks.csv      verbs, adverbs and the like, where such a row ends (一支【擁有】…)

The same dictionary gives the same bytes.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from pipeline.fold import fold, is_han

FOLDER = Path(__file__).parent.parent / "pipeline/mentions/number"
HEADER = "# From jieba 0.42.1's dict.txt (MIT) by gazetteer/counted_words.py\nword\n"

#: jieba's tags: names of persons are no words; numerals and measure words are lexicons of our own.
_SKIPPED = frozenset(("nr", "nrt", "nrfg", "nrj"))
_HEADS = frozenset(("n", "vn", "an", "nz", "nt", "ns", "j", "ng", "s", "k"))
_ATTRIBUTES = "abzf"
_BREAKS = "vdpcruyo"
#: How frequent a word must be, by its length: short words are many, and met by chance in others.
_LEAST = {1: 300, 2: 40, 3: 15, 4: 20, 5: 20}
#: Tagged as nouns, and verbs or adverbs to a reader.
_CORRECTED = frozenset(
    [
        "专门",
        "参赛",
        "搭载",
        "导入",
        "捆绑",
        "一同",
        "全体",
        "上相",
        "制作",
        "获奖",
        "得奖",
        "参选",
        "参展",
        "驻守",
        "镇守",
        "着重",
        "连同",
        "为期",
        "用作",
        "做为",
        "用来",
        "绝不",
        "基本上",
    ]
)

#: Nouns that jieba takes for something else.
_NOUNS = frozenset(
    [
        "说法",
        "做法",
        "看法",
        "想法",
        "算法",
        "方法",
        "办法",
        "要塞",
        "据点",
        "余震",
        "冬天",
        "夏天",
        "春天",
        "秋天",
        "起义",
        "政变",
        "选举",
        "婚姻",
        "协议",
        "宣言",
        "声明",
        "收入",
        "支出",
        "发明",
        "建筑",
        "雕塑",
        "规定",
        "决定",
    ]
)


def main() -> None:
    classes: dict[str, set[str]] = {"heads": set(), "attributes": set(), "breaks": set()}
    text = files("jieba").joinpath("dict.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        word, frequency, tag = line.split(" ")
        if (
            tag in _SKIPPED
            or not all(map(is_han, word))
            or int(frequency) < _LEAST.get(len(word), 10**9)
        ):
            continue
        word = fold(word)
        if word in _CORRECTED or (tag[0] in _BREAKS and tag not in _HEADS):
            classes["breaks"].add(word)
        elif tag in _HEADS:
            classes["heads"].add(word)
        elif len(word) > 1 and tag[0] in _ATTRIBUTES:
            classes["attributes"].add(word)
    classes["breaks"] = (classes["breaks"] | _CORRECTED) - _NOUNS
    classes["heads"] |= _NOUNS
    classes["heads"] -= classes["breaks"]
    classes["attributes"] -= classes["breaks"] | classes["heads"]
    for name, words in classes.items():
        (FOLDER / f"{name}.csv").write_text(
            HEADER + "\n".join(sorted(words)) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
