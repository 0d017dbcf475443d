import json
from pathlib import Path
from typing import Any

import jsonschema

from tests.support.clock import NOW
from tests.support.uploads import any_asset
from vitrine.assets import events, rules
from vitrine.assets.models import AssetEvent, AssetState

CONTRACT: dict[str, Any] = json.loads((Path(__file__).parents[2] / "events/contracts/UploadInspected.json").read_text())


def test_the_committed_contract_is_the_models() -> None:
    assert {**AssetEvent.model_json_schema(mode="serialization"), "title": "UploadInspected"} == CONTRACT


def test_what_leaves_for_the_bus_keeps_the_contract() -> None:
    entry = events.entry(rules.event_of(any_asset(state=AssetState.REJECTED)), "status")
    jsonschema.validate(json.loads(entry["Detail"]), CONTRACT)
    assert (entry["Source"], entry["DetailType"], entry["Time"]) == ("vitrine.assets", "UploadInspected", NOW)
