"""The whole of Vitrine on this machine: started, deployed, described, stopped."""

import shutil
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from infra.errors import CommandError
from infra.local import assembly, cdk, emulator, emulator_entry, ports, processes, programs, tools
from infra.local.assembly import Build, CdkApp
from infra.local.progress import Progress
from infra.local.workspace import State, Workspace, locked

AUDIENCE = "https://api.vitrine.local"
PAGES = {"review": ("imaging360", "/review")}
PARTS = (programs.ENDPOINT, programs.IDENTITY, emulator.NAME)
"""In the order in which they stop: who calls before who answers."""


@dataclass(frozen=True)
class Deployment:
    """Where everything answers. A surface's base URL and a path of its contract make an address."""

    surfaces: Mapping[str, Mapping[str, str]]
    emulator: Mapping[str, str]
    endpoint: str
    identity: Mapping[str, str]
    parts: Mapping[str, bool]

    @property
    def healthy(self) -> bool:
        return bool(self.surfaces) and all(self.parts.values())

    def base_url(self, surface: str) -> str:
        """Raises `CommandError` when no such surface is deployed."""
        if surface not in self.surfaces:
            known = ", ".join(self.surfaces) or "none: run `vitrine up`"
            raise CommandError(f"There is no surface {surface}.", f"Deployed: {known}.")
        return self.surfaces[surface]["base_url"]

    @property
    def pages(self) -> dict[str, str]:
        """What people open in a browser, by its name."""
        wanted = {name: place for name, place in PAGES.items() if place[0] in self.surfaces}
        return {name: f"{self.base_url(surface)}{path}" for name, (surface, path) in wanted.items()}

    def described(self) -> dict[str, Any]:
        return {**asdict(self), "pages": self.pages, "healthy": self.healthy}


def up(workspace: Workspace, progress: Progress) -> Deployment:
    """Bring everything up to date and running; what already is stays as it is. Raises `CommandError`."""
    workspace.prepare()
    with locked(workspace.root / "up.lock"), ThreadPoolExecutor() as pool:
        state = _choose_ports(workspace, progress)
        # What takes long begins at once, and the steps below wait for it where they need it.
        build = Build.begin(workspace, _app(state), pool, progress)
        cli = pool.submit(tools.cdk_cli, workspace)
        _start(workspace, state, progress)
        build.upload(pool, state.ports[emulator.NAME], progress)
        state = _deploy(workspace, state, build, cli, progress)
        programs.configure_endpoint(workspace, state.ports[emulator.NAME], state.outputs)
        with progress.step("Load the staging engine"):
            programs.wait_endpoint(workspace, state.ports[programs.ENDPOINT])
    return describe(workspace)


def down(workspace: Workspace, forget: bool = False) -> list[str]:
    """Stop what runs; with `forget`, delete its data too. Returns the names of the parts that ran."""
    workspace.prepare()
    with locked(workspace.root / "up.lock"):
        gone = forget or not workspace.keeps_data
        ended = [name for name in PARTS if _stop(workspace, name, at_once=gone)]
        if gone:
            _forget(workspace)
    return ended


def describe(workspace: Workspace) -> Deployment:
    """What runs now, asked of the parts themselves."""
    state = workspace.load()
    port_of = {**ports.PREFERRED, **state.ports}
    answers = {
        emulator.NAME: emulator.is_ready(port_of[emulator.NAME]),
        programs.ENDPOINT: programs.endpoint_is_ready(port_of[programs.ENDPOINT]),
        programs.IDENTITY: programs.identity_answers(port_of[programs.IDENTITY]),
    }
    parts = {name: processes.pid_of(workspace, name) is not None and answers[name] for name in PARTS}
    return Deployment(
        surfaces=_surfaces(port_of[emulator.NAME]) if parts[emulator.NAME] else {},
        emulator={"url": emulator.url(port_of[emulator.NAME]), "region": emulator.REGION, "account": emulator.ACCOUNT},
        endpoint=emulator.url(port_of[programs.ENDPOINT]),
        identity={"issuer": emulator.url(port_of[programs.IDENTITY]), "audience": AUDIENCE},
        parts=parts,
    )


def _choose_ports(workspace: Workspace, progress: Progress) -> State:
    state = workspace.load()
    running = frozenset(name for name in PARTS if processes.pid_of(workspace, name))
    return workspace.change(ports=ports.choose({**ports.PREFERRED, **state.ports}, running, progress.say))


def _start(workspace: Workspace, state: State, progress: Progress) -> None:
    port_of = state.ports
    programs.configure_endpoint(workspace, port_of[emulator.NAME], state.outputs)
    programs.start_endpoint(workspace, port_of[programs.ENDPOINT], port_of[emulator.NAME])
    programs.start_identity(workspace, port_of[programs.IDENTITY], AUDIENCE)
    with progress.step("Install the emulator"):
        tools.emulator_python(workspace)
    with progress.step("Start the emulator and the identity provider"):
        _forget_old_layers(workspace)
        emulator.start(workspace, port_of[emulator.NAME])
        emulator.wait(workspace, port_of[emulator.NAME])
        programs.wait_identity(workspace, port_of[programs.IDENTITY])


def _forget_old_layers(workspace: Workspace) -> None:
    """Of a running emulator the workers may be using any of them."""
    if processes.pid_of(workspace, emulator.NAME) is None:
        emulator_entry.forget_all_but(assembly.zip_digests(workspace), workspace.layers)


def _deploy(workspace: Workspace, state: State, build: Build, cli: "Future[Path]", progress: Progress) -> State:
    with progress.step("Synthesise the stacks"):
        build.wait()
    port = state.ports[emulator.NAME]
    if state.outputs and cdk.deployed_fingerprint(port) == build.fingerprint:
        return state
    with progress.step("Install the CDK CLI"):
        cli.result()
    with progress.step("Deploy the stacks") as step:
        outputs = cdk.deploy(workspace, port, step)
        emulator.open_to_browsers(workspace, port)
        emulator.keep_dead_letters(port)
        emulator.verify_sender(port)
        cdk.record_fingerprint(port, build.fingerprint)
    return workspace.change(outputs=outputs)


def _app(state: State) -> CdkApp:
    context = {
        "environment": "local",
        "issuer": emulator.url(state.ports[programs.IDENTITY]),
        "audience": AUDIENCE,
        "inference_endpoint_url": emulator.url(state.ports[programs.ENDPOINT]),
        "stripe_webhook_secret": state.stripe_webhook_secret,
    }
    return CdkApp(context=tuple(context.items()))


def _surfaces(port: int) -> dict[str, dict[str, str]]:
    apis = emulator.client("apigatewayv2", port).get_apis()["Items"]
    names = sorted(api["Tags"]["ms-custom-id"] for api in apis if "ms-custom-id" in api.get("Tags", {}))
    return {name: {"base_url": f"{emulator.url(port)}/_aws/execute-api/{name}/$default"} for name in names}


def _stop(workspace: Workspace, name: str, *, at_once: bool) -> bool:
    """`at_once` leaves the emulator no time to save its data."""
    if name != emulator.NAME:
        return processes.stop(workspace, name)
    return emulator.stop(workspace, 0) if at_once else emulator.stop(workspace)


def _forget(workspace: Workspace) -> None:
    for folder in (workspace.data, workspace.scratch, workspace.layers, workspace.root / "endpoint-spool"):
        shutil.rmtree(folder, ignore_errors=True)
    (workspace.root / "endpoint.json").unlink(missing_ok=True)
    workspace.change(outputs={})
