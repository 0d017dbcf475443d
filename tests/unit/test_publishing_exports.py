"""Other viewers' files have the shapes that their documents describe. `CARCUTTER` and `IIIF` restate those by hand."""

import json
from html.parser import HTMLParser
from typing import Any

import jsonschema
import pytest

from tests.support.published import any_plan, made_of
from vitrine.capture.publishing import exports
from vitrine.capture.publishing.models import Manifest, finished

WORDS = {"type": "string", "minLength": 1}
CARCUTTER: dict[str, Any] = {
    "type": "object",
    "required": ["aspectRatio", "imageHdWidth", "imageSubWidths", "categories"],
    "additionalProperties": False,
    "properties": {
        "aspectRatio": {"enum": ["4:3", "16:9"]},
        "imageHdWidth": {"type": "number", "minimum": 1},
        "imageSubWidths": {"type": "array", "items": {"type": "number", "minimum": 1}},
        "categories": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["id", "title", "items"],
                "properties": {
                    "items": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "oneOf": [
                                {"required": ["type", "src"], "properties": {"type": {"const": "image"}, "src": WORDS}},
                                {
                                    "required": ["type", "images"],
                                    "properties": {
                                        "type": {"const": "360"},
                                        "images": {"type": "array", "items": {"required": ["src"]}},
                                    },
                                },
                            ]
                        },
                    }
                },
            },
        },
    },
}
URI = {"type": "string", "pattern": "^https?://"}
LABEL = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "array", "items": WORDS, "minItems": 1}}
LENGTH = {"type": "integer", "minimum": 1}


def of_type(name: str, **more: Any) -> dict[str, Any]:
    properties = {"id": URI, "type": {"const": name}, **more}
    return {"type": "object", "required": list(properties), "properties": properties}


def one(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": items}


IMAGE = of_type("Image", format={"const": "image/jpeg"}, width=LENGTH, height=LENGTH)
PAINTING = of_type("Annotation", motivation={"const": "painting"}, body=IMAGE, target=URI)
CANVAS = of_type("Canvas", width=LENGTH, height=LENGTH, items=one(of_type("AnnotationPage", items=one(PAINTING))))
IIIF = of_type("Manifest", label=LABEL, items=one(CANVAS))


def address(name: str) -> str:
    return f"https://api.example.com/v1/published/key/{name}"


def manifest(count: int = 24, stills: int = 2) -> Manifest:
    plan = any_plan(count, stills)
    return finished(plan, made_of(plan, lambda _: "a" * 64), None)


class Element(HTMLParser):
    found: dict[str, str | None]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found = dict(attrs)


def test_cloudimages_element_names_every_frame_in_order() -> None:
    made = exports.cloudimage(manifest(), address)
    parser = Element()
    parser.feed(made["html"])
    assert parser.found == made["attributes"]
    urls = json.loads(parser.found["data-image-list-x"] or "")
    assert urls == [address(f"STK-001_01_{number:03}.jpg") for number in range(1, 25)]
    assert made["attributes"]["data-amount-x"] == "24"


@pytest.mark.parametrize(("count", "stills"), [(24, 2), (24, 0), (0, 2)])
def test_carcutters_composition_has_its_players_shape(count: int, stills: int) -> None:
    made = exports.carcutter(manifest(count, stills), address)
    jsonschema.validate(made, CARCUTTER)
    assert [category["id"] for category in made["categories"]] == ["exterior"] * bool(count) + ["stills"] * bool(stills)


def test_the_iiif_manifest_has_a_canvas_with_one_painting_for_each_frame() -> None:
    made = exports.iiif(manifest(), address)
    jsonschema.validate(made, IIIF)
    assert made["@context"] == "http://iiif.io/api/presentation/3/context.json"
    assert made["behavior"] == ["individuals"]
    assert len(made["items"]) == len({canvas["id"] for canvas in made["items"]}) == 26
    for canvas in made["items"]:
        assert canvas["items"][0]["items"][0]["target"] == canvas["id"]


def test_sirvs_spin_has_one_row_of_columns_from_one() -> None:
    made = exports.sirv(manifest(), address)
    assert list(made["layers"]) == ["1"]
    assert list(made["layers"]["1"]) == [str(number) for number in range(1, 25)]
    assert made["layers"]["1"]["24"] == "STK-001_01_024.jpg"


def test_every_format_has_a_name_of_its_own_that_no_frame_can_have() -> None:
    assert all(not name.endswith((".jpg", ".zip")) for name in exports.FORMATS)
