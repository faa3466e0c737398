"""Mutated articles of a fixed seed, and what the fuzzer counts as a failure."""

import time

import pytest

from benchmarks import fuzz
from pipeline.errors import OffsetError, SourceError
from pipeline.records import Source

SOURCE = Source("甲.md", "markdown", "甲在1941年。乙在莫斯科。", "")


def test_mutated_articles_raise_nothing() -> None:
    articles = fuzz.seeds()
    fuzz.process(SOURCE)  # compiles the rules, which a busy machine may take long for
    for number in range(300):
        source = fuzz.article(number, 20, articles)
        assert fuzz.attempt(source) is None, source


def test_an_article_of_a_seed_is_always_the_same() -> None:
    articles = fuzz.seeds()
    assert fuzz.article(7, 1, articles) == fuzz.article(7, 1, articles)
    assert fuzz.article(7, 1, articles) != fuzz.article(7, 2, articles)
    assert all(len(fuzz.article(n, 1, articles).text) <= fuzz.LONGEST for n in range(200))


@pytest.mark.parametrize("error", [OffsetError("a span"), ValueError("甲"), RecursionError()])
def test_an_exception_is_a_failure(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def broken(source: Source) -> None:
        if "乙" in source.text:
            raise error

    monkeypatch.setattr(fuzz, "process", broken)
    failure = fuzz.attempt(SOURCE)
    assert failure and failure.kind == type(error).__name__
    assert fuzz.smaller(SOURCE, failure).text == "乙"


def test_a_source_error_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(source: Source) -> None:
        raise SourceError("no article", path=source.path, code="empty")

    monkeypatch.setattr(fuzz, "process", refused)
    assert fuzz.attempt(SOURCE) is None


def test_a_hang_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(source: Source) -> None:
        while True:
            time.sleep(0.001)

    monkeypatch.setattr(fuzz, "process", endless)
    failure = fuzz.attempt(SOURCE, limit=0.1)
    assert failure and failure.kind == "hang"


@pytest.mark.parametrize("text", ["2.\n# ", "|\n-"])
def test_what_once_failed(text: str) -> None:
    assert fuzz.attempt(Source("甲.md", "markdown", text, "")) is None
