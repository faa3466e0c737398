"""Write docs/rules.md: every rule of dates, numbers and places, with an example from the case files.

    python docs/make_rules.py

An example is the first marked surface of `tests/mentions/<kind>.toml` that the rule makes a
mention of, so the page shows what the rules do, not what somebody remembers of them.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "rules.md"
KINDS = ("date", "number", "place")
HEAD = """# Rules

The `rule` column of the tables `dates`, `numbers` and `places` names the rule that made a row. The
words of a rule are in the CSV files of `pipeline/mentions/<kind>/`, its forms in `patterns.py` there, its
cases in `tests/mentions/<kind>.toml`. `[…]` marks what the rule takes.

Made by `python docs/make_rules.py`; change the rules or their cases, not this page.
"""


def about(kind: str) -> dict[str, str]:
    """Rule id → what it finds, as the kind's `patterns` says."""
    rules = getattr(import_module(f"pipeline.mentions.{kind}.patterns"), "RULES", {})
    return dict(rules)


def spelled_out(rule: str) -> str:
    """What a composed rule's name says: `year+month…` is a year with a month, a range."""
    pieces = " with ".join(piece.replace("-", " ") for piece in rule.rstrip("…").split("+"))
    return f"{pieces}, a range" if rule.endswith("…") else pieces


def examples(kind: str) -> dict[str, str]:
    """Rule id → the first case that it makes a mention of, marked."""
    from pipeline import extract

    path = ROOT / "tests" / "mentions" / f"{kind}.toml"
    cases = tomllib.loads(path.read_text(encoding="utf-8"))
    found: dict[str, str] = {}
    for surface in (surface for case in cases["means"] for surface in case["surfaces"]):
        start = surface.find("[")
        end = surface.find("]") - 1
        text = re.sub(r"[\[\]]", "", surface)
        for mention in getattr(extract(text), f"{kind}s"):
            if (mention.start_char, mention.end_char) == (start, end):
                found.setdefault(mention.rule, surface)
    return found


def render() -> str:
    """The page."""
    parts = [HEAD]
    for kind in KINDS:
        told, shown = about(kind), examples(kind)
        parts.append(f"\n## {kind}s\n\n| rule | finds | example |\n|---|---|---|\n")
        for rule in sorted(told.keys() | shown.keys()):
            example = shown.get(rule, "").replace("|", "\\|")
            parts.append(f"| `{rule}` | {told.get(rule) or spelled_out(rule)} | {example} |\n")
    return "".join(parts)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    PAGE.write_text(render(), encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)}", file=sys.stderr)
