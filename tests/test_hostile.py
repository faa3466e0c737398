"""HTML, script and formulas in every field of an article: they survive as text, and as nothing else."""

import csv
import json
from pathlib import Path

import pytest

from pipeline import refresh as steps
from pipeline.article import Options
from pipeline.store.reading import published

ARTICLE = (
    "== =cmd|' /C calc'!A0 ==\n"
    "&lt;script&gt;alert(1)&lt;/script&gt;在[[莫斯科|&lt;b&gt;莫斯科]]，1941年有30人。"
    '<ref name="a">{{cite web |title==1+1 &lt;script&gt; |url=javascript:alert(1) |author=@SUM(A1)}}</ref>\n\n'
    "=1+1是18公里。\n\n[[File:&quot;&gt;.jpg|thumb|+1&lt;svg onload=x&gt;]]\n\n"
    "{|\n! -1 !! &lt;i&gt;\n|-\n| =A1 || 2\n|}\n\n[[Category:=1+1&lt;b&gt;]]\n"
)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    raw, output = folder / "raw", folder / "output"
    raw.mkdir()
    (raw / "=1+1 <script>alert(1)<&.wikitext").write_text(ARTICLE, "utf-8")
    with steps.opened(output, options=Options()) as opened:
        found = steps.survey(raw, opened, options=Options())
        for job in found.jobs:
            steps.work(job)
        steps.finish(opened, found)
    return output


def test_no_cell_runs_as_a_formula(output: Path) -> None:
    for path in (output / "csv").glob("*.csv"):
        kept = published(output).table(path.stem)
        text = {f.name for f in kept.schema if str(f.type) in ("string", "large_string")}
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for name in text:
                    assert not row[name].startswith(("=", "+", "-", "@", "\t", "\r")), (path, name)


def test_markup_in_the_text_is_kept_as_text(output: Path) -> None:
    state = published(output)
    sentences = state.table("sentences")["text"].to_pylist()
    assert any(text.startswith("<script>alert(1)</script>在") for text in sentences)
    assert any("=1+1是18公里" in text for text in sentences)
    (title,) = state.table("articles")["title"].to_pylist()
    assert title == "=1+1 <script>alert(1)<&"


def test_what_is_published_for_programs_is_valid(output: Path) -> None:
    (feature,) = json.loads((output / "places.geojson").read_text("utf-8"))["features"]
    assert feature["geometry"]["type"] == "Point"
    for name in ("datapackage.json", "manifest.json"):
        json.loads((output / name).read_text("utf-8"))
    names = [part for path in output.rglob("*") for part in path.relative_to(output).parts]
    assert not any(sign in name for name in names for sign in "<>&=+'\"")
