"""How long a photo takes from its last byte to staged, step by step, and `vitrine demo` cold and warm.

    uv run python -m tests.bench.timeline [--photo FILE] [--runs 3] [--without-demo]

Everything happens in a deployment of its own, in a temporary folder that is removed afterwards. The steps' times are
those in the events of the upload and of the job; medians are printed, in seconds since the upload's last byte.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx

from infra.local.commands.demo import demo_photo
from infra.local.deployment import Deployment, describe, down
from infra.local.identity.client import sign_in
from infra.local.identity.provider import subject_of
from infra.local.workspace import DEFAULT_ROOT, Workspace
from tests.support.backstage import Backstage
from tests.support.customer import Customer
from tests.support.patience import until
from vitrine.identity.rules import principal_of
from vitrine.jobs.models import JobEventType

STEPS = ("queued", "inspected", "started", "completed")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="tests.bench.timeline", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--photo", type=Path, default=demo_photo())
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--without-demo", action="store_true", help="bring the deployment up, time no demo")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="vitrine-bench-") as folder:
        workspace = Workspace(root=Path(folder) / ".vitrine")
        try:
            _measure(workspace, options)
        finally:
            down(workspace, forget=True)


def _measure(workspace: Workspace, options: argparse.Namespace) -> None:
    cached = "installed before" if any((DEFAULT_ROOT / "tools").glob("emulator-*")) else "downloaded in this run"
    for name in ["up"] if options.without_demo else ["demo, cold", "demo, warm"]:
        print(f"{name:24}{_command(name.partition(',')[0], workspace, options.photo):8.1f} s")
    print(f"(cold: nothing deployed, no data; the emulator and the CDK CLI were {cached})\n")
    _print_timeline([_run(workspace, options.photo) for _ in range(options.runs)], options.photo)


def _command(name: str, workspace: Workspace, photo: Path) -> float:
    """Seconds that `vitrine NAME` takes."""
    with_photo = ["--photo", str(photo), "--out", str(workspace.root / "out")] if name == "demo" else []
    started = time.monotonic()
    command = [sys.executable, "-m", "infra.cli", name, "--state", str(workspace.root), *with_photo]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def _print_timeline(runs: Sequence[dict[str, float]], photo: Path) -> None:
    print(f"{photo.name}, standard quality, median of {len(runs)} runs; seconds since the upload's last byte")
    for step in STEPS:
        times = [run[step] for run in runs]
        print(f"{step:24}{statistics.median(times):8.2f} s   ({', '.join(f'{each:.2f}' for each in times)})")


class _Stack:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def aws(self, service: str) -> object:
        from infra.local import emulator

        return emulator.client(service, self.workspace.load().ports["emulator"])


def _run(workspace: Workspace, photo: Path) -> dict[str, float]:
    """One photo of a new customer, as a client stages it: uploaded, then the image created."""
    backstage = Backstage(_Stack(workspace))
    with ExitStack() as clients:
        customer = _customer(describe(workspace), backstage, clients)
        upload = customer.upload(photo.read_bytes(), "image/png" if photo.suffix == ".png" else "image/jpeg")
        uploaded = datetime.now(UTC)
        image_id = customer.order(upload)
        assert customer.wait(image_id)["status"] == "ready"
        return _timeline(customer, upload["asset_id"], image_id, uploaded)


def _timeline(customer: Customer, asset_id: str, image_id: str, uploaded: datetime) -> dict[str, float]:
    events = customer.backstage.events(customer.tenant, image_id)
    at = {event.type: event.at for event in events}
    asset = until(lambda: customer.backstage.asset(customer.tenant, asset_id))
    moments = {
        "queued": at[JobEventType.QUEUED],
        "inspected": asset.updated_at,
        "started": at[JobEventType.STARTED],
        "completed": at[JobEventType.COMPLETED],
    }
    return {step: (moment - uploaded).total_seconds() for step, moment in moments.items()}


def _customer(deployment: Deployment, backstage: Backstage, clients: ExitStack) -> Customer:
    name = f"bench-{uuid4().hex[:8]}"
    issuer = deployment.identity["issuer"]
    token = sign_in(issuer, name).access_token
    tenant = principal_of({"iss": issuer, "sub": subject_of(name)}).tenant
    base_url, headers = deployment.base_url("realstaging"), {"Authorization": f"Bearer {token}"}
    http = clients.enter_context(httpx.Client(base_url=base_url, headers=headers, timeout=60, trust_env=False))
    plain = clients.enter_context(httpx.Client(timeout=60, trust_env=False))
    return Customer(name, tenant, token, http, plain, backstage)


if __name__ == "__main__":
    main()
