"""The pipeline as spaCy's own users see it, against what `find` tells of the same text."""

import pytest

from pipeline.formats.plaintext import parse_plaintext
from pipeline.mentions import find as finding

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
