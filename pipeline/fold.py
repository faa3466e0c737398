"""One script, one width, same length: 蘇聯 → 苏联, １２ → 12, Ａ → a.

Every rule and lexicon is matched on folded text, so that it is written once. Folding maps
each character to one character, so an offset in the folded text is the offset in the text.
"""

from __future__ import annotations

import sys
import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import opencc

# Han characters that OpenCC can change lie in these blocks (URO, Extension A, compatibility).
_HAN_RANGES = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00))
# Full-width forms of ASCII, and the odd signs that mean the same in prose.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SIGNS = {"−": "-", "－": "-", "﹣": "-", "∼": "~", "〜": "~", "～": "~", "﹪": "%", "○": "〇", "◯": "〇", "　": " ", "\u00a0": " "}  # fmt: skip
# OpenCC makes 乾 into 干, but as the first character of 乾隆 it stays what it is.
_KEEP = "乾"
_LONG = 200  # characters from which an array is looked up faster than a string is translated


@lru_cache(maxsize=1)
def _table() -> str:
    """The Basic Plane, each character folded: a string is the fastest table to translate by."""
    han = [chr(c) for low, high in _HAN_RANGES for c in range(low, high)]
    # One conversion a character: separators keep OpenCC's phrase rules from firing.
    simplified = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    table = list(map(chr, range(0x10000)))
    for a, b in zip(han, simplified, strict=True):
        if a != b and len(b) == 1 and a not in _KEEP:
            table[ord(a)] = b
    for code, narrow in _FULL_WIDTH.items():
        table[code] = chr(narrow)
    for a, b in _SIGNS.items():
        table[ord(a)] = b
    for code in range(0xFF21, 0xFF3B):  # full-width capitals: fold their case as well
        table[code] = chr(code - 0xFEE0 + 0x20)
    for code in range(ord("A"), ord("Z") + 1):
        table[code] = chr(code + 0x20)
    return "".join(table)


@lru_cache(maxsize=1)
def _codes() -> npt.NDArray[np.uint32]:
    """The same table for all of Unicode, as numbers."""
    table = np.arange(sys.maxunicode + 1, dtype=np.uint32)
    folded = _table().encode("utf-32-le", "surrogatepass")
    table[: len(_table())] = np.frombuffer(folded, dtype="<u4")
    return table


def fold(text: str) -> str:
    """`text` in Simplified characters, half width, lower case. Same length, always."""
    if len(text) < _LONG:
        return text.translate(_table())
    # The same five times as fast, once the text is longer than what the detour takes.
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    folded: bytes = _codes()[codes].tobytes()
    return folded.decode("utf-32-le", "surrogatepass")


def is_han(char: str) -> bool:
    """Whether `char` is a Chinese character (any script of the family)."""
    return unicodedata.name(char, "").startswith("CJK UNIFIED") or char in "〇々"
