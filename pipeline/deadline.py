"""A time limit for one article, in whatever thread it is worked on."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: How often one looks whose time is up, in seconds.
_TICK = 0.1
_lock = threading.Lock()
# What ends each block that is under way, and when.
_strikes: dict[Callable[[], None], float] = {}
_watcher: threading.Thread | None = None


class OutOfTime(BaseException):
    """Raised inside the block whose time is up. No `Exception`, so that no rule swallows it."""


@contextmanager
def deadline(seconds: float | None) -> Iterator[None]:
    """Raise `OutOfTime` in this thread when the block takes longer than `seconds`, or soon after.

    None is no limit. A signal would do for a main thread only, and Dask and Prefect work in
    others. A single call into compiled code is not interrupted before it returns.
    """
    if seconds is None:
        yield
        return
    target = threading.get_ident()
    lock = threading.Lock()
    running = True

    def strike() -> None:
        with lock:
            if running:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(target), ctypes.py_object(OutOfTime)
                )

    _watch(strike, time.monotonic() + seconds)
    try:
        yield
    finally:
        with lock:
            running = False
        _strikes.pop(strike, None)


def _watch(strike: Callable[[], None], end: float) -> None:
    """Have `strike` called at `end`, if it is still among `_strikes` then.

    One thread sees to all: to start one for each article takes longer than to read a short one.
    """
    global _watcher
    with _lock:
        _strikes[strike] = end
        if _watcher is None or not _watcher.is_alive():  # not in a process that was forked
            _watcher = threading.Thread(target=_strike_in_time, daemon=True)
            _watcher.start()


def _strike_in_time() -> None:
    """Ends when nothing is under way."""
    global _watcher
    while True:
        time.sleep(_TICK)
        with _lock:
            if not _strikes:
                _watcher = None
                return
            now = time.monotonic()
            over = [strike for strike, end in _strikes.copy().items() if end <= now]
        for strike in over:
            # Not there any more, if the block has ended meanwhile.
            if _strikes.pop(strike, None) is not None:
                strike()
