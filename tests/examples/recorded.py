"""The examples as the documents show them: what was sent and what was answered, as `events/examples` has it.

What is another in every run (ids, moments, secrets, signatures) is the same made-up one in every record.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from functions.surfaces import SURFACES
from infra.documents import EXAMPLES
from infra.generators.contracts import render
from tests.support.costs import Made, made
from vitrine.kernel import forms
from vitrine.kernel.surface import Json

LONGEST = 6_000
"""Characters of an answer that is shown: not the document within itself."""
SHOWN = ("application/json", "text/event-stream")
DAY = "2026-11-20"
Replacement = str | Callable[[re.Match[str]], str]
MADE_UP: tuple[tuple[str, Replacement], ...] = (
    (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "eyJ…"),
    (r"\b(scr|sck)_\w{10,}(-|\w)*", r"\1_…"),
    (r"whsec_[\w+/=]+", "whsec_…"),
    (r"\?X-Amz-[^\"]+", "?X-Amz-Signature=…"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", f"{DAY}T12:00:00Z"),
    (r"\?key=[\w-]+", "?key=…"),
    (r"/v1/published/[\w-]{40,}", "/v1/published/A1b2"),
    (r"\"key\": \"[\w-]{40,}", '"key": "…'),
    (r"\"seed\": \d+", '"seed": 7'),
    (r"\"next_cursor\": \"[^\"]+", '"next_cursor": "…'),
    (r"agent-[0-9a-f]{32}@", "agent@"),
)
_ID = re.compile(r"\b([a-z]{3,8})_([0-9a-z]{24,26})\b")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


def files() -> dict[Path, str]:
    """Every file of examples with its text."""
    return {EXAMPLES / f"{surface.name}.json": render(_recorded(made()[surface.name])) for surface in SURFACES}


def _recorded(calls: Mapping[str, Made]) -> Json:
    """By route; where examples are named, those alone."""
    found: dict[str, list[Json]] = {}
    for name, call in sorted(calls.items(), key=lambda call: "(" in call[0], reverse=True):
        route, _, named = name.partition(" (")
        if named or route not in found:
            found.setdefault(route, []).append(_example(route, call))
    replaced: Json = json.loads(_made_up(json.dumps(found, ensure_ascii=False)))
    return replaced


def _example(route: str, call: Made) -> Json:
    sent, reply = call.reply.sent, call.reply
    parts = {
        "path": _of_path(route.partition(" ")[2], sent["rawPath"]),
        "query": sent["queryStringParameters"],
        "body": _body(sent),
        "answer": _answer(reply.headers.get("content-type", ""), reply.text),
    }
    return {"status": reply.status, **{name: part for name, part in parts.items() if part}}


def _of_path(template: str, path: str) -> dict[str, str]:
    pairs = zip(template.split("/"), path.split("/"), strict=True)
    return {name.strip("{}"): value for name, value in pairs if name.startswith("{")}


def _body(sent: Mapping[str, Any]) -> Json | None:
    """The body by its media type; a form with its files' names in the place of files."""
    text, content_type = sent["body"], sent["headers"]["content-type"]
    if not text:
        return None
    if not content_type.startswith(forms.MEDIA_TYPE):
        return {content_type: json.loads(text)}
    return {forms.MEDIA_TYPE: _named(forms.parse(base64.b64decode(text), content_type))}


def _named(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _named(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_named(part) for part in value]
    return value if isinstance(value, str) else value.filename


def _answer(content_type: str, text: str) -> Json | None:
    media_type = content_type.partition(";")[0]
    if media_type not in SHOWN or len(text) > LONGEST:
        return None
    return {media_type: json.loads(text) if media_type == "application/json" else text}


def _made_up(text: str) -> str:
    for pattern, replacement in MADE_UP:
        text = re.sub(pattern, replacement, text)
    uuids: dict[str, str] = {}
    text = _UUID.sub(lambda found: uuids.setdefault(found[0], f"0192f0c4-0000-7000-8000-{len(uuids) + 1:012}"), text)
    return _ID.sub(_numbered(), text)


def _numbered() -> Callable[[re.Match[str]], str]:
    """Ids in the order of their first mention, each kind counted by itself."""
    known: dict[str, str] = {}
    count: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        kind, rest = found.groups()
        if found[0] not in known:
            count[kind] = count.get(kind, 0) + 1
            known[found[0]] = f"{kind}_01m8g{count[kind]:0{len(rest) - 5}}"
        return known[found[0]]

    return number
