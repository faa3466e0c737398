"""`wikifacts`: the project's command line. Data goes to stdout, words to stderr.

Exit status: 0 all well; 1 something failed, or a diff found differences with `--exit-code`;
2 the command was not understood. Each command imports what it needs when it runs, so that
`wikifacts extract` starts without Prefect.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import logging
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError

log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(
        level=logging.DEBUG if arguments.verbose else logging.WARNING if arguments.quiet else logging.INFO,
        format="%(levelname)s %(message)s",
        stream=sys.stderr,
    )
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
        return status
    except PipelineError as error:
        print(f"wikifacts: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): no fault, and nothing left to flush to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("wikifacts: interrupted; what was published before still stands.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wikifacts",
        description="Dates, places and numbers out of converted wiki articles, traceable to their source.",
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("-v", "--verbose", action="store_true", help="say more on stderr")
    common.add_argument("-q", "--quiet", action="store_true", help="say less on stderr")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Any, help_text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, parents=[common], help=help_text, description=help_text)
        sub.set_defaults(run=run)
        return sub

    refresh = command("refresh", _refresh, "Read every article of a folder and publish the tables.")
    _io(refresh)
    refresh.add_argument("--variant", default="zh-hant", help="language variant to read -{…}- in (default: zh-hant)")
    refresh.add_argument("--reference", type=_day, metavar="YYYY-MM-DD", help="what incomplete dates count from")
    refresh.add_argument("--workers", type=int, default=1, metavar="N", help="processes to work in (default: 1)")

    extract = command("extract", _extract, "Find the dates, numbers and places of a text; JSON Lines.")
    extract.add_argument("file", metavar="FILE", help="a UTF-8 text, or - for standard input")
    extract.add_argument("--reference", type=_day, metavar="YYYY-MM-DD", help="what incomplete dates count from")
    return parser


def _io(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--raw", default="raw", metavar="DIR", help="articles: a folder, file, archive, dump or pattern (default: raw)")
    sub.add_argument("--output", default="output", metavar="DIR", help="where the tables go (default: output)")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date of the form YYYY-MM-DD") from error


def _refresh(arguments: argparse.Namespace) -> int:
    import flows

    return flows.run(
        raw=arguments.raw,
        output=arguments.output,
        variant=arguments.variant,
        reference=arguments.reference,
        workers=arguments.workers,
    )


def _extract(arguments: argparse.Namespace) -> int:
    from pipeline import extract

    found = extract(_read_text(arguments.file), reference=arguments.reference)
    _write_lines(
        {"table": table, **vars(item)}
        for table in ("dates", "numbers", "places")
        for item in getattr(found, table)
    )
    return 0


def _read_text(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise PipelineError(f"{name}: {error.strerror}.", cure="Name a file that can be read, or - for standard input.") from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PipelineError(f"{name}: byte {error.start} is no UTF-8.", cure="Convert it, as with: iconv -f BIG5 -t UTF-8.") from error


def _write_lines(rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, dt.date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(type(value))


if __name__ == "__main__":
    sys.exit(main())
