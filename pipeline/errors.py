"""The errors a person can act on, each naming the file, the place in it and the cure.

`PipelineError` is the base. `SourceError` is bad input: the run reports it and goes on with
the other articles. `OffsetError` is a bug of ours: a span that does not say what its raw
slice says. All survive pickling, as they travel back from worker processes.
"""

from __future__ import annotations


class PipelineError(Exception):
    """Something went wrong that the message explains, with what to do about it."""

    def __init__(self, message: str, *, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message} {self.cure}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), dict(self.__dict__)))


class SourceError(PipelineError):
    """Input that cannot be read. `code` is a short, stable name for the kind of fault.

    `path` names the file as the person gave it; `raw_start` and `raw_end` (code points of the
    raw text) the place in it, where there is one.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str,
        code: str,
        cure: str = "",
        raw_start: int | None = None,
        raw_end: int | None = None,
    ) -> None:
        super().__init__(message, cure=cure)
        self.path = path
        self.code = code
        self.raw_start = raw_start
        self.raw_end = raw_end

    def __str__(self) -> str:
        place = self.path if self.raw_start is None else f"{self.path}:{self.raw_start}"
        return f"{place}: {super().__str__()}"


class OffsetError(PipelineError):
    """A span and its raw slice disagree: a bug of this project, never of the input."""


def _rebuild(kind: type[PipelineError], state: dict[str, object]) -> PipelineError:
    error = kind.__new__(kind)
    Exception.__init__(error, state["message"])
    error.__dict__.update(state)
    return error
