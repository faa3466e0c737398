"""The forms of places, as Matcher patterns over a *form*: what a name is and what stands about it.

A form is a row of classes, a token each: what stands before, the name, what follows up to the
next boundary. 「位於基輔港附近」 with 基輔 in the gazetteer is

    LOCATIVE  FOREIGN  NEAR  PART

There are few different forms, so a form is matched once and its verdict remembered.

before  BOUND, IN (在, 至), LOCATIVE (位於, 前往), LISTED (after a place and 、), DIRECTION (南, 東北), OFFICE (大使, 畫家), SURNAME, FOREIGN_CHARACTER, DOT (·), PLACE, OTHER
name    LINK     the anchor of a link to a place
        TITLE    a name that the article itself makes known: its title, a linked title
        ALIAS    another name that the article gives a place (又稱, 古稱, 音 …)
        COUNTRY, NAME, FOREIGN (spelt in transliteration characters only): of the gazetteer
        FAINT    of the gazetteer, but short and little known: it needs a witness
        PERSON   of the gazetteer, and mostly a person's name (林肯): it needs a witness
        HOMONYM  of the gazetteer, and an ordinary word (和平): it needs a strong witness
        RUN      transliteration characters with a generic (卡斯科奎姆河)
        SPELT    transliteration characters that end like a town (…格勒, …斯克)
        STEM     other transliteration characters: they need a witness
        BRIEF    one Chinese character and a generic (前湖): it needs a witness
        GENERIC  Chinese characters between a boundary and a generic (靜安寺)
after   the classes of `words.csv`; WORD and CHARACTER for what is no name's part, PLACE, DOT, …

The tag of a token is its coarse class (BEFORE, NAME, FILLER or its own), its lemma the name's type.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

KNOWN = ("LINK", "TITLE", "ALIAS", "COUNTRY", "NAME", "FOREIGN")
DOUBTFUL = ("FAINT", "PERSON", "STEM", "HOMONYM", "BRIEF")
#: Doubtful by what the gazetteer says of them.
DOUBTED = frozenset(("FAINT", "PERSON", "HOMONYM"))
NAMES = (*KNOWN, *DOUBTFUL, "RUN", "SPELT", "GENERIC")
#: Classes that may stand between a place and the head of its facility (明斯克[英雄城市]方尖碑).
FILLERS = frozenset(("CHARACTER", "FOREIGN_CHARACTER", "WORD", "ARMY", "ORG", "THING", "PART"))
_WIDE_TYPES = ("country", "region", "landform", "water")

Form = tuple[str, ...]


class Verdict(NamedTuple):
    """What a form says: `keep` the name or not, with `take` of the tokens after it and, where
    `lead`, the word before it."""

    rule: str
    keep: bool
    take: int = 0
    lead: bool = False


class Rule(NamedTuple):
    """A rule and the patterns that are its form. Of the rules that match a form the one with
    the highest `priority` decides, of equals the one that matches most."""

    rule: str
    about: str
    priority: int
    keep: bool
    patterns: tuple[list[dict[str, Any]], ...] = ()
    extends: bool = False
    lead: bool = False


def _each(names: tuple[str, ...], *after: dict[str, Any]) -> tuple[list[dict[str, Any]], ...]:
    return tuple([{"TAG": "BEFORE"}, {"ORTH": name}, *after] for name in names)


_UNLINKED = tuple(name for name in NAMES if name != "LINK")

FORM_RULES: tuple[Rule, ...] = (
    # What a name is not.
    Rule("part-of-dotted-name", "a part of 喬治·華盛頓", 4, False, (
        *_each(_UNLINKED, {"ORTH": "DOT"}),
        *([{"ORTH": "DOT"}, {"ORTH": name}] for name in _UNLINKED),
    )),
    Rule("part-of-transliteration", "a part of a longer foreign name", 4, False, (
        *_each(("FOREIGN", "FAINT", "PERSON", "RUN", "GENERIC"), {"ORTH": "FOREIGN_CHARACTER"}),
        *(
            [{"ORTH": "FOREIGN_CHARACTER"}, {"ORTH": name}]
            for name in ("FOREIGN", "FAINT", "PERSON")
        ),
    )),
    Rule("given-name", "a given name after a surname", 4, False, (
        *([{"ORTH": "SURNAME"}, {"ORTH": name}] for name in ("NAME", "FAINT", "FOREIGN")),
    )),
    Rule("office", "a person after an office or calling (大使佩奇)", 4, False, (
        *([{"ORTH": "OFFICE"}, {"ORTH": name}] for name in ("NAME", "FAINT", "PERSON", "FOREIGN", "STEM")),
    )),
    Rule("demonym", "people, not the place (莫斯科人)", 4, False, _each(_UNLINKED, {"ORTH": "PEOPLE"})),
    Rule("language", "a language or script (法文)", 4, False, _each(_UNLINKED, {"ORTH": "TONGUE"})),
    Rule("army", "an army (芬蘭軍)", 4, False, _each(_UNLINKED, {"ORTH": "ARMY"})),
    Rule("event", "an event named after a place (莫斯科戰役)", 4, False, (
        *_each(_UNLINKED, {"TAG": "FILLER", "OP": "{0,2}"}, {"ORTH": "EVENT"}),
    )),
    Rule("thing", "a thing, kind or rank named after a place (北京犬)", 4, False, (
        *_each(_UNLINKED, {"ORTH": "THING"}),
    )),
    # Longer names.
    Rule("facility", "a place, at most four characters or words, a facility's head (明斯克勝利廣場)", 3, True, (
        *_each(
            (*KNOWN, "FAINT", "PERSON", "SPELT"),
            {"TAG": "FILLER", "OP": "{0,4}"},
            {"ORTH": "HEAD"},
            {"ORTH": "HEAD", "OP": "?"},
        ),
        *_each(
            (*(kind for kind in KNOWN if kind != "COUNTRY"), "FAINT", "PERSON", "SPELT"),
            {"ORTH": "NEAR"},
            {"ORTH": "NEAR", "OP": "?"},
        ),
    ), extends=True),
    Rule("line", "a line named after a town, land or sea (佐世保線)", 3, True, tuple(
        [{"TAG": "BEFORE"}, {"ORTH": name, "LEMMA": kind}, {"ORTH": "LINE"}]
        for name in ("LINK", "TITLE", "NAME", "FOREIGN", "FAINT")
        for kind in ("settlement", "district", "landform", "water", "site")
    ), extends=True),
    Rule("organisation", "a body named after a site of a place (中華民國博物館學會)", 4, False, (
        *_each(
            _UNLINKED, {"TAG": "FILLER", "OP": "{0,4}"}, {"ORTH": "HEAD"}, {"ORTH": "ORG"},
        ),
        *_each(("GENERIC", "BRIEF", "RUN"), {"ORTH": "ORG"}),
    )),
    Rule("place-suffix", "a known place with a generic (希姆基鎮)", 3, True, (
        *_each(("LINK", "TITLE", "ALIAS", "NAME", "FOREIGN", "FAINT", "PERSON", "HOMONYM", "SPELT"), {"ORTH": "SUFFIX"}),
        *_each((*KNOWN, "FAINT", "PERSON", "SPELT"), {"ORTH": "LONG_SUFFIX"}),
    ), extends=True),
    Rule("direction", "a side of a country, region, land or sea, as one name (南台灣)", 3, True, tuple(
        [{"ORTH": "DIRECTION"}, {"ORTH": name, "LEMMA": wide}]
        for name in ("TITLE", "COUNTRY", "NAME", "FOREIGN")
        for wide in _WIDE_TYPES
    ), lead=True),
    Rule("transliteration-suffix", "transliteration and a generic (卡斯科奎姆河)", 3, True, (
        *_each(("STEM",), {"ORTH": "SUFFIX"}),
        *_each(("STEM",), {"ORTH": "SUFFIX"}, {"ORTH": "HEAD"}),
        *_each(("STEM",), {"ORTH": "LONG_SUFFIX"}),
        *_each(("STEM",), {"ORTH": "HEAD"}),
        *_each(("STEM",), {"ORTH": "NEAR"}),
        *_each(("RUN",)),
    ), extends=True),
    Rule("generic", "Chinese characters and a generic (靜安寺, 柳樹灣村)", 2, True, (
        *_each(("GENERIC",)),
        *_each(("GENERIC", "BRIEF"), {"ORTH": "SUFFIX"}),
        *_each(("GENERIC", "BRIEF"), {"ORTH": "LONG_SUFFIX"}),
        *_each(("GENERIC", "BRIEF"), {"ORTH": "HEAD"}),
        *_each(("GENERIC",), {"ORTH": "NEAR"}),
    ), extends=True),
    # Witnesses for names that alone would not do.
    Rule("placed", "a doubtful name after 位於, 前往, 在 …", 2, True, tuple(
        [{"ORTH": before}, {"ORTH": name}]
        for before, name in (
            ("LOCATIVE", "FAINT"), ("LOCATIVE", "PERSON"), ("LOCATIVE", "STEM"), ("LOCATIVE", "BRIEF"), ("IN", "FAINT"),
        )
    )),
    Rule("chain", "a doubtful name beside a place it belongs to", 2, True, (
        *([{"ORTH": "PLACE"}, {"ORTH": name}] for name in ("FAINT", "BRIEF")),
    )),
    Rule("list", "a doubtful name in a list of places", 2, True, (
        *([{"ORTH": "LISTED"}, {"ORTH": name}] for name in ("FAINT", "BRIEF")),
        *_each(("FAINT", "BRIEF"), {"ORTH": "LISTED"}),
    )),
    Rule("side", "a doubtful name before 附近, 境內, 以南 …", 2, True, _each(("FAINT", "PERSON", "STEM", "BRIEF"), {"ORTH": "PART"})),
    # Names by themselves.
    Rule("link", "a link to a place", 1, True, _each(("LINK",))),
    Rule("known-title", "a name that the article makes known: a title, a linked title", 1, True, _each(("TITLE",))),
    Rule("alias", "another name that the article gives a place: 又稱, 古稱, 音 …", 1, True, _each(("ALIAS",))),
    Rule("country", "a country of the gazetteer", 1, True, _each(("COUNTRY",))),
    Rule("gazetteer", "a name of the gazetteer", 1, True, _each(("NAME", "FOREIGN"))),
    Rule("transliteration-ending", "transliteration that ends like a town (…格勒)", 1, True, _each(("SPELT",))),
)  # fmt: skip

#: The ids of the rules that find places, and what each finds.
RULES: dict[str, str] = {rule.rule: rule.about for rule in FORM_RULES if rule.keep}
#: What no form tells, but the rest of the article.
ELSEWHERE = "elsewhere"
RULES[ELSEWHERE] = (
    "a doubtful name that is a place elsewhere in the article, by one of the rules above"
)

_BY_ID = {rule.rule: rule for rule in FORM_RULES}
_REFUSED = Verdict("none", False)


@lru_cache(maxsize=1)
def _matcher() -> tuple[Matcher, Vocab]:
    vocab = Vocab()  # of the classes only
    matcher = Matcher(vocab)
    for rule in FORM_RULES:
        matcher.add(rule.rule, list(rule.patterns))
    return matcher, vocab


@lru_cache(maxsize=1 << 16)
def judge(form: Form, place_type: str) -> Verdict:
    """The verdict on `form`, whose second token is the name; `place_type` is the name's."""
    matcher, vocab = _matcher()
    tags = ["BEFORE", "NAME", *("FILLER" if token in FILLERS else token for token in form[2:])]
    lemmas = ["-", place_type or "-", *("-" for _ in form[2:])]
    doc = Doc(vocab, words=list(form), tags=tags, lemmas=lemmas)
    best, best_rank = _REFUSED, (0, 0)
    for key, start, end in matcher(doc):
        rule = _BY_ID[vocab.strings[key]]
        if start != 0 or (rule.priority, end) <= best_rank:
            continue
        best_rank = (rule.priority, end)
        best = Verdict(rule.rule, rule.keep, end - 2 if rule.extends else 0, rule.lead)
    return best
