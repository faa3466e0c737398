import tomllib
from pathlib import Path

import pytest

from pipeline.fold import fold
from pipeline.formats.anchors import _read
from pipeline.formats.markdown import parse_markdown
from pipeline.records import Link, Source

CASES = tomllib.loads(Path(__file__).with_name("anchors.toml").read_text("utf-8"))["case"]
# Four links of an old converter: an article in which trails were glued on.
GLUED = "".join(
    f'[{title}{trail}](https://zh.wikipedia.org/wiki/{title} "wikilink")，'
    for title, trail in (("長江", "中下游"), ("黃河", "以北"), ("洞庭湖", "附近"), ("泰山", "上"))
)
CLEAN = "".join(
    f'[{title}](https://zh.wikipedia.org/wiki/{title} "wikilink"){trail}，'
    for title, trail in (("長江", "中下游"), ("黃河", "以北"), ("洞庭湖", "附近"), ("泰山", "上"))
)


def links(raw: str) -> list[Link]:
    document = parse_markdown(Source("甲.md", "markdown", raw, ""))
    for link in document.links:
        assert document.text[link.start : link.end] == link.anchor
    return list(document.links)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_repaired_anchor(case: dict[str, str]) -> None:
    anchor, trail = case["anchor"].split("|")
    link = links(f"{GLUED}\n\n{case['link']}")[4]
    assert (link.anchor, link.raw_anchor) == (anchor, anchor + trail)


def test_a_clean_file_is_left_as_it_is() -> None:
    text = '[蘇聯政府](https://zh.wikipedia.org/wiki/蘇聯 "wikilink")，'
    assert links(GLUED + text)[4].anchor == "蘇聯"
    assert links(CLEAN + text)[4].anchor == "蘇聯政府"


def test_local_links_by_title_may_be_clean_where_others_are_not() -> None:
    local = '[希姆基](../Page/希姆基.md "wikilink")鎮' * 4
    found = links(f'{GLUED}\n\n{local}，[日本宣佈](../Page/日本帝國.md "wikilink")。')
    assert [link.anchor for link in found] == [
        "長江",
        "黃河",
        "洞庭湖",
        "泰山",
        *["希姆基"] * 4,
        "日本",
    ]


def test_the_same_page_under_two_texts() -> None:
    url = '(https://zh.wikipedia.org/wiki/約瑟夫 "wikilink")'
    found = links(f"{GLUED}\n\n[大元帥邁步]{url}，[大元帥敬禮]{url}。")
    assert [link.anchor for link in found[4:]] == ["大元帥", "大元帥"]


def test_lexicons_have_each_row_once() -> None:
    for name, keys in (
        ("anchor_names.csv", ("title", "name")),
        ("anchor_boundaries.csv", ("word", "class")),
    ):
        rows = [tuple(fold(row[key]) for key in keys) for row in _read(name)]
        assert sorted(rows) == sorted(set(rows))
