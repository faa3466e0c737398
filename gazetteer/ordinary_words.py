"""Make the lists of ordinary words that finding places looks at, from jieba's dictionary (MIT).

    python gazetteer/ordinary_words.py

writes, beside the other words in `pipeline/mentions/place/`:

    ordinary.csv    words of two to four characters that end like a place (城市, 火車站) or begin
                    like what may follow one (市民, 人口)
    vocabulary.csv  common words of two characters, of which no place's name is made
    verbs.csv       common verbs of two characters, over which no site's name goes on

The same dictionary, gazetteer and `words.csv` give the same bytes. Run it after the gazetteer is
built: a word that is the name of a well-known place is left out.
"""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

from pipeline.fold import fold
from pipeline.mentions.place.gazetteer import load
from pipeline.mentions.place.lexicon import is_han

FOLDER = Path(__file__).parent.parent / "pipeline/mentions/place"
HEADER = "# From jieba 0.42.1's dict.txt (MIT) by gazetteer/ordinary_words.py\nword\n"

#: What jieba's tags take for names. They err, so a frequent word is a word all the same.
NAME_TAGS = frozenset(("ns", "nt", "nr", "nrt", "nz", "nrfg", "nrj"))
FREQUENT = 300
#: Names of places among jieba's frequent words that the gazetteer need not have.
_PLACES = (
    "金门 马祖 澎湖 艋舺 午门 太庙 汉江 荆江 潼关 黑海 里海 黄海 海河 辽河 "
    "景山 嵩山 昆仑 华北 华中 华东 华南 欧洲 亚洲 非洲 美洲 苏联 北平 俄国 "
    "汉口 波斯 长城 满洲 燕京 西域 西欧 辽东 中亚 直隶 东亚 北美 东欧 南亚 "
    "西亚 吐蕃 陕北 北非 远东 奉天 楚国 南美 北欧 北齐 汉城 浙东 东非 齐国 "
    "回鹘 苏北 西非 湘北 秦国 漠北 中欧 加州 爪哇 莱茵 盛京 辽西 闽西 南疆 "
    "白宫 秦岭 汉水 湖广 蒲圻 西藏 河内 海口 "
)
PLACES = frozenset(_PLACES.split())
#: Words that jieba or the gazetteer takes for names, and prose for common nouns.
_COMMON = (
    "高山 大河 小河 大湖 小湖 山林 河山 江山 大江 大山 大海 老城 新城 古城 "
    "海岛 荒岛 孤岛 雪山 火山 冰山 水库 港湾 村落 乡村 山村 渔村 农村 城区 "
    "老街 古镇 "
)
COMMON = frozenset(_COMMON.split())
DIVISIONS = frozenset("县乡镇省州村庄屯寨")
# A feature with one of these is the feature and where at it (湖邊), not a word of its own.
FEATURES, AT = frozenset("河湖江溪岛山湾港城村镇"), frozenset("边畔岸中上底里下")
PARTICLES = frozenset("位在是有于")


def is_well_known(word: str) -> bool:
    return any(place.population > 50_000 or place.rank < 2 for place in load().lookup(word))


def is_name(word: str, frequency: int, tag: str) -> bool:
    return tag in NAME_TAGS and (
        word in load().names or word in PLACES or frequency < FREQUENT or len(word) > 2
    )


def ordinary_words(dictionary: dict[str, tuple[int, str]]) -> set[str]:
    with (FOLDER / "words.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    known = {row["word"] for row in rows}
    generics = tuple(
        row["word"] for row in rows if row["class"] in ("suffix", "head", "near", "line")
    )
    beginnings = {
        row["word"][0]
        for row in rows
        if row["class"] in ("suffix", "people", "tongue", "army", "near") and len(row["word"]) <= 2
    }
    found = set(COMMON)
    for word, (frequency, tag) in dictionary.items():
        if not 2 <= len(word) <= 4 or word in known or word in PLACES or not all(map(is_han, word)):
            continue
        if is_name(word, frequency, tag) or (tag[0] == "m" and len(word) > 3):
            continue
        if is_well_known(word) and (frequency < 500 or tag[0] != "n"):
            continue
        if len(word) == 2 and word[0] in FEATURES and word[1] in AT:
            continue
        if len(word) == 2 and word[0] in beginnings and word[1] in PARTICLES:
            continue
        rare_division = len(word) > 2 and word[-1] in DIVISIONS and frequency < 40
        rare_idiom = tag in ("i", "l") and frequency < 20
        ends = word.endswith(generics) and not rare_division and not rare_idiom
        least = 8 if word[0] in "人文军语话族战" else 30
        begins = len(word) <= 3 and word[0] in beginnings and frequency >= least
        if (ends and frequency >= (15 if len(word) == 2 else 12)) or begins:
            found.add(word)
    return found


def common_words(dictionary: dict[str, tuple[int, str]]) -> set[str]:
    found = set()
    for word, (frequency, tag) in dictionary.items():
        if len(word) != 2 or word in PLACES or not all(map(is_han, word)):
            continue
        if tag in NAME_TAGS:
            least = FREQUENT
        else:
            least = 80 if tag[0] in "vadcpr" else 120 if tag[0] == "n" else FREQUENT
        named = tag == "ns" and word in load().names
        if frequency >= least and not named and not is_well_known(word):
            found.add(word)
    return found


#: Verbs that streets, parks and works are named with.
_NAMING = (
    "解放 纪念 建设 发展 胜利 复兴 发电 团结 中兴 进步 研究 服务 生产 运动 教育 文化 开发 保护 管理 "
    "展览 体育 通信 铁路 航空 运输 交通 旅游 娱乐 信义 忠孝 长寿 长安 自治 自由 和平 革命 起义 抗战 "
    "试验 实验 训练 转运 中转 装卸 加工 出口 工作 学习 生活 游泳 滑雪 观光 观测 监测 守望 烈士"
)
NAMING = frozenset(_NAMING.split())


def common_verbs(dictionary: dict[str, tuple[int, str]]) -> set[str]:
    return {
        word
        for word, (frequency, tag) in dictionary.items()
        if len(word) == 2
        and tag in ("v", "vd")
        and frequency >= FREQUENT
        and word not in NAMING
        and word not in load().names
    }


def main() -> None:
    dictionary = {}
    text = files("jieba").joinpath("dict.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        word, frequency, tag = line.split(" ")
        dictionary[word] = (int(frequency), tag.strip())
    for name, words in (
        ("ordinary.csv", ordinary_words(dictionary)),
        ("vocabulary.csv", common_words(dictionary)),
        ("verbs.csv", common_verbs(dictionary)),
    ):
        (FOLDER / name).write_text(
            HEADER + "\n".join(sorted(set(map(fold, words)))) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
