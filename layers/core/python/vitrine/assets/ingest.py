"""The state machine `ingest` as its states see it: what the next state's input says about an upload."""

from typing import Any

from vitrine.assets import keys, rules
from vitrine.assets.models import Inspection


def upload_in(state: dict[str, Any]) -> keys.UploadKey | None:
    """The upload that S3's event, or a state after it, is about. None for an object that nobody presigned.

    EventBridge carries object keys as they are, unlike S3's own notifications, which encode them as URLs.
    """
    key = state["key"] if "key" in state else state["detail"]["object"]["key"]
    return keys.parse(key)


def stray(state: dict[str, Any]) -> dict[str, Any]:
    """What the machine passes on about an object that is no upload."""
    return {"key": state["detail"]["object"]["key"], "verdict": "rejected"}


def inspection_in(state: dict[str, Any]) -> Inspection | None:
    """What is to be recorded: what was found, or that the inspection failed (`failure`, set by the machine's catch)."""
    upload = upload_in(state)
    if upload is None:
        return None
    return rules.failed_inspection(upload) if "failure" in state else Inspection.model_validate(state)
