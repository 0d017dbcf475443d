"""`vitrine organisation` against AWS (moto)."""

import json
import os
from collections.abc import Iterator
from typing import Any, get_args
from unittest.mock import patch

import pytest

from infra import cli
from infra.operators import organisation
from tests.support.cloud import aws
from tests.unit.operators.cloud import OUTPUTS, PROD, deploy
from vitrine.identity.organisations import enrolment, gate, keys, rules, tokens
from vitrine.identity.organisations.models import PEOPLE, DeviceFacts, Platform, Policies
from vitrine.kernel import secrets
from vitrine.kernel.clock import utc_now
from vitrine.kernel.errors import Forbidden, Unauthenticated
from vitrine.kernel.ids import Ids
from vitrine.kernel.surface import Limit

FACTS = DeviceFacts(platform=Platform.EDGE, model="camera 1", app_version="1")
MINUTE = Limit("minute", 300, 60)


@pytest.fixture(autouse=True)
def _cloud() -> Iterator[None]:
    with patch.dict(os.environ), patch.dict(secrets._values), aws():
        deploy(OUTPUTS)
        yield


def run(capsys: pytest.CaptureFixture[str], *command: str) -> Any:
    code = cli.main(["organisation", *command, *PROD])
    output = capsys.readouterr()
    assert code == 0, output.err
    return json.loads(output.out)


def failed(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    assert cli.main(["organisation", *command, *PROD]) == 1
    return capsys.readouterr().err


def enrolled(org_id: str, code: str | None = None) -> Any:
    now = utc_now()
    return enrolment.enrol(rules.tenant_of(org_id), FACTS, code, None, Ids.random(now), now)


def test_an_organisation_is_made_changed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    made = run(capsys, "create", "--name", "Autohaus", "--site", "North", "--site", "South")
    org_id, (north, _) = made["id"], made["sites"]
    run(capsys, "add-site", org_id, "--name", "East")
    invited = run(
        capsys, "invite", org_id, "--email", "Ann@dealer.example", "--role", "operator", "--site", north["id"]
    )
    run(capsys, "set-role", org_id, invited["id"], "--role", "reviewer")
    run(capsys, "set-sites", org_id, invited["id"])
    device = enrolled(org_id)
    run(capsys, "set-sites", org_id, device.actor, "--site", north["id"])
    shown = run(capsys, "show", org_id)
    assert [site["name"] for site in shown["sites"]] == ["North", "South", "East"]
    (person,) = shown["people"]
    assert (person["email"], person["role"], person["sites"]) == ("ann@dealer.example", "reviewer", "all")
    assert [found["sites"] for found in shown["devices"]] == [[north["id"]]]
    assert run(capsys, "list") == {org_id: "Autohaus"}


def test_enrolment_may_be_given_a_code_that_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    org_id = run(capsys, "create", "--name", "Autohaus")["id"]
    code = run(capsys, "set", org_id, "--enrolment", "code", "--redaction", "box")["enrolment_code"]
    assert enrolled(org_id, code)
    with pytest.raises(Forbidden):
        enrolled(org_id)
    shown = run(capsys, "show", org_id)
    assert (shown["policies"]["enrolment"], shown["policies"]["redaction"]) == ("code", "box")
    assert code not in json.dumps(shown)


def test_a_device_is_revoked_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    org_id = run(capsys, "create", "--name", "Autohaus")["id"]
    device = enrolled(org_id)
    assert gate.admit(device.token, MINUTE, utc_now())
    run(capsys, "revoke-device", org_id, device.actor)
    with pytest.raises(Unauthenticated):
        gate.admit(device.token, MINUTE, utc_now())


def test_a_person_is_removed_and_may_be_invited_again(capsys: pytest.CaptureFixture[str]) -> None:
    org_id = run(capsys, "create", "--name", "Autohaus")["id"]
    invitation = ("invite", org_id, "--email", "ann@dealer.example", "--role", "admin")
    invited = run(capsys, *invitation)
    assert "taken" in failed(capsys, *invitation)
    run(capsys, "remove-user", org_id, invited["id"])
    assert run(capsys, *invitation)["id"] != invited["id"]


def test_keys_rotate_and_what_is_out_still_holds(capsys: pytest.CaptureFixture[str]) -> None:
    org_id = run(capsys, "create", "--name", "Autohaus")["id"]
    before = enrolled(org_id)
    said = run(capsys, "rotate-keys")
    assert said["signs"] == keys.newest().kid
    assert said["verify"] == list(keys.known())
    assert len(said["verify"]) == 3
    for token in (before.token, enrolled(org_id).token):
        assert tokens.verify(token, utc_now())


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("show", "seven"), "is a UUID"),
        (("show", "0192f0c4-7b1a-7c3e-8a55-3f0d9a6c1e42"), "no such organisation"),
        (("set", "ORG"), "No policy is given"),
        (("invite", "ORG", "--email", "nobody", "--role", "admin"), "no e-mail address"),
        (("revoke-device", "ORG", "0192f0c4-7b1a-7c3e-8a55-3f0d9a6c1e42"), "nobody under this id"),
        (("set-sites", "ORG", "0192f0c4-7b1a-7c3e-8a55-3f0d9a6c1e42", "--site", "x"), "no such site"),
    ],
)
def test_what_cannot_be_done_is_said(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...], expected: str
) -> None:
    org_id = run(capsys, "create", "--name", "Autohaus")["id"]
    assert expected in failed(capsys, *(org_id if part == "ORG" else part for part in command))


def test_the_commands_know_the_policies_and_roles_that_there_are() -> None:
    kinds = {name: Policies.model_fields[name].annotation for name in organisation.POLICIES}
    assert {name: tuple(each.value for each in kind) for name, kind in kinds.items()} == organisation.POLICIES  # type: ignore[union-attr]
    free = {name for name, field in Policies.model_fields.items() if str in get_args(field.annotation)}
    assert {*organisation.POLICIES, *free} == Policies.model_fields.keys()
    assert set(organisation.ROLES) == {role.value for role in PEOPLE}
