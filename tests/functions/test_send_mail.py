"""Mail to accounts: what they asked for, to their own address, each event once. SES is a stand-in that keeps it."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.reactions import send_mail
from functions.stagecraft_api import account
from functions.stagecraft_api.surface import SURFACE
from tests.support.agency import Agency
from tests.support.requests import CONTEXT, Reply
from tests.support.surfaces import call
from vitrine.engagement.mail import service, store
from vitrine.identity.accounts import service as accounts
from vitrine.jobs import rules as job_rules
from vitrine.jobs import service as jobs
from vitrine.kernel import clients
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import MailSender
from vitrine.staging import failures
from vitrine.work import ending

PRESIGN = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 1}
SENDER = "stagings@vitrine.example"


class Ses:
    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.refuses: str | None = None

    def send_email(self, **mail: Any) -> None:
        if self.refuses:
            raise ClientError({"Error": {"Code": self.refuses, "Message": "ann@agency.example"}}, "SendEmail")
        self.sent.append(mail)

    @property
    def subjects(self) -> list[str]:
        return [mail["Content"]["Simple"]["Subject"]["Data"] for mail in self.sent]


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch) -> Ses:
    found = Ses()
    monkeypatch.setattr(clients, "mail", lambda: found)
    monkeypatch.setattr(send_mail, "SENDER", MailSender(mail_sender=SENDER))
    return found


@pytest.fixture
def ann() -> Agency:
    return Agency.open("enterprise")


def send(ann: Agency, route: str, body: Any = None) -> Reply:
    return call(SURFACE, route, token=ann.key, body=body)


def prefers(ann: Agency, **preferences: bool) -> None:
    assert send(ann, "PATCH /api/account", {"notification_preferences": preferences}).status == 200


def staging(ann: Agency) -> str:
    upload = send(ann, "POST /api/uploads/presign", PRESIGN).json()["file_key"]
    return str(send(ann, "POST /api/stage", {"image": upload, "style": "hamptons"}).json()["id"])


def batch(ann: Agency) -> dict[str, Any]:
    upload = send(ann, "POST /api/uploads/presign", PRESIGN).json()["file_key"]
    made: dict[str, Any] = send(ann, "POST /api/stage/batch", {"images": [upload], "style": "hamptons"}).json()
    return made


def failed(ann: Agency, job_id: str) -> None:
    ending.fail(ann.tenant, job_id, failures.FAILED, utc_now())


def latest(tenant: str, job_id: str) -> dict[str, Any]:
    """The bus event of a job's latest change."""
    event = jobs.events_after(tenant, job_id, 0)[-1]
    return {"detail-type": event.type.value, "detail": event.model_dump(mode="json")}


def test_an_account_that_asked_is_mailed_once_to_its_own_address_however_often_the_event_comes(
    ann: Agency, ses: Ses
) -> None:
    prefers(ann, email_on_completion=True)
    job_id = staging(ann)
    failed(ann, job_id)
    for _ in range(3):
        send_mail.handler(latest(ann.tenant, job_id), CONTEXT)
    (mail,) = ses.sent
    user = accounts.find(ann.tenant).user
    assert (mail["FromEmailAddress"], mail["Destination"]) == (SENDER, {"ToAddresses": [user.email]})
    assert ses.subjects == ["Your staging failed"]


def test_each_preference_brings_its_own_mails_and_no_others(ann: Agency, ses: Ses) -> None:
    prefers(ann, processing_updates=True)
    job_id = staging(ann)
    jobs.change(ann.tenant, job_id, lambda job: job_rules.start(job, utc_now()))
    send_mail.handler(latest(ann.tenant, job_id), CONTEXT)
    failed(ann, job_id)
    send_mail.handler(latest(ann.tenant, job_id), CONTEXT)
    assert ses.subjects == ["Your staging has begun"]


def test_a_batch_brings_one_mail_and_its_photos_none(ann: Agency, ses: Ses) -> None:
    prefers(ann, email_on_completion=True, processing_updates=True)
    made = batch(ann)
    photo = made["individual_stagings"][0]["id"]
    failed(ann, photo)
    ending.complete(ann.tenant, made["batch_id"], {"completed": 0, "failed": 1}, utc_now())
    for job_id in (photo, made["batch_id"]):
        send_mail.handler(latest(ann.tenant, job_id), CONTEXT)
    assert ses.subjects == ["Your batch is completed"]


def test_who_did_not_ask_or_has_no_account_is_not_mailed(ann: Agency, ses: Ses) -> None:
    job_id = staging(ann)
    failed(ann, job_id)
    event = latest(ann.tenant, job_id)
    send_mail.handler(event, CONTEXT)
    send_mail.handler({**event, "detail": {**event["detail"], "tenant": "ten_nobody"}}, CONTEXT)
    assert ses.sent == []


def test_without_a_sender_nothing_is_sent_and_the_account_says_so(
    ann: Agency, ses: Ses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_mail, "SENDER", MailSender())
    prefers(ann, email_on_completion=True)
    job_id = staging(ann)
    failed(ann, job_id)
    send_mail.handler(latest(ann.tenant, job_id), CONTEXT)
    assert ses.sent == []
    assert send(ann, "GET /api/account").json()["email_available"] is False
    monkeypatch.setattr(account, "_sender", MailSender(mail_sender=SENDER))
    assert send(ann, "GET /api/account").json()["email_available"] is True


@pytest.mark.parametrize("refusal", ["MessageRejected", "TooManyRequestsException", "SendingPausedException"])
def test_what_ses_refuses_fails_without_the_address_in_it_and_the_next_try_sends_it(
    ann: Agency, ses: Ses, refusal: str, caplog: pytest.LogCaptureFixture
) -> None:
    prefers(ann, email_on_completion=True)
    job_id = staging(ann)
    failed(ann, job_id)
    ses.refuses = refusal
    with pytest.raises(service.MailNotSent) as raised:
        send_mail.handler(latest(ann.tenant, job_id), CONTEXT)
    assert str(raised.value) == refusal
    assert raised.value.__suppress_context__
    ses.refuses = None
    send_mail.handler(latest(ann.tenant, job_id), CONTEXT)
    assert len(ses.sent) == 1
    assert "@" not in caplog.text


def test_of_two_runs_at_once_one_sends_and_the_other_comes_back(ann: Agency, ses: Ses) -> None:
    prefers(ann, email_on_completion=True)
    job_id = staging(ann)
    failed(ann, job_id)
    event_id = f"{job_id}_{jobs.find(ann.tenant, job_id).version}"
    store.claim(ann.tenant, event_id, utc_now())
    with pytest.raises(store.MailClaimed):
        send_mail.handler(latest(ann.tenant, job_id), CONTEXT)
    assert ses.sent == []
    store.release(ann.tenant, event_id)
    store.claim(ann.tenant, event_id, utc_now() - timedelta(minutes=1))  # by a run that has died since
    send_mail.handler(latest(ann.tenant, job_id), CONTEXT)
    assert len(ses.sent) == 1
