"""What owners are mailed of stagings and batches, by their preferences, in the words of the announcement.

One mail when a staging or a batch is over, one when work on a staging begins. A batch's photos bring none of their own.
Mails have no links to pictures: those would be open to whoever the mail is passed on to, and end after minutes.
"""

from collections.abc import Mapping
from typing import Any

from vitrine.contracts.announcements import Announcement, StagingEventType
from vitrine.contracts.mails import Mail

ON_COMPLETION, ON_START = "email_on_completion", "processing_updates"
"""Names of preferences."""
_ABOUT: Mapping[str, tuple[str, str]] = {
    StagingEventType.PROCESSING: (ON_START, "Your staging has begun"),
    StagingEventType.COMPLETED: (ON_COMPLETION, "Your staging is completed"),
    StagingEventType.FAILED: (ON_COMPLETION, "Your staging failed"),
    StagingEventType.BATCH_COMPLETED: (ON_COMPLETION, "Your batch is completed"),
    StagingEventType.BATCH_FAILED: (ON_COMPLETION, "Your batch failed"),
}
"""By what is announced: the preference that asks for it, and the subject."""


def preference_for(said: Announcement) -> str | None:
    """The preference that decides whether an announcement is mailed; None for what never is."""
    if said.type not in _ABOUT or (_is_staging(said) and said.data.get("batch_id")):
        return None
    return _ABOUT[said.type][0]


def compose(said: Announcement, to: str) -> Mail:
    """Raises KeyError for what is never mailed."""
    preference, subject = _ABOUT[said.type]
    lines = [f"{subject}.", "", *_facts(said.data), "", _where(said)]
    lines += ["", f"You get this mail because {preference} is on; PATCH /api/account turns it off."]
    return Mail(tenant=said.tenant, event_id=said.event_id, to=to, subject=subject, text="\n".join(lines) + "\n")


def _facts(data: Mapping[str, Any]) -> list[str]:
    named = {
        "Id": data.get("id") or data.get("batch_id"),
        "Property": _in_one_line(data.get("property_name")),
        "Style": data.get("style"),
        "Completed photos": data.get("completed_images"),
        "Failed photos": data.get("failed_images"),
        "Why": data.get("error_message"),
    }
    return [f"{name}: {value}" for name, value in named.items() if value is not None]


def _in_one_line(text: str | None) -> str | None:
    """A name is the customer's own text, and must not look like a line of ours."""
    return None if text is None else " ".join(text.split())


def _where(said: Announcement) -> str:
    if _is_staging(said):
        return f"GET /api/stage/{said.data['id']} has all of it."
    return f"GET /api/stage/batch/{said.data['batch_id']} has all of it."


def _is_staging(said: Announcement) -> bool:
    return "id" in said.data
