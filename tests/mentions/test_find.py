"""The pipeline as spaCy's own users see it, against what `find` tells of the same text."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.formats.plaintext import parse_plaintext
from pipeline.mentions import find as finding
from pipeline.mentions.date import component as dates
from pipeline.mentions.number import component as numbers

TEXT = "1941年7月10日，德軍30萬人向列寧格勒進攻，離城18公里。"


def test_spans_of_the_pipeline_are_what_find_tells() -> None:
    doc = finding.build_nlp()(TEXT)
    mentions = finding.find(parse_plaintext(TEXT, language="zh"))
    for kind in ("dates", "numbers", "places"):
        spans = [(span.start, span.end, span.id_, span.text) for span in doc.spans[kind]]
        told = [(m.start, m.end, m.rule, TEXT[m.start : m.end]) for m in getattr(mentions, kind)]
        assert spans == told
        assert spans
        assert all(span._.reading is not None for span in doc.spans[kind])


def test_a_mention_stands_where_it_did_when_the_article_is_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = parse_plaintext("\n".join([TEXT] * 5), language="zh")
    whole = finding.find(document)
    assert len(whole.places) == 5
    monkeypatch.setattr(finding, "DOC_CHARS", len(TEXT))
    assert finding.find(document) == whole


#: Numerals of all sorts, and what stands between and behind them.
_PIECES = """
    1 3 12 31 99 1925 2018 3.5 15.1 0.5 1,200 02 1e5 19410622 1941-06-22 06/22 ½ １２
    一 十 廿 三十 一九四一 二〇〇八 百 千 萬 兆 幾 兩 半 數 3.5萬 多 餘 第
    至 到 - – ~ 、 和 / . : ， ( ) 。 年 月 日 年代 世紀 前 後 個 人 元 % 以
"""


def _lexicon_words() -> st.SearchStrategy[str]:
    return st.sampled_from(sorted({*dates.words(), *numbers.words()}))


@example(["自", "15.1", "/", "02", "年"])
@example(["99", "以太币", "30", "多", "1941-06-22"])
@example(["公元前", "兆", "年代"])
@given(st.lists(st.sampled_from(_PIECES.split()) | _lexicon_words(), max_size=10))
@settings(max_examples=600, deadline=None)
def test_any_row_of_words_gives_mentions_in_order(words: list[str]) -> None:
    text = "".join(words)
    mentions = finding.find(parse_plaintext(text, language="zh"))
    for kind in (mentions.dates, mentions.numbers, mentions.places):
        ends = [0, *(at for one in kind for at in (one.start, one.end)), len(text)]
        assert ends == sorted(ends)
