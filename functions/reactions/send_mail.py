"""What happened to a job is mailed to its account, if that asked for it: bus events JobStarted, JobCompleted and
JobFailed.

Only to the account's own address, which its operator has checked when the account was opened, and which no request can
change. What its owner cancels is not mailed.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.contracts.mails import Mail
from vitrine.engagement.mail import service
from vitrine.identity.accounts import users
from vitrine.jobs import service as jobs
from vitrine.jobs.models import JobEvent
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import MailSender
from vitrine.kernel.observability import logger
from vitrine.kinds_of_work import KINDS
from vitrine.staging import mails

SENDER = MailSender.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    happened = JobEvent.model_validate(event["detail"])
    mail = _mail(happened) if SENDER.mail_sender else None
    sent = mail is not None and service.send(mail, str(SENDER.mail_sender), utc_now())
    logger.info("mail considered", job_id=happened.job_id, number=happened.number, sent=sent)


def _mail(happened: JobEvent) -> Mail | None:
    """None for an event that nobody asked to be mailed. Raises `UnknownKind`."""
    user, announce = users.find(happened.tenant), KINDS.of(happened.kind).announce
    preferences = user.notification_preferences.model_dump() if user else {}
    if user is None or announce is None or not any(preferences.values()):
        return None
    said = announce(happened, jobs.find(happened.tenant, happened.job_id))
    preference = mails.preference_for(said) if said else None
    return mails.compose(said, user.email) if said and preference and preferences[preference] else None
