"""What Chinese wiki pages share whatever the format: titles, namespaces, language variants."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from mwparserfromhell.nodes import Template

from pipeline.records import LinkKind

# The namespaces that put a page into a category or show a file, in the words that
# MediaWiki takes for them in Chinese (languages/messages/MessagesZh_hans.php, MessagesZh_hant.php).
FILE_WORDS = ("File", "Image", "文件", "档案", "檔案", "图像", "圖像", "图片", "圖片")
CATEGORY_WORDS = ("Category", "分类", "分類")
# What a `[[File:…|…]]` may bear beside its caption (the same message files, `img_*`).
IMAGE_OPTION = re.compile(
    r"\s*(?:thumb|thumbnail|frame|framed|frameless|border|left|right|center|centre|none|upright"
    r"|baseline|middle|sub|super|top|bottom|text-top|text-bottom"
    r"|缩略图|縮圖|缩图|縮略圖|有框|无框|無框|边框|邊框|左|右|居中|置中|无|無|右上"
    r"|(?:alt|link|upright|page|lang|class|thumb|thumbnail|width|height|start|end|thumbtime"
    r"|替代文本|替代文字|链接|連結|鏈接|页数|頁|缩略图|縮圖)\s*=.*"
    r"|\d{0,4}(?:x\d{1,4})?\s*(?:px|像素))\s*",
    re.IGNORECASE | re.DOTALL,
)
# What a superscript or subscript holds that Unicode has signs for, before the closing tag.
SCRIPT = re.compile(r"[0-9+\-\u2212\u2013()]{1,8}+(?=</su[bp]\s*+>)", re.IGNORECASE)
SIGNED = re.compile(r"[-+\u2212]?[0-9]{1,6}")
_PLAIN_SIGNS = "0123456789+-\u2212\u2013()"
_RAISED = str.maketrans(_PLAIN_SIGNS, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁽⁾")
_LOWERED = str.maketrans(_PLAIN_SIGNS, "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₍₎")
_NAMESPACE = re.compile(
    rf"[\s_]*(?:(?P<file>(?i:{'|'.join(FILE_WORDS)}))|(?P<category>(?i:{'|'.join(CATEGORY_WORDS)})))[\s_]*:[\s_]*"
)
# Prefixes that lead to another wiki: language codes, and the sister projects' names.
_INTERWIKI = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{2,8}){0,2}|simple|wikt|wiktionary|wikisource|wikiquote|wikibooks"
    r"|wikinews|wikivoyage|wikiversity|wikispecies|wikidata|commons|species|meta|[svnbqdmcw]):(?=\S)"
)
# Those of languages, which stand in the side bar of the page and not in its text.
_LANGUAGE = re.compile(r"(?!doi:|rfc:)(?:[a-z]{2,3}(?:-[a-z]{2,8}){0,2}|simple):")
_SUFFIXES = frozenset((".md", ".markdown", ".wikitext", ".mediawiki", ".wiki"))
_SPACES = re.compile(r"[\s_]+")
_NOT_IN_URL = {code: f"%{code:02X}" for code in (*range(0x21), 0x7F, *map(ord, '"#%<>?[\\]^`{|}'))}


class Target(NamedTuple):
    """Where a link leads. `title` has `_` for spaces and no fragment; None for a mere fragment."""

    kind: LinkKind
    title: str | None
    fragment: str | None


def script_digits(text: str, *, below: bool = False) -> str:
    """Digits as they are written raised (10⁶, m²) or lowered (H₂O), so that 10⁶ is not 106."""
    return text.translate(_LOWERED if below else _RAISED)


@lru_cache(maxsize=8192)
def read_target(target: str) -> Target:
    """The target of a wikilink, as written between `[[` and `|` (or in a wiki's address).

    `:Category:甲` and `:en:Foo` name a page to go to; `Category:甲` puts the page into the
    category and `File:甲.jpg` shows the file. A leading colon is no part of the title.
    """
    title, _, fragment = target.partition("#")
    named = title.lstrip().startswith(":")
    title = _SPACES.sub("_", title.strip(" _\t\r\n:") if named else title).strip("_")
    title = title.removeprefix("zh:")
    kind: LinkKind = "page"
    if match := _NAMESPACE.match(title):
        kind = "file" if match["file"] else "category"
        word = "File" if match["file"] else "Category"
        title = f"{word}:{title[match.end() :]}"
        if named and kind == "category":
            kind = "page"
    elif _INTERWIKI.match(title):
        kind = "interwiki"
    return Target(kind, title or None, fragment.strip() or None)


def is_other_language(target: Target) -> bool:
    """Whether a link names the same article in another language, as `[[en:Foo]]` does."""
    return target.kind == "interwiki" and bool(_LANGUAGE.match(target.title or ""))


@lru_cache(maxsize=8192)
def page_url(title: str, fragment: str | None = None, *, language: str = "zh") -> str:
    """The address of a page on its wiki, written as browsers show it."""
    address = (
        f"https://{language}.wikipedia.org/wiki/{_SPACES.sub('_', title).translate(_NOT_IN_URL)}"
    )
    return f"{address}#{_SPACES.sub('_', fragment).translate(_NOT_IN_URL)}" if fragment else address


def title_of_file(path: str) -> str:
    """The page's title that a file's path tells: its name without the suffix (`%2F` is `/`)."""
    name = posixpath.basename(path.rpartition("#")[2] or path)
    stem, suffix = posixpath.splitext(name)
    return unquote(stem if suffix.lower() in _SUFFIXES else name).replace("_", " ").strip()


# Which variant stands in for one that is not written, nearest first (as MediaWiki's
# LanguageZh.php has it: `zh` last of all).
_FALLBACKS = {
    "zh-hant": ("zh-hant", "zh-tw", "zh-hk", "zh-mo", "zh-hans", "zh-cn", "zh-sg", "zh-my", "zh"),
    "zh-tw": ("zh-tw", "zh-hant", "zh-hk", "zh-mo", "zh-hans", "zh-cn", "zh-sg", "zh-my", "zh"),
    "zh-hk": ("zh-hk", "zh-hant", "zh-mo", "zh-tw", "zh-hans", "zh-cn", "zh-sg", "zh-my", "zh"),
    "zh-mo": ("zh-mo", "zh-hant", "zh-hk", "zh-tw", "zh-hans", "zh-cn", "zh-sg", "zh-my", "zh"),
    "zh-hans": ("zh-hans", "zh-cn", "zh-sg", "zh-my", "zh-hant", "zh-tw", "zh-hk", "zh-mo", "zh"),
    "zh-cn": ("zh-cn", "zh-hans", "zh-sg", "zh-my", "zh-hant", "zh-tw", "zh-hk", "zh-mo", "zh"),
    "zh-sg": ("zh-sg", "zh-hans", "zh-cn", "zh-my", "zh-hant", "zh-tw", "zh-hk", "zh-mo", "zh"),
    "zh-my": ("zh-my", "zh-hans", "zh-sg", "zh-cn", "zh-hant", "zh-tw", "zh-hk", "zh-mo", "zh"),
}
_VARIANT = re.compile(r"\s*+(zh(?:-[a-z]{2,4})?)\s*+:\s*+", re.IGNORECASE)
_FLAGS = re.compile(r"\s*+([A-Za-z;\s-]{0,60}?)\s*\|")


def choose_variant(text: str, start: int, end: int, variant: str) -> tuple[int, int] | None:
    """The stretch that a reader of `variant` sees of `-{…}-`; [start, end) is its inside.

    `-{甲}-` shows 甲; `-{zh-hans:甲;zh-hant:乙}-` the reader's own or the nearest; `-{H|…}-`,
    `-{T|…}-`, which only set rules, show nothing (None).
    """
    if flags := _FLAGS.match(text, start, end):
        start = flags.end()
        if {"H", "T", "-"} & {flag.strip().upper() for flag in flags[1].split(";")}:
            return None
    found: dict[str, tuple[int, int]] = {}
    position = start
    while position < end:
        stop = text.find(";", position, end)
        stop = end if stop < 0 else stop
        if match := _VARIANT.match(text, position, stop):
            found.setdefault(match[1].lower(), (match.end(), stop))
        elif "=>" not in text[position:stop] and found and text[position:stop].strip():
            # A semicolon inside a reading (an entity's, say): it goes on.
            last = next(reversed(found))
            found[last] = (found[last][0], stop)
        position = stop + 1
    if not found:
        return (start, end)
    return next((found[name] for name in _FALLBACKS[variant] if name in found), (start, start))


class Argument(NamedTuple):
    """What a template is given; `name` as the parser tells it, its place empty where it goes by
    position."""

    name: str
    is_named: bool
    name_start: int
    name_end: int
    start: int
    end: int


def arguments(template: Template, start: int) -> Iterator[Argument]:
    """What `template` is given, with its places in a text where it begins at `start`.

    The parser keeps no offsets but is lossless: the lengths of its nodes add up to them.
    """
    place = start + 2 + len(str(template.name))
    for parameter in template.params:
        place += 1
        name = str(parameter.name)
        begin = place
        name_end = place
        if parameter.showkey:
            name_end = place + len(name)
            begin = name_end + 1
        end = begin + len(str(parameter.value))
        yield Argument(name, parameter.showkey, place, name_end, begin, end)
        place = end
