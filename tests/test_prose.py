"""Real paragraphs, where they lie beside the project: whatever stands in one, `extract` reads it."""

import json
from pathlib import Path

import pytest

from pipeline import extract

BULK = sorted((Path(__file__).parents[2] / "shared" / "bulk").glob("*.jsonl"))


@pytest.mark.skipif(not BULK, reason="no folder of paragraphs beside the project")
def test_every_paragraph_is_read() -> None:
    found = 0
    for path in BULK:
        for line in path.read_text("utf-8").splitlines():
            for text in json.loads(line)["paragraphs"]:
                read = extract(text)
                found += len(read.dates)
                for mention in (*read.dates, *read.numbers, *read.places):
                    assert text[mention.start_char : mention.end_char] == mention.text
                for date in read.dates:
                    # `start_date` is a real day, so a value that names none has none.
                    if date.start_date and date.end_date:
                        assert date.value and date.start_date <= date.end_date, (text, date)
    assert found > len(BULK)
