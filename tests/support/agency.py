"""Somebody who calls stagecraft's Lambdas with a key, as API Gateway would hand the calls on; AWS is moto."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.support.clock import now
from tests.support.requests import Reply, form, send
from vitrine.assets import service as assets
from vitrine.assets.models import Asset, Inspection, Rejection, Verdict
from vitrine.identity.accounts import service as accounts
from vitrine.kernel.call import Call
from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal


@dataclass(frozen=True)
class Agency:
    """An account and its key."""

    tenant: str
    user_id: str
    key: str

    @classmethod
    def open(cls, plan: str = "professional") -> "Agency":
        opened = now()
        user = accounts.create(f"agent-{uuid4().hex}@agency.example", plan, Ids.random(opened), opened)
        call = Call(Principal(user.tenant, user.id, plan=plan), opened, Ids.random(opened), "req")
        return cls(user.tenant, user.id, accounts.issue_key(call, "first").text)

    def post_form(self, module: Any, path: str, *fields: tuple[str, str | bytes], **headers: str) -> Reply:
        sent = form(fields)
        sent["headers"] |= headers
        return send(module.handler, "POST", path, token=self.key, **sent)

    def post(self, module: Any, path: str, body: Any, **headers: str) -> Reply:
        return send(module.handler, "POST", path, token=self.key, body=body, headers=headers)

    def get(self, module: Any, path: str) -> Reply:
        return send(module.handler, "GET", path, token=self.key)

    def asset(self, asset_id: str) -> Asset:
        found = assets.find(self.tenant, asset_id)
        assert found is not None
        return found

    def inspected(self, asset_id: str, reason: Rejection | None = None) -> None:
        """The verdict on an upload is in."""
        asset = self.asset(asset_id)
        verdict = Verdict.REJECTED if reason else Verdict.ACCEPTED
        assets.record(
            Inspection(
                tenant=asset.tenant,
                asset_id=asset.id,
                key=asset.key,
                verdict=verdict,
                size=asset.size,
                sha256=asset.sha256,
                reason=reason,
            ),
            now(),
        )


def code(reply: Reply) -> tuple[int, str]:
    """Status and the document's error code."""
    return reply.status, reply.json()["error"]["code"]
