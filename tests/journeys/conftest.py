"""One deployment of the whole stack for all journeys, apart from the developer's own: other ports, other data.

pytest-xdist's workers share it. Each holds a shared lock while it uses the deployment; whoever leaves last stops it.
What a killed run left behind is found by the same lock, and removed before the next one starts.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

from infra.local import emulator, ports
from infra.local.deployment import Deployment, down, up
from infra.local.errors import LocalError
from infra.local.identity.client import sign_in
from infra.local.progress import Silent
from infra.local.workspace import DEFAULT_ROOT, State, Workspace

WORKSPACE = Workspace(root=DEFAULT_ROOT / "journeys", keeps_data=False)


@dataclass(frozen=True)
class Stack:
    """The running deployment, as journeys use it."""

    deployment: Deployment
    workspace: Workspace

    @property
    def state(self) -> State:
        """The stacks' outputs, the ports, the Stripe webhook's secret."""
        return self.workspace.load()

    def token(self, name: str) -> str:
        """An access token; another name is another account."""
        return sign_in(self.deployment.identity["issuer"], name).access_token

    def aws(self, service: str) -> Any:
        """A boto3 client with all rights."""
        return emulator.client(service, self.state.ports["emulator"])

    @contextmanager
    def http(self, surface: str, name: str) -> Iterator[httpx.Client]:
        """A client of one surface, signed in as `name`."""
        headers = {"Authorization": f"Bearer {self.token(name)}"}
        with httpx.Client(
            base_url=self.deployment.base_url(surface), headers=headers, timeout=60, trust_env=False
        ) as client:
            yield client


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    WORKSPACE.prepare()
    with (WORKSPACE.root / "users.lock").open("a") as users:
        if _alone(users):
            down(WORKSPACE, forget=True)
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield Stack(_up(), WORKSPACE)
        finally:
            fcntl.flock(users, fcntl.LOCK_UN)
            if _alone(users):
                down(WORKSPACE, forget=True)


def _up() -> Deployment:
    if not WORKSPACE.load().ports:
        WORKSPACE.change(ports={name: ports.any_free() for name in ports.WANTED})
    try:
        return up(WORKSPACE, Silent())
    except LocalError as error:
        pytest.fail(f"{error.message}\n{error.advice}\n{error.detail}", pytrace=False)


def _alone(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)
