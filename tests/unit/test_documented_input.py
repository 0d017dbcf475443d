"""What the OpenAPI documents allow is taken, and what they do not is not: found by schemathesis, one case each."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from infra.local import contracts
from vitrine.assets.models import UploadRequest
from vitrine.engagement.routes import _URL_PATTERN
from vitrine.kernel.addresses import Refused, parse
from vitrine.kernel.http import _KEY
from vitrine.staging.models import ProjectChange, StageCommand

UPLOAD = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 7}
COMMAND = {"project_id": "p", "original_url": "u"}
INPUT: list[tuple[type, dict[str, Any]]] = [
    *((UploadRequest, {**UPLOAD, "file_size": size}) for size in (1, 1.0, 1.5, True, "1", 0, None, 1e300)),
    *((StageCommand, {**COMMAND, "seed": seed}) for seed in (1, 1.0, 1.5, False, "1", -1, 2**32, None)),
    *((ProjectChange, {"name": name}) for name in ("a", " a ", "", " ", "\u2003", None, 1)),
    (ProjectChange, {}),
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
    schema = contracts._IDEMPOTENCY_KEY["schema"]
    assert bool(_KEY.fullmatch(key)) == jsonschema.Draft202012Validator(schema).is_valid(key)


@given(st.from_regex(_URL_PATTERN, fullmatch=True).map(str.rstrip).filter(lambda url: len(url) <= 2000))
def test_a_url_that_the_document_allows_is_taken_but_for_names_that_only_insiders_resolve(url: str) -> None:
    try:
        parse(url)
    except Refused as refused:
        assert refused.reason == "inside"
