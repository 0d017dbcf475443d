"""Our services in this process, on the data of the local deployment."""

import os

from infra.errors import CommandError
from infra.local import emulator
from infra.local.workspace import Workspace
from infra.service_environment import service_environment

NAME = "local"


def enter(workspace: Workspace) -> None:
    """From here on this process's stores are the deployment's: call it before the first import of a service.

    Raises `CommandError` when nothing is deployed or the emulator does not run.
    """
    os.environ.update(_variables(workspace))


def _variables(workspace: Workspace) -> dict[str, str]:
    state = workspace.load()
    if not state.outputs or not emulator.is_ready(state.ports.get(emulator.NAME, 0)):
        raise CommandError("Nothing is deployed here.", "Run `vitrine up`, or name an environment on AWS.")
    return {
        **emulator.CREDENTIALS,
        "AWS_REGION": emulator.REGION,
        "AWS_DEFAULT_REGION": emulator.REGION,
        "AWS_ENDPOINT_URL": emulator.url(state.ports[emulator.NAME]),
        **service_environment(NAME, state.outputs, emulator.REGION, emulator.ACCOUNT),
    }
