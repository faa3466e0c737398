"""Places in an article: links, what they teach, further names, and the choice among namesakes."""

import pytest

from pipeline.formats.markdown import parse_markdown
from pipeline.mentions.find import find
from pipeline.mentions.place.article import judge_title, split_title
from pipeline.records import Document, PlaceMention, Source

ARTICLE = """> 本文内容由[碧落湖](https://zh.wikipedia.org/wiki/碧落湖)转换而来。


**碧落湖**（古称**青陽海**、**白水**），是[白俄羅斯南部的湖泊](https://zh.wikipedia.org/wiki/白俄羅斯 "wikilink")，位于[布列斯特](../Page/布列斯特.md "wikilink")以北，[奧伊科夫卡河注入其中](https://zh.wikipedia.org/wiki/奧伊科夫卡河 "wikilink")。

1941年[德蘇戰爭爆發後](https://zh.wikipedia.org/wiki/德蘇戰爭 "wikilink")，湖邊的[瓦列諾鎮被毀](https://zh.wikipedia.org/wiki/瓦列諾鎮_\\(白俄羅斯\\) "wikilink")。德蘇戰爭結束後瓦列諾重建，居民從布列斯特遷來。奧伊科夫卡河上的大橋也修復了，畫家[長崎浩曾在此作畫](https://zh.wikipedia.org/wiki/長崎浩 "wikilink")。白水今日仍是保護區。

舊城[拉德維察](https://zh.wikipedia.org/wiki/拉德維察 "wikilink")（今[明斯克](../Page/明斯克.md "wikilink")）距此不遠，旅人常前往拉德維察，再到[明斯克](../Page/明斯克.md "wikilink")以南。

[Category:白俄羅斯湖泊](https://zh.wikipedia.org/wiki/Category:白俄羅斯湖泊 "wikilink")
"""


@pytest.fixture(scope="module")
def document() -> Document:
    return parse_markdown(
        Source(path="碧落湖.md", raw_format="markdown", text=ARTICLE, sha256="0" * 64)
    )


@pytest.fixture(scope="module")
def found(document: Document) -> dict[str, list[PlaceMention]]:
    found: dict[str, list[PlaceMention]] = {}
    for mention in find(document).places:
        found.setdefault(document.text[mention.start : mention.end], []).append(mention)
    return found


def test_link_gives_span_and_title(found: dict[str, list[PlaceMention]]) -> None:
    first = found["奧伊科夫卡河"][0]
    assert (first.rule, first.resolution, first.place_type) == ("link", "link", "water")
    assert first.link_target == "奧伊科夫卡河"


def test_linked_title_is_known_afterwards(found: dict[str, list[PlaceMention]]) -> None:
    linked, later = found["奧伊科夫卡河"]
    assert (later.rule, later.place_id, later.name) == ("known-title", linked.place_id, linked.name)
    assert later.link_target is None


def test_title_without_its_generic_is_the_same_place(found: dict[str, list[PlaceMention]]) -> None:
    assert found["瓦列諾"][0].place_id == found["瓦列諾鎮"][0].place_id
    assert found["瓦列諾鎮"][0].name == "瓦列諾鎮"  # without the qualifier


def test_own_title_and_further_names(found: dict[str, list[PlaceMention]]) -> None:
    title = found["碧落湖"][0]
    assert title.place_type == "water"
    for name in ("青陽海", "白水"):
        for mention in found[name]:
            assert (mention.rule, mention.place_id) == ("alias", title.place_id)
    assert len(found["白水"]) == 2


def test_namesakes_are_settled_by_the_article(found: dict[str, list[PlaceMention]]) -> None:
    """Brest in Belarus, not the larger-sounding one in Brittany."""
    assert {mention.country_code for mention in found["布列斯特"]} == {"BY"}


def test_old_name_stands_where_the_new_one_does(found: dict[str, list[PlaceMention]]) -> None:
    old, new = found["拉德維察"][0], found["明斯克"][0]
    assert (old.latitude, old.longitude) == (new.latitude, new.longitude) != (None, None)
    assert old.place_id != new.place_id


@pytest.mark.parametrize("word", ["德蘇", "長崎", "蘇", "大橋"])
def test_nothing_inside_other_names(word: str, found: dict[str, list[PlaceMention]]) -> None:
    assert not any(word in text for text in found)


@pytest.mark.parametrize(
    ("title", "place"),
    [
        ("圖拉_(圖拉州)", True),
        ("陳家村_(江西)", True),
        ("卡累利阿地峽", True),
        ("布列斯特要塞", True),
        ("人人_(刊物)", False),
        ("甘為霖_(牧師)", False),
        ("莫斯科戰役", False),
        ("湖泊", False),
        ("咸水湖", False),
        ("英雄城市_(蘇聯)", False),
        ("亨利·卡文迪什", False),
        ("國立臺灣大學", False),
    ],
)
def test_titles(title: str, place: bool) -> None:
    assert bool(judge_title(title, None, "")) is place


def test_split_title() -> None:
    assert split_title("圖拉_(圖拉州)") == ("圖拉", "圖拉州")
    assert split_title("梅山鄉") == ("梅山鄉", None)
