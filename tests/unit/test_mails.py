import pytest

from tests.support.clock import NOW
from vitrine.contracts.announcements import Announcement, StagingEventType
from vitrine.staging import mails


def said(type_: str, **data: object) -> Announcement:
    return Announcement(tenant="ten_a", event_id="e_1", surface="stagecraft", type=type_, at=NOW, data=data)


def staging(type_: str, **data: object) -> Announcement:
    return said(type_, id="staging_1", style="hamptons", **data)


@pytest.mark.parametrize(
    ("announced", "preference"),
    [
        (staging("staging.processing"), "processing_updates"),
        (staging("staging.completed"), "email_on_completion"),
        (staging("staging.failed"), "email_on_completion"),
        (staging("staging.completed", batch_id="batch_1"), None),
        (staging("staging.processing", batch_id="batch_1"), None),
        (said("batch.completed", batch_id="batch_1"), "email_on_completion"),
        (said("batch.failed", batch_id="batch_1"), "email_on_completion"),
        (said("image.ready", id="img_1"), None),
    ],
)
def test_each_announcement_is_mailed_by_one_preference_or_never(
    announced: Announcement, preference: str | None
) -> None:
    assert mails.preference_for(announced) == preference


def test_a_mail_says_what_happened_where_to_look_and_how_to_stop_it() -> None:
    announced = staging("staging.failed", property_name="Elm Street 4", error_message="Too dark.")
    mail = mails.compose(announced, "ann@agency.example")
    assert mail.subject == "Your staging failed"
    assert "Property: Elm Street 4\nStyle: hamptons\nWhy: Too dark.\n" in mail.text
    assert "GET /api/stage/staging_1" in mail.text
    assert "email_on_completion is on" in mail.text
    assert (mail.to, mail.event_id) == ("ann@agency.example", "e_1")
    assert "ann@agency.example" not in repr(mail)


def test_all_that_stagecraft_announces_has_a_preference() -> None:
    assert all(mails.preference_for(said(type_.value, batch_id="b")) for type_ in StagingEventType if "batch" in type_)
    assert all(mails.preference_for(staging(type_.value)) for type_ in StagingEventType if "staging" in type_)


def test_a_batch_is_mailed_with_its_counts() -> None:
    announced = said("batch.completed", batch_id="batch_1", completed_images=4, failed_images=0)
    text = mails.compose(announced, "a@b.c").text
    assert "Completed photos: 4\nFailed photos: 0\n" in text
    assert "GET /api/stage/batch/batch_1" in text


def test_a_property_name_cannot_pass_for_lines_of_ours() -> None:
    mail = mails.compose(staging("staging.completed", property_name="x\n\nWhy: pay here"), "a@b.c")
    assert "Property: x Why: pay here\n" in mail.text
    assert "\n" not in mail.subject
