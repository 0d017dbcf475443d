"""What the OpenAPI documents allow is taken, and what they do not is not: found by schemathesis, one case each."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from functions.stagecraft_api.account import AccountChange, NewKey
from functions.stagecraft_api.options import StyleId
from infra.generators.openapi import KEY_SCHEMA
from vitrine.assets.models import UploadRequest
from vitrine.contracts.announcements import ImageEventType
from vitrine.engagement.routes import _URL_PATTERN, _bodies
from vitrine.kernel.addresses import Refused, parse
from vitrine.kernel.http.once import is_key
from vitrine.staging import styles
from vitrine.staging.models import ProjectChange, StageCommand

UPLOAD = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 7}
COMMAND = {"project_id": "p", "original_url": "u"}
WEBHOOK_CHANGE = _bodies(ImageEventType)[1]
INPUT: list[tuple[type, dict[str, Any]]] = [
    *((UploadRequest, {**UPLOAD, "file_size": size}) for size in (1, 1.0, 1.5, True, "1", 0, None, 1e300)),
    *((StageCommand, {**COMMAND, "seed": seed}) for seed in (1, 1.0, 1.5, False, "1", -1, 2**32, None)),
    *((ProjectChange, {"name": name}) for name in ("a", " a ", "", " ", "\u2003", None, 1)),
    (ProjectChange, {}),
    *((WEBHOOK_CHANGE, {"enabled": on}) for on in (True, False, 1, 0, "true", "no", None)),
    *((WEBHOOK_CHANGE, {"events": types}) for types in ([], ["image.ready"], ["staging.failed"], "image.ready", None)),
    *((NewKey, {"overlap_hours": hours}) for hours in (0, 24.0, 168, 169, -1, "24", True, None)),
    *((AccountChange, {"default_style": style}) for style in ("modern_luxury", "scandinavian", "", None, 1)),
    *((AccountChange, {"name": name}) for name in ("a", " ", "", None, 1)),
    *((AccountChange, {"notification_preferences": {"processing_updates": on}}) for on in (True, 1, "no", None)),
]


@pytest.mark.parametrize(("model", "value"), INPUT, ids=lambda part: json.dumps(part) if isinstance(part, dict) else "")
def test_a_model_takes_exactly_what_its_schema_allows(model: type, value: dict[str, Any]) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(model)
    allowed = jsonschema.Draft202012Validator(adapter.json_schema()).is_valid(value)
    try:
        adapter.validate_python(json.loads(json.dumps(value)))
        taken = True
    except ValidationError:
        taken = False
    assert taken == allowed


@pytest.mark.parametrize("key", ["k", "a key", "~" * 255, "", " ", " k", "k ", "k" * 256, "k\u00e9y", "k\ty"])
def test_an_idempotency_key_is_taken_exactly_when_the_document_allows_it(key: str) -> None:
    schema = KEY_SCHEMA
    assert is_key(key) == jsonschema.Draft202012Validator(schema).is_valid(key)


@given(st.from_regex(_URL_PATTERN, fullmatch=True).map(str.rstrip).filter(lambda url: len(url) <= 2000))
def test_a_url_that_the_document_allows_is_taken_but_for_names_that_only_insiders_resolve(url: str) -> None:
    assert reason_against(url) in (None, "inside")


def reason_against(url: str) -> str | None:
    try:
        parse(url)
    except Refused as refused:
        return refused.reason
    return None


def test_the_document_names_every_style_that_can_be_asked_for() -> None:
    offered = TypeAdapter(StyleId).json_schema()["enum"]
    assert all(styles.find(style) for style in offered)
    assert {style.id for style in styles.offered()} <= set(offered)
