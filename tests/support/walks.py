"""A surface walked along its OpenAPI document by schemathesis: at any address, or on moto in this process."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import boto3
import httpx

from infra.documents import DOCUMENTS
from tests.support.agency import Agency
from tests.support.dealer import Dealer
from tests.support.gateway import serving
from tests.support.issuer import issuer
from vitrine.billing import service as billing
from vitrine.identity.organisations import rules
from vitrine.kernel.surface import Surface

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "tests" / "support" / "schemathesis.toml"
HOOKS = "tests.support.schemathesis_hooks"


@dataclass(frozen=True)
class Caller:
    """A bearer token, and what the hooks are told of its account."""

    token: str
    known: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Walk:
    """`phases` of schemathesis, with so many cases for each operation; the same seed makes the same cases."""

    phases: str
    examples: int
    seed: int
    within_s: float

    def along(self, surface: str, url: str, caller: Caller, folder: Path) -> subprocess.CompletedProcess[str]:
        """It ends with another code than 0 when it found anything, and says what."""
        variables = {"VITRINE_TOKEN": caller.token, "SCHEMATHESIS_HOOKS": HOOKS, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)),
                *("run", str(DOCUMENTS / f"{surface}.json"), "--url", url, "--seed", str(self.seed)),
                *("--phases", self.phases, "--checks", "all", "--max-examples", str(self.examples)),
            ],
            cwd=folder,
            env={**os.environ, **caller.known, **variables},
            capture_output=True,
            text=True,
            timeout=self.within_s,
            check=False,
        )


@dataclass(frozen=True)
class Found:
    """What schemathesis said, and whether it found anything."""

    anything: bool
    said: str

    @property
    def generated(self) -> int:
        """How many cases."""
        match = re.search(r"(\d+) generated", self.said)
        return int(match[1]) if match else 0


def on_moto(surface: Surface, walk: Walk) -> Found:
    """Within `tests.support.cloud.aws`: a new account walks the surface's handlers behind a server on loopback."""
    billing.forget_provisioned()
    _machines()
    token = CREDENTIALS[surface.callers.credential]() if surface.callers else ""
    with serving(surface) as url, tempfile.TemporaryDirectory() as folder:
        ran = walk.along(surface.name, url, Caller(token, known_of(surface, url, token)), Path(folder))
    return Found(ran.returncode != 0, ran.stdout + ran.stderr)


def _machines() -> None:
    definition = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    for name in ("staging", "batch", "webhook"):
        role = "arn:aws:iam::123456789012:role/any"
        boto3.client("stepfunctions").create_state_machine(name=name, definition=definition, roleArn=role)


YEARS_S = 10 * 365 * 24 * 3600
"""Longer than the clock of a walk runs ahead."""
CREDENTIALS: dict[str, Callable[[], str]] = {
    "access token": lambda: issuer().token("alice", exp=int(time.time()) + YEARS_S),
    "api key": lambda: Agency.open("enterprise").key,
    "user token": lambda: _lasting(Dealer.open()),
}
CAPTURE = {"mode": "studio360", "vehicle": {"stock": "STK-7"}}


def _lasting(dealer: Dealer) -> str:
    with patch.object(rules, "USER_TOKEN_FOR", timedelta(seconds=YEARS_S)):
        return dealer.user()


PHOTO = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 1000}


def _of_realstaging(http: httpx.Client) -> dict[str, str]:
    project = http.post("/api/v1/projects", json={"name": "Elm Street 4"}).json()["id"]
    upload = http.post("/api/v1/uploads/presign", json=PHOTO).json()["file_key"]
    return {"VITRINE_PROJECT": project, "VITRINE_UPLOAD": upload}


def _of_stagecraft(http: httpx.Client) -> dict[str, str]:
    (own,) = http.get("/api/account").json()["api_keys"]
    upload = http.post("/api/uploads/presign", json=PHOTO).json()["file_key"]
    return {"VITRINE_OWN_KEY": own["key_id"], "VITRINE_UPLOAD": upload}


def _of_imaging360(http: httpx.Client) -> dict[str, str]:
    me = http.get("/v1/me").json()
    site = me["sites"][0]["id"]
    session = http.post("/v1/sessions", json={"site_id": site, **CAPTURE}).json()["id"]
    return {"VITRINE_ORGANISATION": me["organisation"]["id"], "VITRINE_SITE": site, "VITRINE_SESSION": session}


KNOWN: dict[str, Callable[[httpx.Client], dict[str, str]]] = {
    "realstaging": _of_realstaging,
    "stagecraft": _of_stagecraft,
    "imaging360": _of_imaging360,
}
"""What the hooks are told of an account, so that more requests get past the door; nothing where nothing is listed."""


def known_of(surface: Surface, url: str, token: str) -> dict[str, str]:
    """What the hooks are told of the account that this token opens."""
    if surface.name not in KNOWN:
        return {}
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as http:
        return KNOWN[surface.name](http)
