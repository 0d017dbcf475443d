"""What schemathesis does before it sends a request, so that more of them get past the door. It loads this itself.

The environment names what is the caller's: an upload, a project, an organisation with a site, and the API key in use.
"""

import os
from typing import Any
from uuid import uuid4

import schemathesis

KEY_HEADER = "Idempotency-Key"
OWN_KEY = os.environ.get("VITRINE_OWN_KEY", "")
KNOWN = {
    name: os.environ[variable]
    for name, variable in {
        "project_id": "VITRINE_PROJECT",
        "original_url": "VITRINE_UPLOAD",
        "image": "VITRINE_UPLOAD",
        "org_id": "VITRINE_ORGANISATION",
        "site_id": "VITRINE_SITE",
        "session_id": "VITRINE_SESSION",
    }.items()
    if variable in os.environ
}


QUIET = {
    **dict.fromkeys(("image.processing", "image.error"), "image.ready"),
    **dict.fromkeys(("staging.processing", "staging.failed", "batch.completed", "batch.failed"), "staging.completed"),
}
"""What never happens here, since no photo of a walk is a room, for what does."""


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    _use_a_key_once(case)
    _keep_own_key(case)
    _hear_little(case)
    if isinstance(case.query, dict):
        case.query.update({name: KNOWN[name] for name in KNOWN if isinstance(case.query.get(name), str)})
    if isinstance(case.body, dict) and case.media_type == "application/json":
        case.body.update({name: KNOWN[name] for name in KNOWN if isinstance(case.body.get(name), str)})
        images = case.body.get("images")
        if isinstance(images, list) and images and all(isinstance(image, str) for image in images):
            case.body["images"] = [KNOWN.get("image", images[0])]


def _use_a_key_once(case: Any) -> None:
    """Two requests under one key are the same request, or refused: that has tests of its own."""
    key = (case.headers or {}).get(KEY_HEADER)
    if isinstance(key, str) and 0 < len(key) <= 255 and key.isprintable():
        case.headers[KEY_HEADER] = uuid4().hex


def _hear_little(case: Any) -> None:
    """Ten webhooks of an account that stages a lot are thousands of deliveries to nowhere, each a process here."""
    events = case.body.get("events") if isinstance(case.body, dict) else None
    if isinstance(events, list) and all(isinstance(event, str) for event in events):
        case.body["events"] = [QUIET.get(event, event) for event in events]


def _keep_own_key(case: Any) -> None:
    """A caller that revokes its own key learns nothing more."""
    if OWN_KEY and (case.path_parameters or {}).get("key_id") == OWN_KEY:
        case.path_parameters["key_id"] = "key_00000000000000000000000000"
    if OWN_KEY and isinstance(case.body, dict) and case.body.get("rotates") == OWN_KEY:
        del case.body["rotates"]
