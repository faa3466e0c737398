"""A small server that answers as MediaWiki's API does, faults on request included."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


@dataclass
class Wiki:
    """What the server holds. `faults` are used up one a request: an HTTP status, `truncate`,
    `maxlag`, or None for a proper answer. `requests` are the parameters that were asked with."""

    pages: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    faults: list[int | str | None] = field(default_factory=list)
    retry_after: str | None = None
    pages_an_answer: int = 50
    requests: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    between: Any = None

    def edit(self, title: str, text: str) -> None:
        newest = max((rev for revs in self.pages.values() for rev, _ in revs), default=100)
        self.pages.setdefault(title, []).append((newest + 1, text))

    def answer(self, asked: dict[str, str]) -> dict[str, Any]:
        if asked.get("meta") == "siteinfo":
            rights = {
                "text": "CC BY-SA 4.0",
                "url": "https://creativecommons.org/licenses/by-sa/4.0/",
            }
            return {"query": {"rightsinfo": rights}}
        titles = asked["titles"].split("|")
        query: dict[str, Any] = {"pages": []}
        if asked.get("redirects"):
            steps = [{"from": t, "to": self.redirects[t]} for t in titles if t in self.redirects]
            query["redirects"] = steps
            titles = [self.redirects.get(title, title) for title in titles]
        start = int(asked.get("rvcontinue", 0))
        for index, title in enumerate(titles):
            revisions = self.pages.get(title)
            if not revisions:
                query["pages"].append({"title": title, "missing": True})
                continue
            number, text = revisions[-1]
            page = {"pageid": 1 + sorted(self.pages).index(title), "title": title}
            if asked["prop"] == "info":
                page["lastrevid"] = number
            elif start <= index < start + self.pages_an_answer:
                slot = {"contentmodel": "wikitext", "content": text}
                page["revisions"] = [
                    {"revid": number, "timestamp": "2026-01-02T03:04:05Z", "slots": {"main": slot}}
                ]
            query["pages"].append(page)
        found: dict[str, Any] = {"query": query}
        if asked["prop"] == "revisions" and start + self.pages_an_answer < len(titles):
            found["continue"] = {"rvcontinue": str(start + self.pages_an_answer), "continue": "||"}
        return found


@contextmanager
def serving(wiki: Wiki) -> Iterator[str]:
    """Serve `wiki` on the loopback; yields the address of its API."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = dict(parse_qsl(body))
            wiki.requests.append(asked)
            wiki.headers.append(dict(self.headers))
            fault = wiki.faults.pop(0) if wiki.faults else None
            if isinstance(fault, int):
                self.send_response(fault)
                self._retry_after()
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            answer = wiki.answer(asked)
            if fault == "maxlag":
                answer = {
                    "error": {
                        "code": "maxlag",
                        "info": "Waiting for a database server: 7 seconds lagged",
                    }
                }
            data = gzip.compress(json.dumps(answer).encode())
            if wiki.between:
                # Before the answer is sent, or the next request may be quicker.
                wiki.between(wiki)
            self.send_response(200)
            self._retry_after()
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if fault == "truncate" else data)
            if fault == "truncate":
                self.wfile.flush()
                self.connection.close()

        def _retry_after(self) -> None:
            if wiki.retry_after is not None:
                self.send_header("Retry-After", wiki.retry_after)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/w/api.php"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
