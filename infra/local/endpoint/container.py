"""The container, without Docker: the same app in a child process, started again when it dies."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence

import httpx

from functions.inference.logs import log

SERVE = (sys.executable, "-m", "functions.inference", "serve", "--host", "127.0.0.1", "--stop-with-stdin")
RESTART_AFTER_S = (0.1, 0.5, 2.0, 5.0, 10.0)
STOP_WITHIN_S = 5.0


class Container:
    """Runs `command` with `--port` on a free loopback port.

    Nothing starts before `use` has given the cloud's address: the app's S3 client would look for the real one.
    """

    def __init__(self, command: Sequence[str] = SERVE) -> None:
        self._command = command
        self._environment: dict[str, str] = {}
        self._configured = asyncio.Event()
        self._process: Process | None = None
        self._client: httpx.AsyncClient | None = None

    def use(self, environment: dict[str, str]) -> None:
        """Run with these variables; a container that runs with others is replaced."""
        if environment == self._environment:
            return
        self._environment = environment
        self._configured.set()
        self._signal(signal.SIGTERM)

    async def run(self) -> None:
        """Keep a container running until cancelled."""
        await self._configured.wait()
        failures = 0
        try:
            while True:
                was_ready = await self._run_once()
                failures = 0 if was_ready else failures + 1
                await asyncio.sleep(RESTART_AFTER_S[min(failures, len(RESTART_AFTER_S) - 1)])
        finally:
            await self._stop()

    async def ready(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return self._client is not None and (await self._client.get("/ping", timeout=2.0)).status_code == 200
        return False

    async def invoke(self, body: bytes, headers: dict[str, str], timeout_s: float) -> httpx.Response:
        """POST /invocations; raises `httpx.TimeoutException`, or `httpx.TransportError` when the container dies."""
        if self._client is None:
            raise httpx.ConnectError("no container runs")
        return await self._client.post("/invocations", content=body, headers=headers, timeout=timeout_s)

    async def _run_once(self) -> bool:
        port = _free_port()
        environment = {**os.environ, **self._environment}
        # A session of its own, so that whatever the engine starts can be ended with it.
        self._process = await asyncio.create_subprocess_exec(
            *self._command, "--port", str(port), stdin=PIPE, env=environment, start_new_session=True
        )
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as self._client:
            watching = asyncio.create_task(self._wait_until_ready())
            try:
                code = await self._process.wait()
            finally:
                was_ready = watching.done()
                watching.cancel()
        self._client = None
        # Whatever the engine had started goes too; afterwards the number may be another process's.
        self._signal(signal.SIGKILL)
        self._process = None
        log("container ended", {"code": code, "was_ready": was_ready})
        return was_ready

    async def _wait_until_ready(self) -> None:
        while not await self.ready():
            await asyncio.sleep(0.1)

    async def _stop(self) -> None:
        self._signal(signal.SIGTERM)
        if self._process:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), STOP_WITHIN_S)
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
