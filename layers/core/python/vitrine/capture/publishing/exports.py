"""A published turn for other viewers, made from its manifest alone. Pure.

| name | for | shape by |
|---|---|---|
| cloudimage | js-cloudimage-360-view 2 to 4 | its README: `data-folder`, `data-image-list-x` |
| carcutter | CarCutter's web player, version 3 | carcutter/cars-webplayer-js: `Composition` |
| iiif | viewers of IIIF Presentation 3 | iiif.io/api/presentation/3.0, sections 5.2 to 5.6 |
| sirv | Sirv, uploaded beside the frames | Sirv's `.spin`: layers of columns of file names |
"""

import json
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from vitrine.capture.publishing.models import Manifest, ManifestFrame

Json = dict[str, Any]
Address = Callable[[str], str]
"""A published file's address by its name."""

_RATIOS = {"4:3": 4 / 3, "16:9": 16 / 9}
"""What CarCutter's player knows."""


def cloudimage(manifest: Manifest, address: Address) -> Json:
    """The attributes of its element, and the element itself."""
    urls = [address(frame.published.name) for frame in manifest.frames]
    attributes = {
        "class": "cloudimage-360",
        "id": f"vitrine-{manifest.session_id}",
        "data-image-list-x": json.dumps(urls),
        "data-amount-x": str(len(urls)),
        "data-keys": "true",
    }
    written = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
    return {"attributes": attributes, "html": f"<div {written}></div>"}


def carcutter(manifest: Manifest, address: Address) -> Json:
    """One category with the turn, one with the stills; empty ones are left out."""
    turn = {"type": "360", "images": [{"src": address(frame.published.name)} for frame in manifest.frames]}
    stills = [{"type": "image", "src": address(frame.published.name)} for frame in manifest.stills]
    categories = [
        {"id": "exterior", "title": "Exterior", "items": [turn] if manifest.frames else []},
        {"id": "stills", "title": "Pictures", "items": stills},
    ]
    shown = [*manifest.frames, *manifest.stills]
    return {
        "aspectRatio": _ratio(shown[0]) if shown else "4:3",
        "imageHdWidth": max((frame.published.width for frame in shown), default=1),
        "imageSubWidths": [],
        "categories": [category for category in categories if category["items"]],
    }


def _ratio(frame: ManifestFrame) -> str:
    ratio = frame.published.width / frame.published.height
    return min(_RATIOS, key=lambda name: abs(_RATIOS[name] - ratio))


def iiif(manifest: Manifest, address: Address) -> Json:
    """A canvas for each frame, each a picture of its own (`individuals`)."""
    own = address("iiif.json")
    return {
        "@context": "http://iiif.io/api/presentation/3/context.json",
        "id": own,
        "type": "Manifest",
        "label": {"none": [manifest.vehicle.stock or manifest.vehicle.vin or manifest.session_id]},
        "behavior": ["individuals"],
        "items": [
            _canvas(f"{own}/canvas/{number}", frame, address(frame.published.name))
            for number, frame in enumerate((*manifest.frames, *manifest.stills), start=1)
        ],
    }


def _canvas(canvas: str, frame: ManifestFrame, url: str) -> Json:
    size = {"width": frame.published.width, "height": frame.published.height}
    picture = {"id": url, "type": "Image", "format": "image/jpeg", **size}
    painting = {
        "id": f"{canvas}/annotation",
        "type": "Annotation",
        "motivation": "painting",
        "body": picture,
        "target": canvas,
    }
    page = {"id": f"{canvas}/page", "type": "AnnotationPage", "items": [painting]}
    return {"id": canvas, "type": "Canvas", "label": {"en": [_label(frame)]}, **size, "items": [page]}


def _label(frame: ManifestFrame) -> str:
    return frame.shot_name or f"{frame.angle_deg or 0:g} degrees"


def sirv(manifest: Manifest, _address: Address) -> Json:
    """One row; its columns count from 1, and name files that lie beside the `.spin`."""
    columns = {str(number): frame.published.name for number, frame in enumerate(manifest.frames, start=1)}
    return {"layers": {"1": columns}}


FORMATS: Mapping[str, Callable[[Manifest, Address], Json]] = {
    "cloudimage.json": cloudimage,
    "carcutter.json": carcutter,
    "iiif.json": iiif,
    "sirv.spin": sirv,
}
"""By the name under which each is published."""
