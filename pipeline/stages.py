"""Work that pauses after each of its stages, so that many pieces can take each stage in turn.

Rules and lexicons are larger than a processor's caches. An article that goes all its road alone
brings every stage's into them anew; articles that go it together do so once for all of them,
which is worth a seventh of the time of short ones.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import TypeVar

from pipeline.deadline import OutOfTime, deadline

T = TypeVar("T")
#: Characters of raw text that are worked together: with more, time is not less, and memory grows.
GROUP_CHARS = 60_000
#: Yields after each stage but the last, and returns what it has made.
Stages = Generator[None, None, T]


def run(work: Stages[T]) -> T:
    """One piece of work, to its end."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            made: T = end.value
            return made


def groups(items: Iterable[T], chars: Callable[[T], int]) -> Iterator[list[T]]:
    """`items` in order, as many at a time as are worked together; `chars` tells the size of one."""
    group: list[T] = []
    total = 0
    for item in items:
        size = chars(item)
        if group and total + size > GROUP_CHARS:
            yield group
            group, total = [], 0
        group.append(item)
        total += size
    if group:
        yield group


def run_together(
    works: Sequence[Stages[T]], *, seconds: float | None = None
) -> list[T | Exception | OutOfTime]:
    """What each piece of work has made, or the error that ended it.

    `seconds` is what the stages of one piece may take together; no limit if None.
    """
    made: dict[int, T | Exception | OutOfTime] = {}
    left = dict.fromkeys(range(len(works)), math.inf if seconds is None else seconds)
    while left:
        for index, time_left in list(left.items()):
            began = time.monotonic()
            try:
                with deadline(time_left):
                    next(works[index])
                left[index] = time_left - (time.monotonic() - began)
                if left[index] > 0:
                    continue
                raise OutOfTime
            except StopIteration as end:
                made[index] = end.value
            except (Exception, OutOfTime) as error:
                made[index] = error
            del left[index]
    return [made[index] for index in range(len(works))]
