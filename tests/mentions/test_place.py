"""Places: what is found in plain text, case by case, and what is not."""

import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from pipeline.fold import fold
from pipeline.mentions.place import component, guards, scan
from pipeline.mentions.place.gazetteer import load
from pipeline.mentions.place.lexicon import load_lexicon
from pipeline.mentions.place.names import classify
from pipeline.mentions.place.patterns import FORM_RULES, RULES
from pipeline.mentions.wordlists import read_lexicon

CASES = tomllib.loads(Path(__file__).with_name("place.toml").read_text(encoding="utf-8"))
MEANS = [(case, surface) for case in CASES["means"] for surface in case["surfaces"]]
NOTHING = [surface for case in CASES["nothing"] for surface in case["surfaces"]]


@pytest.fixture(scope="module")
def find():  # type: ignore[no-untyped-def]
    nlp = spacy.blank("zh")
    places = component.create_places(nlp, "places")
    nowhere = component.ArticlePlaces()

    def find(text: str):  # type: ignore[no-untyped-def]
        doc = Doc(nlp.vocab, words=list(text), spaces=[False] * len(text))
        doc.user_data.update(offset=0, places=nowhere)
        spans = places(doc).spans["places"]
        readings = [(span.start, span.end, span.id_, span._.reading) for span in spans]
        return component.resolve(readings, SimpleNamespace(text=text), nowhere, fold(text))

    return find


@pytest.mark.parametrize(("case", "marked"), MEANS, ids=[surface for _, surface in MEANS])
def test_means(find, case, marked) -> None:  # type: ignore[no-untyped-def]
    """`[…]` marks the one place that the surface holds."""
    text = marked.replace("[", "").replace("]", "")
    expected = (marked.index("["), marked.index("]") - 1)
    mentions = {(mention.start, mention.end): mention for mention in find(text)}
    assert expected in mentions, f"found {[text[a:b] for a, b in mentions]}"
    mention = mentions[expected]
    for field in ("rule", "place_type", "place_id", "country_code", "name"):
        if field in case:
            assert getattr(mention, field) == case[field]


def test_names_of_every_length_are_found_where_all_of_them_stands() -> None:
    finder = scan.build_finder()
    by_length = {len(name): name for name in finder.gazetteer.names if len(name) > 1}
    assert {2, 3, 4, 8} <= by_length.keys()
    for length, name in by_length.items():
        assert (1, length + 1, True) in scan.words_of(f"「{name}」", finder)
        assert all(end <= length for _, end, _ in scan.words_of(f"「{name[:-1]}", finder))


@pytest.mark.parametrize("text", NOTHING)
def test_nothing(find, text) -> None:  # type: ignore[no-untyped-def]
    assert [text[mention.start : mention.end] for mention in find(text)] == []


@pytest.mark.parametrize("case", CASES["guard"], ids=lambda case: case["guard"])
def test_guards(case) -> None:  # type: ignore[no-untyped-def]
    """Each guard refuses its names where they are none, and no others."""
    guard = next(guard for guard in guards.GUARDS if guard.guard == case["guard"])
    for marked in (*case["refuses"], *case["keeps"]):
        text = fold(marked)
        plain = text.translate(str.maketrans("", "", "[]{}"))
        before = text.partition("[")[0]
        found = len(before) - before.count("{") - before.count("}")
        name = text[text.index("[") + 1 : text.index("]")]
        taken = bytearray(found if "{" in before else 0).replace(b"\0", b"\1")
        taken += bytes(len(plain) - len(taken))
        at = guards.Standing(plain, found, found + len(name), taken, load_lexicon())
        watched = guard.watches(name, classify(name).kind)
        assert (watched and guard.refuses(at)) is (marked in case["refuses"]), marked


def test_every_guard_has_a_case() -> None:
    assert [case["guard"] for case in CASES["guard"]] == [guard.guard for guard in guards.GUARDS]


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        alphabet="北京巴黎莫斯科市河湖海州國人語軍在位於、，。·《》（）\n 港廣場又稱a1\ud7ff",
        max_size=60,
    )
)
def test_spans_are_sound(find, text) -> None:  # type: ignore[no-untyped-def]
    """Whatever is read: spans lie in the text, in order, none over another, none over a line."""
    end = 0
    for mention in find(text):
        assert end <= mention.start < mention.end <= len(text)
        assert "\n" not in text[mention.start : mention.end]
        assert mention.rule in RULES
        end = mention.end


def test_names_are_the_fullest_written(find) -> None:  # type: ignore[no-untyped-def]
    assert [mention.name for mention in find("高雄市是大城，高雄的港口也大。")] == [
        "高雄市",
        "高雄市",
    ]


def test_one_place_in_every_spelling(find) -> None:  # type: ignore[no-untyped-def]
    spellings = ("塞瓦斯托波爾", "塞瓦斯托波尔", "塞凡堡")
    assert len({find(f"他住在{name}。")[0].place_id for name in spellings}) == 1


@pytest.mark.parametrize(
    ("case", "text"),
    [(case, text) for case in CASES["context"] for text in case["texts"]],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_namesakes_are_told_apart_by_what_else_is_named(find, case, text) -> None:  # type: ignore[no-untyped-def]
    mention = next(m for m in find(text) if text[m.start : m.end] == case["name"])
    assert mention.country_code == (case["country_code"] or None)
    assert (mention.latitude is not None) == bool(case["country_code"] or case.get("point"))
    if "latitude" in case:
        assert mention.latitude == pytest.approx(case["latitude"], abs=0.1)


def test_rules_have_ids_of_their_own() -> None:
    ids = [rule.rule for rule in FORM_RULES]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("words.csv", ("word",)),
        ("cues.csv", ("word", "class")),
        ("ordinary.csv", ("word",)),
        ("vocabulary.csv", ("word",)),
        ("transliteration.csv", ("character",)),
        ("times.csv", ("name", "place")),
    ],
)
def test_lexicons_are_folded_and_have_no_row_twice(name: str, key: tuple[str, ...]) -> None:
    rows = [tuple(row[k] for k in key) for row in read_lexicon("pipeline.mentions.place", name)]
    assert sorted(rows) == sorted(set(rows))
    assert [row for row in rows if fold(row[0]) != row[0]] == []


def test_times_are_of_places_so_called() -> None:
    for row in read_lexicon("pipeline.mentions.place", "times.csv"):
        assert row["place"] in [entry.place_id for entry in load().lookup(row["name"])]
        assert row["since"] or row["until"]


def test_hostile_length(find) -> None:  # type: ignore[no-untyped-def]
    """Long runs of what starts a name end all the same."""
    for piece in ("斯", "莫斯", "北京·", "《", "山", "巴黎廣", "又稱"):
        find(piece * 3000)
    find("朝鮮" + "9" * 5000 + "年")
