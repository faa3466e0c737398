"""What all tests share: steady property tests, and a real Prefect server and one that
speaks S3 for those that need them."""

import logging
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples every time, and no verdict by the clock.
settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

ROOT = Path(__file__).parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Starts the server; yields the environment that a client or worker of it needs."""
    home = tmp_path_factory.mktemp("prefect")
    port = free_port()
    environment = {
        **os.environ,
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_DEPLOYMENTS_SCHEDULER_LOOP_SECONDS": "1",
        "PREFECT_API_SERVICES_SCHEDULER_LOOP_SECONDS": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    if sys.dont_write_bytecode:  # many processes start here: let them share what they compile
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment["PYTHONPYCACHEPREFIX"] = str(home / "bytecode")
    log = (home / "server.log").open("wb")
    server = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
        env=environment, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        for _ in range(2000):
            if server.poll() is not None:
                pytest.fail(f"the server ended: {(home / 'server.log').read_text()}")
            try:
                urllib.request.urlopen(
                    f"{environment['PREFECT_API_URL']}/health", timeout=10
                ).close()
                break
            except OSError:
                time.sleep(0.3)
        yield environment
    finally:
        server.terminate()
        server.wait(120)
        log.close()


@pytest.fixture(scope="session")
def s3() -> Iterator[dict[str, str]]:
    """A server that speaks S3; gives what fsspec is to be told of it."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield {"endpoint_url": f"http://{host}:{port}", "key": "key", "secret": "secret"}
    finally:
        server.stop()


@pytest.fixture
def bucket(
    s3: dict[str, str], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A URL in a new bucket there."""
    import fsspec

    monkeypatch.setitem(fsspec.config.conf, "s3", s3)
    name = f"b{abs(hash(request.node.nodeid))}"
    fsspec.filesystem("s3").mkdir(name)
    return f"s3://{name}/facts"
