"""Rows → CSV (RFC 4180, UTF-8, CRLF): lists as JSON, no text that a spreadsheet would run.

Null is an empty cell, an empty text `""`. A text that begins like a formula gets an apostrophe in
front, and so does one that begins with an apostrophe; `unguarded` takes it off again.
"""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

# OWASP, "CSV Injection": = + - @, tab, line ends; their full-width forms run as well where
# Chinese or Japanese is set; blanks before them are no help.
_FORMULA = "^[\\s\u3000]*[=+\\-@＝＋－＠'\\t\\r\\n]|^[\\t\\r\\n]"
_FIRST = pa.array(list("=+-@＝＋－＠'\t\r\n\f \u3000"))
_BATCH = 4096
_JSON = json.JSONEncoder(ensure_ascii=False)


def header(schema: pa.Schema) -> bytes:
    """The first line."""
    return (",".join(schema.names) + "\r\n").encode()


def rows(table: pa.Table) -> bytes:
    """The rows of `table`, without the first line."""
    table = table.combine_chunks()
    columns = [_cells(table.column(index)) for index in range(table.num_columns)]
    sheet = pa.table(columns, names=table.column_names)
    sink = pa.BufferOutputStream()
    options = pa.csv.WriteOptions(include_header=False, batch_size=_BATCH, eol="\r\n")
    pa.csv.write_csv(sheet, sink, options)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def unguarded(text: str) -> str:
    """The text that a CSV text cell stands for."""
    return text[1:] if text.startswith("'") else text


def _cells(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    if pa.types.is_list(array.type):
        return _json(array)
    if pa.types.is_string(array.type):
        # The first character tells for nearly all, and costs less than the expression.
        if not pc.any(pc.is_in(pc.utf8_slice_codeunits(array, 0, 1), _FIRST)).as_py():
            return array
        risky = pc.match_substring_regex(array, _FORMULA)
        return pc.if_else(risky, pc.binary_join_element_wise("'", array, ""), array)
    return array


def _json(lists: pa.Array) -> pa.Array:
    items = lists.flatten()
    if pa.types.is_string(items.type):
        texts = pa.array(
            [None if text is None else _JSON.encode(text) for text in items.to_pylist()],
            pa.string(),
        )  # fmt: skip
    else:
        texts = items.cast(pa.string())
    # Lengths, not offsets: a slice's offsets do not begin at 0, and a null list has length null.
    lengths = pc.fill_null(pc.list_value_length(lists), 0)
    offsets = pa.concat_arrays(
        [pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())]
    )
    rebuilt = pa.ListArray.from_arrays(offsets, pc.fill_null(texts, "null"))
    joined = pc.binary_join_element_wise("[", pc.binary_join(rebuilt, ","), "]", "")
    return pc.if_else(pc.is_valid(lists), joined, pa.scalar(None, pa.string()))
