"""How large the report's pages are, and how soon they can be used.

    python benchmarks/report.py OUTPUT [--articles 10000]

Opens the largest article of a published OUTPUT in headless Chromium, and an index of as many
articles as told (the published ones, repeated). Needs Debian's `chromium` and `chromium-driver`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

from selenium import webdriver

from pipeline.report import pages
from pipeline.store.reading import State, published

SHARED = ("report.css", "texts.js", "d3.js", "world.js", "common.js", "article.js")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("output", type=Path)
    parser.add_argument("--articles", type=int, default=10_000)
    arguments = parser.parse_args()
    state = published(arguments.output)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "report"
        began = time.perf_counter()
        pages.make(state, folder)
        took = time.perf_counter() - began
        rows = state.manifest.rows()
        print(f"{rows['articles']} articles made in {took:.2f} s")
        page = max((folder / "articles").iterdir(), key=lambda path: path.stat().st_size)
        size = page.stat().st_size + sum((folder / "assets" / n).stat().st_size for n in SHARED)
        print(f"largest page {page.stat().st_size:,} bytes, {size:,} with its libraries")
        long = Path(scratch) / "long"
        _long_index(state, folder, long, arguments.articles)
        print(f"index of {arguments.articles:,}: {(long / 'index.html').stat().st_size:,} bytes")
        driver = _browser(scratch)
        for path in (page, folder / "index.html", long / "index.html"):
            print(f"{path.relative_to(scratch)}: usable after {_seconds(driver, path):.2f} s")
        search = driver.find_element("id", "articles-search")
        began = time.perf_counter()
        driver.execute_script(
            "arguments[0].value = '9'; arguments[0].dispatchEvent(new Event('input'))", search
        )
        print(f"search among {arguments.articles:,}: {time.perf_counter() - began:.3f} s")
        driver.quit()


def _long_index(state: State, folder: Path, long: Path, count: int) -> None:
    index = pages._Index([], [])
    for bucket in state.manifest.parts("articles"):
        index.add((folder / pages.entries_path(bucket)).read_bytes())
    articles = [
        [f"{row[0]}-{turn}", f"{row[1]} {turn}", *row[2:]]
        for turn in range(-(-count // len(index.articles)))
        for row in index.articles
    ]
    shutil.copytree(folder / "assets", long / "assets")
    pages._write_index(long, index._replace(articles=articles[:count]), state)


def _browser(scratch: str) -> webdriver.Chrome:
    os.environ["SE_OFFLINE"] = "true"
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"):
        options.add_argument(argument)
    options.add_argument(f"--user-data-dir={scratch}/chromium")
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    return webdriver.Chrome(options=options, service=service)


def _seconds(driver: webdriver.Chrome, path: Path) -> float:
    """From the navigation's start till the page's scripts have run; the median of five."""
    found = []
    for _ in range(5):
        driver.get("about:blank")
        driver.get(path.as_uri())
        found.append(
            float(
                driver.execute_script(
                    "return performance.timing.loadEventEnd - performance.timing.navigationStart"
                )
            )
        )
        assert driver.execute_script("return document.documentElement.dataset.ready") == "yes"
    return sorted(found)[2] / 1000


if __name__ == "__main__":
    main()
