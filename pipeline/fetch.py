"""The newest articles into the raw folder, from a MediaWiki API or a git mirror.

`fetch_titles` asks `action=query` for the wikitext of given pages, `fetch_changed` first for the
newest revision ids of the pages that the folder holds, then for the text of those that moved on.
Each page becomes `<title>.wikitext`; `fetch.json` beside them says what each file is: title, page
and revision id, timestamp, licence. Both are written whole or not at all, so a fetch that is
killed loses at most the page it was at. `fetch_mirror` keeps a git checkout up to date.

Manners follow https://www.mediawiki.org/wiki/API:Etiquette: one request at a time, `maxlag`, gzip, a
User-Agent with a contact, a pause between requests, `Retry-After` honoured.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import json
import logging
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from pipeline import VERSION
from pipeline.errors import PipelineError

log = logging.getLogger(__name__)

MANIFEST = "fetch.json"
#: Pages a request, the most that a client without special rights may ask for (API:Query).
BATCH = 50
#: Seconds of replication lag above which the server shall refuse us (API:Etiquette).
MAXLAG = 5
#: Most bytes of one answer, unpacked: 50 pages of MediaWiki's largest size, 2 MiB, and some.
MOST_BYTES = 128 * 2**20
_TIMEOUT = httpx.Timeout(60.0, connect=15.0)
# What may not stand in a file name on any system; `%` is no character of a MediaWiki title,
# so that percent-encoding is unambiguous and the reader can undo it.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*%]')
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)")
_LONGEST_NAME = 200  # bytes of UTF-8; file systems allow 255


@dataclass(frozen=True, slots=True)
class Manners:
    """How to ask: seconds between requests, tries a request, seconds before the second try."""

    user_agent: str = f"wikifacts/{VERSION} (contact not set; see --user-agent)"
    pause: float = 1.0
    tries: int = 5
    backoff: float = 2.0
    longest_wait: float = 300.0
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was fetched; an entry of `fetch.json` under its title."""

    title: str
    file: str
    page_id: int
    revision_id: int
    timestamp: str
    sha256: str
    redirected_from: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch did: titles written, already up to date, missing, and refused, with the reason."""

    written: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()

    def __add__(self, other: Fetched) -> Fetched:
        return Fetched(
            self.written + other.written,
            self.unchanged + other.unchanged,
            self.missing + other.missing,
            self.refused + other.refused,
        )


def read_titles(path: str | Path) -> list[str]:
    """Titles of a UTF-8 list file, one a line; blank lines and lines beginning with `# ` are none."""
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is no UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise PipelineError(
            f"{path}: the list of titles cannot be read: {reason}.",
            cure="Give a UTF-8 file, a title a line.",
        ) from error
    titles = [line.strip() for line in lines if line.strip() and not line.startswith("# ")]
    return list(dict.fromkeys(titles))


def fetch_titles(
    api: str, titles: Iterable[str], raw: str | Path, *, manners: Manners | None = None
) -> Fetched:
    """Bring `titles` from the MediaWiki at `api` (…/w/api.php) into `raw`.

    Raises `PipelineError` when the server cannot be reached or keeps refusing; what was brought
    till then stays. A page that is missing or cannot be kept is reported in the result.
    """
    manners = manners or Manners()
    folder = Path(raw)
    folder.mkdir(parents=True, exist_ok=True)
    held = read_manifest(folder)
    wanted = [title.replace("_", " ").strip() for title in titles]
    # A sign that no title has, and that parts titles in a question.
    result = Fetched(refused=tuple((title, "no title holds |") for title in wanted if "|" in title))
    with _client(manners) as client:
        licence = _licence(client, api, manners)
        for batch in _batches((title for title in wanted if title and "|" not in title), BATCH):
            result += _fetch_batch(client, api, batch, folder, held, manners)
            _write_manifest(folder, api, licence, held)
    return result


def fetch_changed(api: str, raw: str | Path, *, manners: Manners | None = None) -> Fetched:
    """Bring again the pages of `raw` whose newest revision is not the one held."""
    manners = manners or Manners()
    held = read_manifest(Path(raw))
    if not held:
        raise PipelineError(
            f"{Path(raw) / MANIFEST} names no page that was fetched before.",
            cure="Fetch some by title first: wikifacts fetch --titles FILE.",
        )
    result, stale = Fetched(), []
    with _client(manners) as client:
        for batch in _batches(sorted(held), BATCH):
            newest = {
                page["title"]: page.get("lastrevid")
                for answer in _query(
                    client, api, {"prop": "info", "titles": "|".join(batch)}, manners
                )
                for page in answer.get("query", {}).get("pages", [])
            }
            for title in batch:
                if newest.get(title) == held[title].revision_id:
                    result += Fetched(unchanged=(title,))
                else:
                    stale.append(title)
    return result + fetch_titles(api, stale, raw, manners=manners) if stale else result


def fetch_mirror(
    url: str, folder: str | Path, *, branch: str | None = None, seconds: float = 3600
) -> str:
    """Clone the git mirror `url` to `folder`, or bring the clone there up to date; the commit's id.

    Only the newest commit is brought. Raises `PipelineError` with git's own words if it fails, and
    before it touches a folder that holds something other than a clone of `url`.
    """
    folder = Path(folder)
    if url.startswith("-") or (branch or "").startswith("-"):
        raise PipelineError(f"{url!r} is no address of a git repository.")
    if not (folder / ".git").exists():
        if folder.exists() and any(folder.iterdir()):
            raise PipelineError(
                f"{folder} holds files and is no clone.",
                cure="Name an empty folder for the mirror.",
            )
        wanted = ["--branch", branch] if branch else []
        _git(["clone", "--depth", "1", "--single-branch", *wanted, "--", url, str(folder)], seconds)
    else:
        if (origin := _git(["-C", str(folder), "remote", "get-url", "origin"], seconds)) != url:
            raise PipelineError(
                f"{folder} is a clone of {origin}.", cure="Name another folder for this mirror."
            )
        _git(["-C", str(folder), "fetch", "--depth", "1", "origin", branch or "HEAD"], seconds)
        _git(["-C", str(folder), "reset", "--hard", "--quiet", "FETCH_HEAD"], seconds)
    return _git(["-C", str(folder), "rev-parse", "HEAD"], seconds)


def read_manifest(folder: Path) -> dict[str, Page]:
    """The pages that `fetch.json` in `folder` tells of, by title; none where there is no such file."""
    path = folder / MANIFEST
    try:
        pages = json.loads(path.read_text(encoding="utf-8"))["pages"]
        return {entry["title"]: Page(**entry) for entry in pages}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PipelineError(
            f"{path} cannot be read: {error}.", cure="Remove it and fetch again."
        ) from error


def file_name(title: str) -> str:
    """The name of a page's file: its title with `_` for spaces, percent-encoded where a file
    system would object, cut to length with a hash where it is too long."""
    name = _UNSAFE.sub(lambda match: quote(match.group(), safe=""), title.replace(" ", "_"))
    if name in (".", "..") or _RESERVED.match(name):
        name = "%" + f"{ord(name[0]):02X}" + name[1:]
    encoded = name.encode("utf-8", "surrogatepass")
    if len(encoded) > _LONGEST_NAME:
        head = encoded[: _LONGEST_NAME - 17].decode("utf-8", "ignore")
        name = f"{head}~{hashlib.sha256(encoded).hexdigest()[:16]}"
    return f"{name}.wikitext"


# ------------------------------------------------------------------------------------ the API


def _client(manners: Manners) -> httpx.Client:
    headers = {"User-Agent": manners.user_agent, "Accept-Encoding": "gzip"}
    return httpx.Client(headers=headers, timeout=_TIMEOUT, follow_redirects=True)


def _fetch_batch(
    client: httpx.Client,
    api: str,
    titles: Sequence[str],
    folder: Path,
    held: dict[str, Page],
    manners: Manners,
) -> Fetched:
    """Write the pages of one batch and note them in `held`."""
    parameters = {
        "prop": "revisions",
        "rvprop": "ids|timestamp|content",
        "rvslots": "main",
        "titles": "|".join(titles),
        "redirects": "1",
    }
    result = Fetched()
    redirected: dict[str, str] = {}
    done: set[str] = set()
    for answer in _query(client, api, parameters, manners):
        query = answer.get("query", {})
        redirected.update({step["to"]: step["from"] for step in query.get("redirects", ())})
        for page in query.get("pages", ()):
            title = str(page.get("title", ""))
            if page.get("missing") or page.get("invalid"):
                result += Fetched(missing=(title,))
            elif page.get("revisions") and title not in done:
                # In a continued answer a page may come without its text at first.
                done.add(title)
                result += _keep(page, folder, held, redirected.get(title))
    return result


def _keep(page: dict[str, Any], folder: Path, held: dict[str, Page], source: str | None) -> Fetched:
    title = str(page["title"])
    try:
        revision = page["revisions"][0]
        slot = revision["slots"]["main"]
        if slot.get("contentmodel", "wikitext") != "wikitext":
            return Fetched(
                refused=((title, f"its content is {slot['contentmodel']}, not wikitext"),)
            )
        data = slot["content"].encode("utf-8")
        new = Page(
            title=title,
            file=file_name(title),
            page_id=int(page["pageid"]),
            revision_id=int(revision["revid"]),
            timestamp=str(revision["timestamp"]),
            sha256=hashlib.sha256(data).hexdigest(),
            redirected_from=source,
        )
    except (KeyError, IndexError, TypeError, ValueError, UnicodeEncodeError) as error:
        return Fetched(refused=((title, f"the answer is not as documented ({error!r})"),))
    old = held.get(title)
    if old and old.revision_id > new.revision_id:
        return Fetched(refused=((title, f"revision {new.revision_id} is older than the one held"),))
    unchanged = old is not None and old.sha256 == new.sha256 and (folder / new.file).exists()
    if not unchanged:
        _write(folder / new.file, data)
    held[title] = new
    return Fetched(unchanged=(title,)) if unchanged else Fetched(written=(title,))


def _query(
    client: httpx.Client, api: str, parameters: dict[str, str], manners: Manners
) -> Iterator[dict[str, Any]]:
    """The answers to a query, continued to its end (API:Continue)."""
    fixed = {"action": "query", "format": "json", "formatversion": "2", "maxlag": str(MAXLAG)}
    going_on: dict[str, str] = {}
    while True:
        answer = _ask(client, api, fixed | parameters | going_on, manners)
        yield answer
        following = {key: str(value) for key, value in answer.get("continue", {}).items()}
        if not following:
            return
        if following == going_on:
            raise PipelineError(
                f"{api} continues the same answer for ever.",
                cure="Fetch later, or tell its operators.",
            )
        going_on = following


def _ask(
    client: httpx.Client, api: str, parameters: dict[str, str], manners: Manners
) -> dict[str, Any]:
    """One answer, asked for again when the server is busy or the answer is damaged."""
    trouble = ""
    for turn in range(manners.tries):
        if turn or manners.pause:
            manners.sleep(manners.pause)
        wait = manners.backoff * 2**turn
        try:
            with client.stream("POST", api, data=parameters) as response:
                if response.status_code in (429, 500, 502, 503, 504):
                    trouble = f"HTTP {response.status_code}"
                    wait = _retry_after(response, wait)
                else:
                    response.raise_for_status()
                    answer = json.loads(_body(response))
                    error = (
                        answer.get("error") if isinstance(answer, dict) else {"info": "no object"}
                    )
                    if not error:
                        return dict(answer)
                    trouble = str(error.get("info", error))
                    if error.get("code") not in ("maxlag", "ratelimited", "readonly"):
                        raise PipelineError(
                            f"{api} refuses: {trouble}.", cure="Check the address and the titles."
                        )
                    wait = _retry_after(response, wait)
        except httpx.HTTPStatusError as error:
            raise PipelineError(
                f"{api} answers HTTP {error.response.status_code}.",
                cure="Check the address of the API.",
            ) from error
        except httpx.UnsupportedProtocol as error:
            raise PipelineError(
                f"{api} is no address of an API.",
                cure="It looks like https://zh.wikipedia.org/w/api.php.",
            ) from error
        except (httpx.TransportError, httpx.DecodingError, httpx.StreamError, ValueError) as error:
            trouble = f"{type(error).__name__}: {error}"
        if turn + 1 < manners.tries:
            wait = min(wait, manners.longest_wait)
            log.warning("%s: %s; asking again in %.0f s", urlsplit(api).netloc, trouble, wait)
            manners.sleep(wait)
    raise PipelineError(
        f"{api} gave no usable answer in {manners.tries} tries ({trouble}).",
        cure="Fetch again later; what was brought stays.",
    )


def _body(response: httpx.Response) -> bytes:
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > MOST_BYTES:
            raise PipelineError(
                f"An answer is larger than {MOST_BYTES} bytes.",
                cure="Check the address of the API.",
            )
    return bytes(data)


def _retry_after(response: httpx.Response, otherwise: float) -> float:
    """Seconds that the header asks to wait, given as a number or as a date (RFC 9110, 10.2.3)."""
    header = response.headers.get("Retry-After", "").strip()
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        when = email.utils.parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return otherwise
    return max(0.0, (when - dt.datetime.now(tz=when.tzinfo)).total_seconds())


def _licence(client: httpx.Client, api: str, manners: Manners) -> dict[str, str]:
    """The licence of the wiki's text, as the wiki states it (API:Siteinfo, rightsinfo)."""
    parameters = {"meta": "siteinfo", "siprop": "rightsinfo"}
    for answer in _query(client, api, parameters, manners):
        rights = answer.get("query", {}).get("rightsinfo", {})
        return {"text": str(rights.get("text", "")), "url": str(rights.get("url", ""))}
    return {"text": "", "url": ""}


# ---------------------------------------------------------------------------------- the disk


def _write_manifest(folder: Path, api: str, licence: dict[str, str], held: dict[str, Page]) -> None:
    pages = [asdict(held[title]) for title in sorted(held)]
    text = json.dumps(
        {"api": api, "licence": licence, "pages": pages}, ensure_ascii=False, indent=1
    )
    _write(folder / MANIFEST, (text + "\n").encode("utf-8"))


def _write(path: Path, data: bytes) -> None:
    """Write whole or not at all: a reader, and a killed fetch, never leaves half a file."""
    part = path.with_name(f".{hashlib.sha256(path.name.encode()).hexdigest()[:16]}.part")
    try:
        with part.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise PipelineError(
            f"{path} cannot be written: {error.strerror}.", cure="Make room, or name another --raw."
        ) from error


def _git(arguments: Sequence[str], seconds: float) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments],
            check=True,
            capture_output=True,
            text=True,
            timeout=seconds,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
        )
    except FileNotFoundError as error:
        raise PipelineError("There is no git on this machine.", cure="Install git.") from error
    except subprocess.TimeoutExpired as error:
        raise PipelineError(
            f"git took longer than {seconds:.0f} s.", cure="Try again later."
        ) from error
    except subprocess.CalledProcessError as error:
        raise PipelineError(
            f"git failed: {error.stderr.strip()}.", cure="Check the address and the branch."
        ) from error
    return done.stdout.strip()


def _batches(titles: Iterable[str], size: int) -> Iterator[list[str]]:
    """`titles` in lists of at most `size`."""
    left = iter(titles)
    while batch := list(islice(left, size)):
        yield batch
