"""`vitrine contracts`: write what we promise from the code: OpenAPI per surface, a schema per event on the bus, and
those of published files."""

import argparse
import json
from pathlib import Path
from typing import Any

from functions.surfaces import SURFACES
from infra.documents import DOCUMENTS, EVENTS, Json
from infra.generators.openapi import document, fill_environment

SCHEMAS = EVENTS / "contracts"
FILES = EVENTS / "published"


def register(subparsers: Any) -> None:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "contracts", help="write events/openapi, events/contracts and events/published"
    )
    parser.set_defaults(run=run)


def run(_args: argparse.Namespace) -> int:
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(f"wrote {path.relative_to(EVENTS.parent)}")
    return 0


def files() -> dict[Path, str]:
    """Every generated file with its text."""
    return {
        **{DOCUMENTS / f"{surface.name}.json": render(document(surface)) for surface in SURFACES},
        **{SCHEMAS / f"{name}.json": render(schema) for name, schema in event_schemas().items()},
        **{FILES / f"{name}.json": render(schema) for name, schema in file_schemas().items()},
    }


def file_schemas() -> dict[str, Json]:
    """JSON Schema of the files that a published set comes with."""
    from vitrine.capture.publishing.models import Manifest

    schema = Manifest.model_json_schema(mode="serialization")
    return {"manifest-1": {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}}


def event_schemas() -> dict[str, Json]:
    """JSON Schema of each detail type's `detail`."""
    fill_environment()
    from vitrine.bus_events import EVENT_TYPES

    return {each.detail_type: {**each.detail.model_json_schema(), "title": each.detail_type} for each in EVENT_TYPES}


def render(document: Json) -> str:
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
