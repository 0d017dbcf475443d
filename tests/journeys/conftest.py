"""One deployment of the whole stack for all journeys, apart from the developer's own: other ports, other data.

pytest-xdist's workers share it. Each holds a shared lock while it uses the deployment; whoever leaves last stops it.
What a killed run left behind is found by the same lock, and removed before the next one starts.

VITRINE_JOURNEYS=DIR takes the deployment that `vitrine up --state DIR` keeps there, and leaves it up.
"""

import fcntl
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import httpx
import pytest

from infra.errors import CommandError
from infra.local import emulator, ports
from infra.local.deployment import Deployment, down, up
from infra.local.identity.client import sign_in
from infra.local.identity.provider import subject_of
from infra.local.progress import Silent
from infra.local.workspace import DEFAULT_ROOT, REPOSITORY, State, Workspace, locked
from tests.support.agent import Agent
from tests.support.backstage import Backstage
from tests.support.customer import Customer
from tests.support.patience import outlast_the_hour
from tests.support.shared_tables import on_emulator
from vitrine.identity.rules import principal_of

GIVEN = os.environ.get("VITRINE_JOURNEYS")
WORKSPACE = Workspace(root=Path(GIVEN or DEFAULT_ROOT / "journeys"), keeps_data=bool(GIVEN))


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

    def api_key(self, name: str, plan: str = "professional") -> str:
        """The first key of a new account of stagecraft."""
        options = ["--email", f"{name}@journeys.example", "--plan", plan]
        opened: dict[str, str] = json.loads(self.vitrine("account", "create", *options))
        return opened["api_key"]

    def user_token(self, name: str, role: str = "admin") -> str:
        """What a person of imaging360's demo organisation calls with, or its device."""
        return self.vitrine("token", "imaging360", "--as", name, "--role", role).strip()

    def vitrine(self, *command: str, answers: int = 0) -> str:
        """What a command of `vitrine` prints about this deployment; in a process of its own, as operators run it."""
        answered = [sys.executable, "-m", "infra.cli", *command, "--state", str(self.workspace.root)]
        ran = subprocess.run(answered, capture_output=True, text=True, check=False, cwd=REPOSITORY)
        assert ran.returncode == answers, ran.stderr
        return ran.stdout

    def tenant(self, name: str) -> str:
        """Whose data is `name`'s."""
        return principal_of({"iss": self.deployment.identity["issuer"], "sub": subject_of(name)}).tenant

    def aws(self, service: str) -> Any:
        """A boto3 client with all rights."""
        return emulator.client(service, self.state.ports["emulator"])

    @contextmanager
    def http(self, surface: str, name: str) -> Iterator[httpx.Client]:
        """A client of one surface, signed in as `name`."""
        with self.bearing(surface, self.token(name)) as client:
            yield client

    @contextmanager
    def bearing(self, surface: str, token: str | None) -> Iterator[httpx.Client]:
        """A client of one surface that sends this token, or none."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        base_url = self.deployment.base_url(surface)
        with httpx.Client(base_url=base_url, headers=headers, timeout=60, trust_env=False) as client:
            yield client


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    WORKSPACE.prepare()
    with (WORKSPACE.root / "users.lock").open("a") as users:
        if _alone(users) and not GIVEN:
            down(WORKSPACE, forget=True)
        fcntl.flock(users, fcntl.LOCK_SH)
        found, denied = None, list[str]()
        try:
            found = Stack(_up(), WORKSPACE)
            yield found
        finally:
            fcntl.flock(users, fcntl.LOCK_UN)
            if _alone(users):
                denied = list(denials(Backstage(found))) if found else []
                if not GIVEN:
                    down(WORKSPACE, forget=True)
        assert denied == []


@pytest.fixture(autouse=True)
def _turn(request: pytest.FixtureRequest) -> Iterator[None]:
    """Journeys of several workers run side by side, but for those that change what is deployed: see `alone`."""
    how = fcntl.LOCK_EX if "alone" in request.fixturenames else fcntl.LOCK_SH
    WORKSPACE.prepare()
    with (WORKSPACE.root / "turns.lock").open("a") as turns:
        # Whoever waits holds the door, so that those who share do not overtake one who wants to be alone.
        with (WORKSPACE.root / "door.lock").open("a") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            fcntl.flock(turns, how)
        yield


@pytest.fixture
def alone() -> None:
    """No other journey runs while this one does."""


@pytest.fixture(scope="session")
def backstage(stack: Stack) -> Backstage:
    return Backstage(stack)


@pytest.fixture
def shared(stack: Stack) -> Iterator[None]:
    """This process's stores are on the emulator, in tables of their own."""
    with locked(stack.workspace.root / "tables.lock"), on_emulator(stack.state.ports["emulator"]):
        yield


@pytest.fixture
def customer(stack: Stack, backstage: Backstage, request: pytest.FixtureRequest) -> Iterator[Callable[[], Customer]]:
    """Makes customers whom nobody has seen before."""
    stem = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[5:40].strip("-")
    with ExitStack() as clients:

        def arrive() -> Customer:
            name = f"{stem}-{uuid4().hex[:8]}"
            token = stack.token(name)
            http = clients.enter_context(stack.bearing("realstaging", token))
            plain = clients.enter_context(httpx.Client(timeout=60, trust_env=False))
            return Customer(name, stack.tenant(name), token, http, plain, backstage)

        yield arrive


@pytest.fixture
def alice(customer: Callable[[], Customer]) -> Customer:
    return customer()


@pytest.fixture
def bob(customer: Callable[[], Customer]) -> Customer:
    return customer()


@pytest.fixture
def agents(stack: Stack, backstage: Backstage) -> Iterator[Callable[..., Agent]]:
    """Makes accounts of stagecraft, each with a key; `plan` says how much they may stage in an hour, a day, a month."""
    outlast_the_hour()
    with ExitStack() as clients:

        def arrive(plan: str = "professional") -> Agent:
            http = clients.enter_context(stack.bearing("stagecraft", stack.api_key(f"agent-{uuid4().hex[:8]}", plan)))
            return Agent(http, clients.enter_context(httpx.Client(timeout=60, trust_env=False)), backstage)

        yield arrive


def denials(backstage: Backstage) -> Iterator[str]:
    """What functions said about permissions that they lack, in the whole run so far; of all workers, the last asks."""
    return (line for said in ("AccessDenied", "not authorized") for line in backstage.logs(saying=said))


def _up() -> Deployment:
    if not WORKSPACE.load().ports:
        WORKSPACE.change(ports={name: ports.any_free() for name in ports.PREFERRED})
    try:
        return up(WORKSPACE, Silent())
    except CommandError as error:
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
