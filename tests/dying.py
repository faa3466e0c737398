"""A refresh whose workers die: `python tests/dying.py PARAMETERS`, a JSON object for `flows.run`.

The environment says where: DYING_TITLE is the article whose bucket kills the process that works
on it (SIGKILL), none if unset; DYING_ONCE a file that is made at the first death and forbids a second.
"""

import json
import os
import signal
import sys
from pathlib import Path

from pipeline import refresh as steps

real_work = steps.work


def work(job: steps.Job) -> steps.Done:
    """`pipeline.refresh.work`, but for the deadly bucket."""
    deadly = os.environ.get("DYING_TITLE")
    if deadly in {entry.title for entry in job.entries}:
        once = os.environ.get("DYING_ONCE")
        if once is None or not Path(once).exists():
            if once is not None:
                Path(once).touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return real_work(job)


def main() -> int:
    import flows
    from tests import dying

    steps.work = dying.work  # by its importable name, so that it travels to other processes
    return flows.run(**json.loads(sys.argv[1]))


if __name__ == "__main__":
    sys.exit(main())
