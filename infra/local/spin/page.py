"""`index.html` of the demo: the spin in our viewer, and what the QC says of each place of the turn.

It needs no server: the viewer's one file lies beside it, and its manifest stands in the page.
"""

import html
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from PIL import Image

from infra.local.workspace import REPOSITORY

TEMPLATE = Path(__file__).parent / "page.html"
VIEWER = REPOSITORY / "events" / "viewer" / "imaging360" / "spin.js"
Document = Mapping[str, Any]


def write(
    out: Path,
    session: Document,
    images: Sequence[Document],
    pictures: Mapping[int, str],
    frames: int,
    summary: Document,
) -> None:
    """`pictures` are files in `out` by their place in the turn; `images` and `session` are the service's answers."""
    shutil.copyfile(VIEWER, out / VIEWER.name)
    by_place = {image["frame"]: image for image in images}
    page = Template(TEMPLATE.read_text()).substitute(
        manifest=_manifest(out, session, pictures, frames),
        first=_text(pictures[min(pictures)]),
        verdict=_text(_verdict(summary)),
        named="named" if summary["named_exactly"] else "not-named",
        rows="".join(_row(place, frames, by_place.get(place), pictures) for place in range(frames)),
        reshoot="".join(f"<li>{_text(item['station'])}: {_text(item['remedy'])}</li>" for item in _reshoot(session)),
        timeline="".join(
            f'<tr><th>{_text(step.replace("_", " "))}</th><td class="number">{seconds:.1f} s</td></tr>'
            for step, seconds in summary["timeline"].items()
        ),
    )
    (out / "index.html").write_text(page)


def _text(value: object) -> str:
    return html.escape(str(value))


def _reshoot(session: Document) -> Sequence[Document]:
    listed: Sequence[Document] = session["set"]["reshoot"]
    return listed


def _verdict(summary: Document) -> str:
    made = "one blurred, one over-exposed, one taken twice, one missing"
    if summary["named_exactly"]:
        return f"Four faults were made ({made}). The quality control named exactly these four."
    return f"Four faults were made ({made}). The quality control named others: see summary.json."


def _manifest(out: Path, session: Document, pictures: Mapping[int, str], frames: int) -> str:
    shown = []
    for place, name in sorted(pictures.items()):
        with Image.open(out / name) as picture:
            width, height = picture.size
        angle = 360 * place / frames
        shown.append({"url": name, "frame": place, "angle_deg": angle, "width": width, "height": height})
    known = session["set"]
    front = 360 * known["front_frame"] / frames if known["front_frame"] is not None else 0
    manifest = {"frame_count": frames, "front_angle": front, "direction": known["direction"], "frames": shown}
    # A script element ends at its first "</", whatever stands around it.
    return json.dumps(manifest).replace("</", "<\\/")


def _row(place: int, frames: int, image: Document | None, pictures: Mapping[int, str]) -> str:
    angle = f"{360 * place / frames:.0f}°"
    if image is None:
        told = "<td></td><td>missing</td><td>No frame came.</td>"
        return f'<tr class="fail"><th>{place + 1}</th><td>{angle}</td>{told}</tr>'
    worst = _worst(image["qc"])
    picture = f'<img src="{_text(pictures[place])}" alt="" loading="lazy" width="96" height="64">'
    told = "<br>".join(_check(name, check) for name, check in image["qc"].items() if check["status"] != "pass")
    return (
        f'<tr class="{worst}"><th>{place + 1}</th><td>{angle}</td><td>{picture}</td><td>{worst}</td>'
        f"<td>{told or 'All checks pass.'}</td></tr>"
    )


def _worst(checks: Mapping[str, Document]) -> str:
    found = {str(check["status"]) for check in checks.values()}
    return next((status for status in ("fail", "warn") if status in found), "pass")


def _check(name: str, check: Document) -> str:
    numbers = (f"{key} {check[key]:.3g}" for key in ("score", "threshold") if check.get(key) is not None)
    remedy = f" <em>{_text(check['remedy'])}</em>" if check.get("remedy") else ""
    return f"<b>{_text(name)}</b> ({_text(', '.join(numbers))}): {_text(check['message'])}{remedy}"
