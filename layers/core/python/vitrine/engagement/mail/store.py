"""What was mailed, in DynamoDB, under the tenant: MAIL#event, for 30 days. The text and the address are not kept."""

from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import DiscriminatorAttribute, UnicodeAttribute

from vitrine.kernel import schema, tables
from vitrine.kernel.clock import epoch_s, timestamp
from vitrine.kernel.errors import Conflict
from vitrine.kernel.tables import Table

KEPT = timedelta(days=30)
LEASE = timedelta(seconds=45)
"""Longer than the function may run, and shorter than the minute after which Lambda tries an event again."""
_SENDING, _SENT = "sending", "sent"


class _Item(Table):
    class Meta:
        table_name = schema.ENGAGEMENT.deployed_name()

    kind: Any = DiscriminatorAttribute()


class _MailItem(_Item, discriminator="MAIL"):
    state: Any = UnicodeAttribute()
    at: Any = UnicodeAttribute()


class MailClaimed(Conflict):
    """Another run is sending this mail, or has sent it."""

    code = "mail_claimed"


def claim(tenant: str, event_id: str, now: datetime) -> None:
    """Conflicts with `MailClaimed`, but for a run that did not finish within `LEASE`."""
    died = (_MailItem.state == _SENDING) & (_MailItem.at < timestamp(now - LEASE))
    mine = _MailItem.pk.does_not_exist() | died
    tables.commit(tables.put(_item(tenant, event_id, _SENDING, now), mine, lambda: MailClaimed("It is being sent.")))


def is_sent(tenant: str, event_id: str) -> bool:
    try:
        return bool(_MailItem.get(tenant, f"MAIL#{event_id}", consistent_read=True).state == _SENT)
    except _MailItem.DoesNotExist:
        return False


def sent(tenant: str, event_id: str, now: datetime) -> None:
    tables.commit(tables.put(_item(tenant, event_id, _SENT, now), None, lambda: MailClaimed("")))


def release(tenant: str, event_id: str) -> None:
    """It was not sent: the next try need not wait."""
    tables.commit(tables.delete(_MailItem(tenant, f"MAIL#{event_id}"), None, lambda: MailClaimed("")))


def _item(tenant: str, event_id: str, state: str, now: datetime) -> _MailItem:
    return _MailItem(tenant, f"MAIL#{event_id}", state=state, at=timestamp(now), expires_at=epoch_s(now + KEPT))
