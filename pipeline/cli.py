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
import math
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pipeline import VERSION
from pipeline.errors import PipelineError

log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    arguments = _parser().parse_args(argv)
    # Our own words only: other libraries speak when something is wrong.
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    level = (
        logging.DEBUG if arguments.verbose else logging.WARNING if arguments.quiet else logging.INFO
    )
    logging.getLogger("pipeline").setLevel(level)
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
    parser.add_argument("--version", action="version", version=f"wikifacts {VERSION}")
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
    refresh.add_argument(
        "--variant", default="zh-hant", help="language variant to read -{…}- in (default: zh-hant)"
    )
    refresh.add_argument(
        "--reference", type=_day, metavar="YYYY-MM-DD", help="what incomplete dates count from"
    )
    refresh.add_argument(
        "--workers",
        type=_count,
        default=0,
        metavar="N",
        help="processes to work in (default: as many as are worth it)",
    )
    refresh.add_argument(
        "--dask", metavar="ADDRESS", help="work on a Dask cluster: local, or a scheduler's address"
    )
    refresh.add_argument(
        "--buckets",
        type=_count,
        default=64,
        metavar="N",
        help="buckets of articles; keep to one number for an output (default: 64)",
    )
    refresh.add_argument(
        "--article-seconds",
        type=_positive,
        default=60.0,
        metavar="S",
        help="time limit for one article (default: 60)",
    )
    refresh.add_argument(
        "--drop-stale",
        action="store_true",
        help="drop the last good rows of an article that cannot be read now",
    )
    refresh.add_argument(
        "--wait",
        type=float,
        default=0.0,
        metavar="S",
        help="wait for another refresh of this output to end",
    )

    extract = command(
        "extract", _extract, "Find the dates, numbers and places of a text; JSON Lines."
    )
    extract.add_argument("file", metavar="FILE", help="a UTF-8 text, or - for standard input")
    extract.add_argument(
        "--reference", type=_day, metavar="YYYY-MM-DD", help="what incomplete dates count from"
    )

    verify = command("verify", _verify, "Read all that is published; name what is damaged.")
    _output(verify)

    diff = command("diff", _diff, "Tell which facts differ between two states.")
    side = "a snapshot (latest, previous, a number, an id), an output (folder or URL) or a raw file"
    diff.add_argument("old", metavar="OLD", help=side)
    diff.add_argument("new", metavar="NEW", help=side)
    diff.add_argument("--format", choices=("table", "jsonl", "markdown", "csv"), default="table")
    diff.add_argument("--moved", action="store_true", help="tell of facts that only moved, too")
    diff.add_argument(
        "--exit-code", action="store_true", help="exit with 1 if there are differences"
    )
    _output(diff)

    history = command(
        "history", _history, "List the snapshots that are kept, restore or prune them."
    )
    history.add_argument("--restore", metavar="SNAPSHOT", help="publish an earlier snapshot again")
    history.add_argument(
        "--keep", type=_count, metavar="N", help="remove all but the newest N (one always stays)"
    )
    history.add_argument(
        "--older-than", type=_positive, metavar="DAYS", help="remove those older than DAYS"
    )
    _output(history)

    report = command("report", _report, "Make the pages of the published tables, where they lack.")
    report.add_argument("--open", action="store_true", help="open them in the browser")
    _output(report)

    show = command("show", _show, "Print the rows of a Parquet file, a line each (for git diff).")
    show.add_argument("file", metavar="FILE", help="on this machine, or a URL")

    fetch = command("fetch", _fetch, "Bring the newest articles into the raw folder.")
    fetch.add_argument(
        "--titles",
        metavar="FILE",
        help="a list of titles, one a line; else whatever changed since the last fetch",
    )
    fetch.add_argument(
        "--api", default="https://zh.wikipedia.org/w/api.php", metavar="URL", help="a MediaWiki API"
    )
    fetch.add_argument(
        "--mirror", metavar="URL", help="a git mirror of converted articles, instead of an API"
    )
    fetch.add_argument(
        "--user-agent", metavar="TEXT", help="your tool's name and a contact, as MediaWiki asks for"
    )
    fetch.add_argument(
        "--raw", default="raw", metavar="DIR", help="where the articles go (default: raw)"
    )

    serve = command("serve", _serve, "Refresh on a schedule till stopped, without a work pool.")
    _io(serve)
    serve.add_argument(
        "--cron", required=True, metavar="'M H D M W'", help="when to refresh, as in crontab(5)"
    )
    return parser


def _io(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--raw",
        default="raw",
        metavar="DIR",
        help="articles: a folder, file, archive, dump or pattern (default: raw)",
    )
    _output(sub)


def _output(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--output",
        default="output",
        metavar="DIR",
        help="where the tables are: a folder, or a URL as s3://bucket/prefix (default: output)",
    )
    sub.add_argument(
        "--working-copy",
        metavar="DIR",
        help="where the working copy of a URL is (default: in the user's cache folder)",
    )


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date of the form YYYY-MM-DD") from error


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 on")
    return int(text)


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number greater than 0")
    return number


def _refresh(arguments: argparse.Namespace) -> int:
    import flows

    return flows.run(
        raw=arguments.raw,
        output=arguments.output,
        working_copy=arguments.working_copy,
        variant=arguments.variant,
        reference=arguments.reference,
        workers=arguments.workers,
        dask=arguments.dask,
        buckets=arguments.buckets,
        article_seconds=arguments.article_seconds,
        keep_stale=not arguments.drop_stale,
        wait=arguments.wait,
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


def _diff(arguments: argparse.Namespace) -> int:
    from pipeline.changes import diff, render, summary
    from pipeline.refresh import load_sides
    from pipeline.store import remote

    output = remote.brought(arguments.output, copy=arguments.working_copy)
    sides = [
        str(remote.brought(side)) if remote.is_remote(side) else side
        for side in (arguments.old, arguments.new)
    ]
    old, new = load_sides(*sides, output=output)
    changes = diff(old, new, moved=arguments.moved)
    log.info("%s", summary(changes))
    for piece in render(changes, arguments.format):
        sys.stdout.write(piece)
    return 1 if arguments.exit_code and changes.num_rows else 0


def _history(arguments: argparse.Namespace) -> int:
    from pipeline.refresh import make_report
    from pipeline.store import history, publish, remote

    now = dt.datetime.now(dt.UTC)
    prunes = arguments.keep is not None or arguments.older_than is not None
    if arguments.restore or prunes:
        with remote.opened(arguments.output, copy=arguments.working_copy) as place:
            if arguments.restore:
                snapshot = publish.restore(
                    place.folder,
                    arguments.restore,
                    time=now.isoformat(timespec="seconds"),
                    report=make_report,
                )
                log.info("published %s again, as %s", arguments.restore, snapshot.name)
            if prunes:
                days = arguments.older_than
                older = now - dt.timedelta(days=days) if days is not None else None
                removed = history.prune(place.folder, keep=arguments.keep, older_than=older)
                log.info("removed %d snapshots", len(removed))
            place.publish()
            output = place.folder
    else:
        output = remote.brought(arguments.output, copy=arguments.working_copy)
    snapshots = history.list_snapshots(output)
    if not snapshots:
        raise PipelineError(
            f"{output}: no snapshot is kept there.",
            cure="Run `wikifacts refresh` first, or name another folder.",
        )
    _write_lines(
        {
            "snapshot": one.name,
            "time": one.time,
            "restored_from": one.restored_from,
            "rows": sum(one.rows.values()),
        }
        for one in snapshots
    )
    return 0


def _report(arguments: argparse.Namespace) -> int:
    from pipeline.refresh import remake_report
    from pipeline.store import remote

    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    with remote.opened(arguments.output, copy=arguments.working_copy) as place:
        index = remake_report(place.folder, now=now)
        place.publish()
    print(index)
    if arguments.open:
        import webbrowser

        webbrowser.open(index.resolve().as_uri())
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from pipeline.store import reading, remote

    output = arguments.output
    found = remote.damaged(output) if remote.is_remote(output) else reading.damaged(Path(output))
    for path in found:
        print(path)
    if found:
        log.error(
            "not as published: %d; delete them and refresh, which makes them anew", len(found)
        )
    return 1 if found else 0


def _show(arguments: argparse.Namespace) -> int:
    from pipeline.store.remote import local_file
    from pipeline.store.show import show

    with local_file(arguments.file) as path:
        for line in show(path):
            sys.stdout.write(line + "\n")
    return 0


def _fetch(arguments: argparse.Namespace) -> int:
    import flows

    return flows.run_fetch(
        raw=arguments.raw,
        titles=arguments.titles,
        api=arguments.api,
        mirror=arguments.mirror,
        user_agent=arguments.user_agent,
    )


def _serve(arguments: argparse.Namespace) -> int:
    import flows

    flows.serve(
        cron=arguments.cron,
        raw=arguments.raw,
        output=arguments.output,
        working_copy=arguments.working_copy,
    )
    return 0


def _read_text(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise PipelineError(
            f"{name}: {error.strerror}.",
            cure="Name a file that can be read, or - for standard input.",
        ) from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PipelineError(
            f"{name}: byte {error.start} is no UTF-8.",
            cure="Convert it, as with: iconv -f BIG5 -t UTF-8.",
        ) from error


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
