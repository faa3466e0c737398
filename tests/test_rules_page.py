"""docs/rules.md says what the rules are today."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_page_is_current() -> None:
    spec = importlib.util.spec_from_file_location("make_rules", ROOT / "docs" / "make_rules.py")
    assert spec is not None
    assert spec.loader is not None
    make_rules = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_rules)
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert page == make_rules.render(), "docs/rules.md is behind: run python docs/make_rules.py"
