"""Files and galleries: an image is a record, its caption a block after the one it stands in."""

from __future__ import annotations

import re

from pipeline.formats.wiki import IMAGE_OPTION, Target, page_url
from pipeline.formats.wikitext_page import Page, Value, clean, cut, deeper, later, lines_within
from pipeline.formats.wikitext_scan import Pair

FILE_NAME = re.compile(
    r"\s*(?:(?:File|Image|文件|檔案|档案|圖像|图像)\s*:)?\s*(?P<name>[^|\[\]{}<>\n]{1,240}?\.(?:jpe?g|png|svg|gif|tiff?|webp|bmp|djvu|pdf|og[gvax]|webm|mp[34]|wav|flac))\s*",
    re.IGNORECASE,
)


def add_bare_page(page: Page, target: Target, pair: Pair) -> None:
    """A link with no place in the prose."""
    if target.title is not None:
        page.asm.bare_link(
            target.kind,
            target.title,
            target=target.title,
            url=page_url(target.title, target.fragment),
            raw_start=pair.start,
            raw_end=pair.end,
        )


def read_file(page: Page, target: Target, pair: Pair, title_end: int) -> None:
    """`[[File:甲.jpg|thumb|說明]]`; in a note it is an icon and nothing else."""
    add_bare_page(page, target, pair)
    if page.asm.in_note:
        return
    name = (target.title or "").partition(":")[2]
    caption = None
    if title_end < pair.inner_end:
        for start, end in cut(page, title_end + 1, pair.inner_end):
            if not IMAGE_OPTION.fullmatch(clean(page, start, end)):
                caption = (start, end)
    show_file(page, name, caption, pair.start, pair.end)


def show_file(page: Page, name: str, caption: tuple[int, int] | None, start: int, end: int) -> None:
    """Add an image, and its caption as a block of its own, when the block around is closed."""
    url = page_url(f"File:{name}")

    def read() -> None:
        block = None
        if caption is not None:
            page.asm.open_block("caption")
            with deeper(page):
                page.range(page, *caption)
            block = page.asm.close_block()
        page.asm.media(name, url, start, end, block=block)

    later(page, read)


def read_gallery(page: Page, start: int, end: int) -> None:
    """Lines of `甲.jpg|說明`."""
    if page.asm.in_note:
        return
    for line_start, line_end in lines_within(page, start, end):
        file = FILE_NAME.match(page.mask, line_start, line_end)
        if file is None:
            continue
        parts = cut(page, file.end(), line_end)[1:]
        captions = [part for part in parts if not IMAGE_OPTION.fullmatch(clean(page, *part))]
        show_file(page, file["name"], captions[-1] if captions else None, line_start, line_end)


def read_gallery_template(page: Page, values: list[Value]) -> None:
    """`{{gallery|甲.jpg|說明|乙.jpg|說明}}`."""
    if page.asm.in_note:
        return
    unnamed = [value for value in values if value.name.isdigit()]
    for index, value in enumerate(unnamed):
        file = FILE_NAME.fullmatch(page.mask, value.start, value.end)
        if file is None:
            continue
        after = unnamed[index + 1] if index + 1 < len(unnamed) else None
        caption = None
        if (
            after is not None
            and after.start < after.end
            and not FILE_NAME.fullmatch(page.mask, after.start, after.end)
        ):
            caption = (after.start, after.end)
        show_file(page, file["name"], caption, value.start, value.end)
