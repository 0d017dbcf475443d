"""Sending a mail once."""

from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from vitrine.contracts.mails import Mail
from vitrine.engagement.mail import store
from vitrine.engagement.mail.store import MailClaimed
from vitrine.kernel import clients


class MailNotSent(Exception):
    """SES did not take a mail. It says which error that was, never what SES said: that may quote the address."""


def send(mail: Mail, sender: str, now: datetime) -> bool:
    """Send a mail unless it was sent before, and say whether it was sent now. Idempotency key: tenant and event.

    SES knows no key of its own, so a run that dies between SES's answer and our note sends twice.
    Raises `MailClaimed` while another run is at it, and `MailNotSent`: then the event may be tried again.
    """
    try:
        store.claim(mail.tenant, mail.event_id, now)
    except MailClaimed:
        if store.is_sent(mail.tenant, mail.event_id):
            return False
        raise
    try:
        _send(mail, sender)
    except (ClientError, BotoCoreError) as error:
        store.release(mail.tenant, mail.event_id)
        raise MailNotSent(_name(error)) from None
    store.sent(mail.tenant, mail.event_id, now)
    return True


def _send(mail: Mail, sender: str) -> None:
    clients.mail().send_email(
        FromEmailAddress=sender,
        Destination={"ToAddresses": [mail.to]},
        Content={
            "Simple": {
                "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": mail.text, "Charset": "UTF-8"}},
            }
        },
    )


def _name(error: ClientError | BotoCoreError) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__
