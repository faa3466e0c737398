"""The report: what is on the pages, and in a real Chromium what happens when they are used."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
import pytest

from pipeline import records
from pipeline import refresh as steps
from pipeline.article import Options
from pipeline.changes.comparison import Kind
from pipeline.cli import main
from pipeline.report import pages
from pipeline.schemas import ARTICLE_TABLES
from pipeline.store import publish
from pipeline.store.parts import bucket_of
from pipeline.store.reading import State, published

ROOT = Path(__file__).parent.parent
SHOTS = ROOT / "build" / "report"
ARTICLE = """\
[拉多加湖](https://zh.wikipedia.org/wiki/拉多加湖 "wikilink")邊的堡壘建於1703年5月27日，高18公里，有12座塔。\\[1\\]
翌年6月增為30座。\\[2\\]1812年，[莫斯科](https://zh.wikipedia.org/wiki/莫斯科 "wikilink")來了約3500人。

## 後來

五月三日再建。[莫斯科](https://zh.wikipedia.org/wiki/莫斯科 "wikilink")派出百分之二十的士兵。

- [基輔](https://zh.wikipedia.org/wiki/基輔 "wikilink")給了2盧布。

## 參考資料

1.  [堡壘的歷史](https://example.org/fort)
2.
3.  從未引用的書，2001年
"""
HOSTILE = "</script><script>window.stolen=1</script><img src=x onerror='window.stolen=1'>\"'&<b>"


def refresh(raw: Path, output: Path) -> State:
    with steps.opened(output, options=Options()) as opened:
        found = steps.survey(raw, opened, options=Options())
        for job in found.jobs:
            steps.work(job)
        steps.finish(opened, found)
    return published(output)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A refresh that followed another: two articles, one of them changed."""
    folder = tmp_path_factory.mktemp("report")
    raw = folder / "raw"
    raw.mkdir()
    (raw / "湖邊堡壘.md").write_text(ARTICLE.replace("12座", "11座"), encoding="utf-8")
    (raw / "別的.md").write_text("1990年，巴黎有3座橋。1995年以後有4座。\n", encoding="utf-8")
    refresh(raw, folder / "output")
    (raw / "湖邊堡壘.md").write_text(ARTICLE, encoding="utf-8")
    (raw / "壞的.md").write_bytes(b"\xff\xfe\xfd")
    refresh(raw, folder / "output")
    return folder / "output"


def page_of(output: Path, title: str) -> Path:
    for row in published(output).table("articles").to_pylist():
        if row["title"] == title:
            return output / "report" / "articles" / f"{row['article_id']}.html"
    raise LookupError(title)


def data_of(page: Path) -> dict[str, Any]:
    found = re.search(r'id="data">(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_equal_tables_give_equal_bytes(output: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        pages.make(published(output), tmp_path / name)
    one, two = (
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*.*")
        }
        for name in ("one", "two")
    )
    assert one == two
    made = {
        path.relative_to(output / "report"): path.read_bytes()
        for path in (output / "report").rglob("*.*")
    }
    assert made == one


def test_a_page_whose_rows_are_the_same_is_taken_over(output: Path, tmp_path: Path) -> None:
    state = published(output)
    made = pages.make(state, tmp_path, last=state, last_folder=output / "report")
    page = page_of(output, "別的")
    assert made[f"articles/{page.name}"].path == page


def test_the_command_makes_what_lacks(output: Path, tmp_path: Path) -> None:
    copy = tmp_path / "output"
    shutil.copytree(output, copy)
    whole = (copy / "report/index.html").read_bytes()
    (copy / "report/index.html").unlink()
    assert main(["report", "--output", str(copy)]) == 0
    assert (copy / "report/index.html").read_bytes() == whole
    assert published(copy).table("changes").equals(published(output).table("changes"))
    before = (copy / "manifest.json").read_bytes()
    assert main(["report", "--output", str(copy)]) == 0
    assert (copy / "manifest.json").read_bytes() == before


def test_without_tables_the_command_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--output", str(tmp_path)]) == 1
    assert "no refresh is published" in capsys.readouterr().err


def test_long_lists_are_cut(output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "FIRST_ROWS", 1)
    monkeypatch.setattr(pages, "CHUNK_ROWS", 2)
    told = pages._write_list(tmp_path, "changes", [[number] for number in range(6)])
    assert told == {"rows": [[0]], "chunks": 3, "total": 6}
    rest = [path.read_text() for path in sorted((tmp_path / "data").iterdir())]
    assert rest == [
        'report.take("changes",1,[[1],[2]]);\n',
        'report.take("changes",2,[[3],[4]]);\n',
        'report.take("changes",3,[[5]]);\n',
    ]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc", "", None]
)
def test_only_the_web_is_linked(url: str | None) -> None:
    assert pages._address(url) is None


def test_interface_texts_come_in_both_languages() -> None:
    texts = pages._texts()
    assert all(len(pair) == 2 and all(pair) for pair in texts.values())
    sources = [*(pages.HERE / "assets").glob("*.js"), *(pages.HERE / "templates").glob("*.html")]
    code = "".join(
        source.read_text(encoding="utf-8") for source in [*sources, pages.HERE / "pages.py"]
    )
    used = set(re.findall(r'\bt\("([a-z_]+)"|"([a-z_]+)"\|(?:t|label)\b', code))
    assert {key for pair in used for key in pair if key} - set(texts) - {"view_"} == set()
    named = {key for key in texts if not key.startswith(("v.", "view_"))}
    assert named - set(re.findall(r'"([a-z_]+)"', code)) == set()


def test_every_value_of_a_closed_set_has_a_word() -> None:
    sets = (
        records.FootnoteKind, records.Severity, records.MentionTable, records.Scope,
        records.DateKind, records.Precision, records.DateModifier, records.DateResolution,
        records.NumberKind, records.NumberModifier, records.PlaceType, records.PlaceResolution,
        Kind,
    )  # fmt: skip
    values = {value for closed in sets for value in get_args(closed)} | {"none", "footnotes"}
    assert {f"v.{value}" for value in values} == {
        key for key in pages._texts() if key.startswith("v.")
    }


# ------------------------------------------------------------------------------ in a browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver")
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not chromedriver:
        pytest.skip("the report in a browser: install Debian's chromium and chromium-driver")
    os.environ["SE_OFFLINE"] = "true"
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-dev-shm-usage", "--window-size=1400,1000", "--accept-lang=zh-TW",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(chromedriver))
    SHOTS.mkdir(parents=True, exist_ok=True)
    yield driver
    driver.quit()


class Page:
    """An open page: what is on it, and what went wrong meanwhile."""

    def __init__(
        self, browser: Any, path: Path, *, language: str = "zh", fragment: str = ""
    ) -> None:
        self.browser = browser
        self.folder = path.parent.parent if path.parent.name == "articles" else path.parent
        for kind in ("browser", "performance"):
            browser.get_log(kind)
        browser.get("about:blank")
        browser.get(path.as_uri() + fragment)
        if self.text("#language") == {"zh": "中文", "en": "English"}[language]:
            self.click("#language")
        assert self.run("return document.documentElement.dataset.ready") == "yes"

    def run(self, script: str, *arguments: Any) -> Any:
        return self.browser.execute_script(script, *arguments)

    def all(self, selector: str) -> list[Any]:
        found: list[Any] = self.browser.find_elements("css selector", selector)
        return found

    def one(self, selector: str) -> Any:
        return self.browser.find_element("css selector", selector)

    def text(self, selector: str) -> str:
        return str(self.one(selector).text)

    def texts(self, selector: str) -> list[str]:
        return [node.text for node in self.all(selector)]

    def click(self, selector: str, nth: int = 0) -> None:
        node = self.all(selector)[nth]
        self.run("arguments[0].scrollIntoView({block: 'center'})", node)
        if node.tag_name in ("circle", "rect"):
            # Points and bars may lie on one another; the click is for this one.
            self.run("arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))", node)
        else:
            node.click()

    def choose(self, selector: str, value: str) -> None:
        self.run(
            "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change'))",
            self.one(selector),
            value,
        )

    def type(self, selector: str, words: str) -> None:
        self.one(selector).clear()
        self.one(selector).send_keys(words)

    def until(self, found: Callable[[], object]) -> None:
        """Wait for what the page does in its own time."""
        for _ in range(600):
            if found():
                return
            time.sleep(0.1)
        pytest.fail("the page did not come to it")

    def is_seen(self, selector: str) -> bool:
        box = "const r = document.querySelector(arguments[0]).getBoundingClientRect();"
        return bool(
            self.run(box + "return r.height > 0 && r.top < innerHeight && r.bottom > 0", selector)
        )

    def shot(self, name: str) -> None:
        self.browser.save_screenshot(str(SHOTS / f"{name}.png"))

    def check(self) -> None:
        """No complaint in the console, and no request for anything but the report's own files."""
        assert self.browser.get_log("browser") == []
        asked = []
        for entry in self.browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked.append(
                    (message["params"]["documentURL"], message["params"]["request"]["url"])
                )
        # The browser's own first page asks for things as well.
        own = self.folder.as_uri() + "/"
        asked = [url for page, url in asked if page.startswith(own)]
        assert asked
        assert [url for url in asked if not url.startswith(own)] == []

    def check_accessibility(self) -> None:
        axe = pytest.importorskip("axe_core_python").__path__[0]
        self.run((Path(axe) / "axe.min.js").read_text(encoding="utf-8"))
        found = self.browser.execute_async_script(
            "const done = arguments[0]; axe.run().then(result => done(result.violations))"
        )
        serious = [
            (one["id"], one["impact"], [node["html"] for node in one["nodes"]][:3])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == []


@pytest.fixture
def article(browser: Any, output: Path) -> Iterator[Page]:
    page = Page(browser, page_of(output, "湖邊堡壘"))
    yield page
    page.check()


@pytest.fixture
def index(browser: Any, output: Path) -> Iterator[Page]:
    page = Page(browser, output / "report" / "index.html")
    yield page
    page.check()


def test_the_prose_is_marked(article: Page) -> None:
    assert {"1703年5月27日", "翌年6月", "1812年"} <= set(article.texts("mark.dates"))
    assert "莫斯科" in article.texts("mark.places")
    assert "12座" in article.texts("mark.numbers")
    assert article.texts("h1") == ["湖邊堡壘"]
    article.shot("article")


def test_a_mark_shows_its_card_and_selects_its_row(article: Page) -> None:
    nth = article.texts("mark.dates").index("翌年6月")
    article.click("mark.dates", nth)
    card = article.text("#card")
    assert "1704-06" in card and "推算" in card and "1703年5月27日" in card and "[2]" in card
    assert article.texts("tr.on td:first-child") == ["翌年6月"]
    article.shot("card")
    article.click("mark.numbers", article.texts("mark.numbers").index("12座"))
    assert article.one("#view-numbers").is_displayed()
    assert article.texts("tr.on td:first-child") == ["12座"]
    assert article.one("#card a").get_attribute("href") == "https://example.org/fort"


def test_an_open_end_is_shown_as_open(browser: Any, output: Path) -> None:
    page = Page(browser, page_of(output, "別的"))
    page.click("mark.dates", page.texts("mark.dates").index("1995年"))
    assert "1996-01-01 – …" in page.text("#card")
    assert "1995年 = 1995" in [
        bar.get_attribute("aria-label") for bar in page.all("#timeline .bar")
    ]
    page.check()


def test_hovering_shows_the_card(article: Page) -> None:
    chains = pytest.importorskip("selenium.webdriver").ActionChains
    chains(article.browser).move_to_element(article.one("mark.dates")).perform()
    article.until(article.one("#card").is_displayed)
    assert article.text("#card").startswith("1703年5月27日")


def test_a_bar_leads_to_its_sentence(article: Page) -> None:
    bars = article.all("#timeline .bar")
    names = [bar.get_attribute("aria-label") for bar in bars]
    nth = names.index("1812年 = 1812")
    article.click("#timeline .bar", nth)
    assert article.texts("mark.on") == ["1812年"]
    assert "1812年" in article.text(".s.here")
    assert article.is_seen("mark.on")


def test_the_timeline_zooms(article: Page) -> None:
    whole = article.texts("#timeline text")
    for _ in range(4):
        article.click("#view-dates [data-zoom=in]")
    assert article.texts("#timeline text") != whole
    article.shot("timeline")
    article.click("#view-dates [data-zoom=all]")
    assert article.texts("#timeline text") == whole


def test_a_point_leads_to_the_mentions_of_its_place(article: Page) -> None:
    article.click("#tab-places")
    article.shot("map")
    names = [point.get_attribute("aria-label") for point in article.all("#map .point")]
    nth = names.index("莫斯科 (2)")
    article.click("#map .point", nth)
    assert article.texts("mark.on") == ["莫斯科"]
    first = article.text(".s.here")
    article.click("#map .point", nth)
    assert article.text(".s.here") != first
    assert article.texts("tr.on td:first-child") == ["莫斯科"]


def test_a_footnote_shows_what_it_supports(article: Page) -> None:
    article.click("a.note")
    assert article.one("#view-notes").is_displayed()
    assert article.text("li.on .number") == "[1]"
    assert "12座" in article.texts("mark.lit")
    nothing = article.all("#notes-rows ul")[1].text
    assert "從未引用的書" in nothing
    article.shot("footnotes")
    article.click("#notes-rows .number", 1)
    assert article.text("li.on .number") == "[2]"
    assert "12座" not in [mark.text for mark in article.all("mark.lit.numbers.on")]


def test_filters(article: Page) -> None:
    total = len(article.all("mark[role]"))
    article.click(".toggle.places")
    assert article.all("mark.places") == [] and len(article.all("mark[role]")) < total
    article.click(".toggle.places")
    article.choose("#kind", "numbers percent")
    assert article.texts("mark[role]") == ["百分之二十"]
    article.choose("#kind", "")
    article.choose("#scope", "none")
    assert "2盧布" in article.texts("mark[role]")
    assert "12座" not in article.texts("mark[role]")
    article.choose("#scope", "clause")
    assert "12座" in article.texts("mark[role]")
    assert "2盧布" not in article.texts("mark[role]")


def test_numbers_sort_and_search(article: Page) -> None:
    article.click("#tab-numbers")
    article.click("#numbers-rows th button", 1)
    assert article.all("#numbers-rows th")[1].get_attribute("aria-sort") == "descending"
    values = article.texts("#numbers-rows td:nth-child(2)")
    assert values[0].startswith("3,500")
    article.type("#numbers-search", "盧布")
    assert article.texts("#numbers-rows td:first-child") == ["2盧布"]
    article.shot("numbers")


def test_the_keyboard_reaches_every_mark(article: Page) -> None:
    keys = pytest.importorskip("selenium.webdriver").Keys
    assert len(article.all("mark[tabindex='0']")) == 1
    article.run("document.querySelector('mark').focus()")
    active = article.browser.switch_to.active_element
    active.send_keys(keys.ARROW_RIGHT)
    second = article.browser.switch_to.active_element
    assert second.text == article.texts("mark")[1]
    second.send_keys(keys.ENTER)
    assert article.texts("mark.on") == [second.text]
    second.send_keys(keys.ESCAPE)
    assert article.all("mark.on") == [] and not article.one("#card").is_displayed()


def test_the_language_switches(article: Page) -> None:
    assert article.text("#tab-dates") == "時間軸"
    article.click("#language")
    assert article.text("#tab-dates") == "Timeline"
    assert article.run("return document.documentElement.lang") == "en"
    assert "of" in article.text("#shown")
    article.click("#language")


def test_a_link_to_a_mention_opens_it(browser: Any, output: Path) -> None:
    path = page_of(output, "湖邊堡壘")
    mention = next(m for m in data_of(path)["mentions"] if m["text"] == "2盧布")
    page = Page(browser, path, fragment=f"#m-{mention['id']}")
    assert page.texts("mark.on") == ["2盧布"]
    assert page.texts("tr.on td:first-child") == ["2盧布"]
    assert page.is_seen("mark.on")
    page.check()


def test_the_index_lists_searches_and_sorts(index: Page) -> None:
    assert index.texts("#articles-rows td:first-child") == ["別的", "湖邊堡壘"]
    index.shot("index")
    index.type("#articles-search", "堡壘")
    assert index.texts("#articles-rows td:first-child") == ["湖邊堡壘"]
    index.type("#articles-search", "無此文")
    assert index.all("#articles-rows td") == []


def test_rows_beside_the_index_are_fetched_when_wanted(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "FIRST_ROWS", 1)
    monkeypatch.setattr(pages, "CHUNK_ROWS", 2)
    (tmp_path / "raw").mkdir()
    for number in range(6):
        (tmp_path / "raw" / f"壞{number}.md").write_bytes(b"\xff")
    refresh(tmp_path / "raw", tmp_path / "output")
    page = Page(browser, tmp_path / "output/report/index.html")
    page.click("#tab-problems")
    assert page.texts("#problems-rows td:nth-child(3)") == ["壞0.md"]
    page.type("#problems-search", ".md")
    page.until(lambda: len(page.all("#problems-rows tbody tr")) == 6)
    page.click("#problems-rows th button", 2)
    page.click("#problems-rows th button", 2)
    assert page.texts("#problems-rows td:nth-child(3)")[0] == "壞5.md"
    page.check()


def test_the_index_tells_of_changes_and_problems(index: Page) -> None:
    index.click("#tab-changes")
    assert index.texts("#changes-rows td:first-child") == ["湖邊堡壘"]
    assert "11" in index.text("#changes-rows") and "12座塔" in index.text("#changes-rows")
    index.shot("changes")
    index.click("#tab-problems")
    assert "壞的.md" in index.text("#problems-rows")
    index.click("#tab-files")
    links = [link.get_attribute("href") for link in index.all(".files a")]
    for link in links:
        assert Path(link.removeprefix("file://")).exists(), link


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_assistive_technology(
    browser: Any, output: Path, scheme: str
) -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    try:
        page = Page(browser, page_of(output, "湖邊堡壘"))
        views = ("dates", "places", "numbers", "notes") if scheme == "light" else ("notes",)
        for view in views:
            page.click(f"#tab-{view}")
            page.check_accessibility()
        page.click("mark.dates")
        page.check_accessibility()
        page.shot(f"article-{scheme}")
        page = Page(browser, output / "report" / "index.html")
        for view in ("articles", "changes", "files"):
            page.click(f"#tab-{view}")
            page.check_accessibility()
        page.shot(f"index-{scheme}")
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_on_a_phone(browser: Any, output: Path) -> None:
    metrics = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        page = Page(browser, page_of(output, "湖邊堡壘"))
        assert page.one("#view-prose").is_displayed() and not page.one("#view-dates").is_displayed()
        page.click("mark.dates", -1)
        assert page.one("#card").is_displayed()
        under = "return document.querySelector(arguments[0]).getBoundingClientRect()[arguments[1]]"
        assert page.run(under, "mark.on", "bottom") <= page.run(under, "#card", "top")
        page.shot("phone-card")
        page.click("#tab-places")
        assert page.one("#map svg").is_displayed() and not page.one("#view-prose").is_displayed()
        page.shot("phone-map")
        assert page.run("return document.documentElement.scrollWidth") <= 390
        page.check_accessibility()
        page.check()
        page = Page(browser, output / "report" / "index.html")
        assert page.run("return document.documentElement.scrollWidth") <= 390
        page.shot("phone-index")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def planted(name: str, table: pa.Table) -> pa.Table:
    """`table` with hostile text before every word of it that is no id of an article."""
    for at, field in enumerate(table.schema):
        if field.name == "article_id":
            continue
        column = table.column(at).to_pylist()
        if pa.types.is_string(field.type):
            column = [value if value is None else HOSTILE + value for value in column]
        elif pa.types.is_list(field.type) and pa.types.is_string(field.type.value_type):
            column = [[value and HOSTILE + value for value in values] for values in column]
        else:
            continue
        table = table.set_column(at, field, pa.array(column, field.type))
    return table


def test_hostile_text_stays_text(browser: Any, output: Path, tmp_path: Path) -> None:
    state = published(output)
    names = state.table("articles")["article_id"].to_pylist()
    with publish.begin(tmp_path, versions={"test": HOSTILE}) as opened:
        for bucket in sorted({bucket_of(name, publish.BUCKETS) for name in names}):
            rows = {name: state.table(name, buckets=[bucket]) for name in ARTICLE_TABLES}
            opened.put_bucket(bucket, {name: planted(name, rows[name]) for name in rows})
        opened.seal(inputs=[])
        opened.commit(changes=planted("changes", state.table("changes")), report=steps.make_report)
    page = Page(browser, tmp_path / "report/articles" / page_of(output, "湖邊堡壘").name)
    for view in ("dates", "places", "numbers", "notes"):
        page.run("document.getElementById(arguments[0]).click()", f"tab-{view}")
        assert HOSTILE in page.run("return document.body.textContent")
        if charts := page.all("#timeline .bar, #map .point"):
            page.run("arguments[0].dispatchEvent(new MouseEvent('click'))", charts[0])
            assert HOSTILE in page.text("#card")
    assert page.run("return document.querySelectorAll('img, b[onerror], main script').length") == 0
    assert page.run("return window.stolen") is None
    page.check()
    page = Page(browser, tmp_path / "report/index.html")
    for view in ("articles", "changes", "unresolved", "problems"):
        page.click(f"#tab-{view}")
        assert page.run("return document.querySelectorAll('img').length") == 0
    assert page.run("return window.stolen") is None
    page.check()


def test_the_policy_stops_scripts_in_the_page(browser: Any, output: Path) -> None:
    page = Page(browser, page_of(output, "湖邊堡壘"))
    page.run(
        "document.body.insertAdjacentHTML('beforeend', "
        '\'<a id=planted href="javascript:window.stolen=1" onclick="window.stolen=1">x</a>\')'
    )
    page.run("document.getElementById('planted').click()")
    said = [entry["message"] for entry in browser.get_log("browser")]
    assert any("Content Security Policy" in message for message in said)
    assert page.run("return window.stolen") is None
