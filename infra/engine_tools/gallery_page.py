"""The HTML of `vitrine gallery`: one page, no scripts, with the pictures in the same folder."""

import html
import shlex
from collections.abc import Iterable, Sequence

from pydantic import BaseModel

from vitrine.contracts.catalogue import Quality, RoomType, Style
from vitrine.contracts.inference import Layout, Point, Scores, StagingWarning

STYLE = """
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:1500px;padding:0 1rem;background:#f6f5f2;
color:#22211f}h1{font-size:1.5rem;margin:0}header p{margin:.25rem 0;color:#55524c}code{font:12.5px ui-monospace,
monospace;background:#eae7e1;padding:.1rem .3rem;border-radius:3px}article{background:#fff;border:1px solid #e2ded6;
border-radius:6px;padding:1rem;margin:1rem 0}h2{font-size:1.05rem;margin:0 0 .6rem}.pair{display:flex;gap:.6rem;
flex-wrap:wrap}.pair figure{flex:1 1 420px;margin:0}.pair img{width:100%;height:auto;border-radius:3px;display:block}
figcaption,small,td,th{font-size:.85rem;color:#55524c}.no{color:#9b2c1f;font-weight:600}ul{margin:.4rem 0;
padding-left:1.2rem}svg{background:#eae7e1;border-radius:3px;max-height:260px}table{border-collapse:collapse}
td,th{padding:.1rem .7rem .1rem 0;text-align:right}th{font-weight:400;text-align:left}
""".strip()
SHOWN_PARTS = ("layout", "reading", "mask_share")


class Entry(BaseModel):
    """What one staging came to: a picture with its figures, or why there is none. Kept as a file, to resume from."""

    name: str
    photo: str
    before: str | None
    room_type: RoomType | None
    style: Style
    seed: int
    quality: Quality
    fingerprint: str
    seconds: float
    after: str | None = None
    scores: Scores | None = None
    warnings: tuple[StagingWarning, ...] = ()
    timings: dict[str, float] = {}
    layout: Layout | None = None
    refusal: str | None = None

    @property
    def command(self) -> str:
        """The same staging, alone."""
        room = ["--room-type", self.room_type] if self.room_type else []
        words = ["uv", "run", "vitrine", "stage", self.photo, *room, "--style", self.style, "--seed", str(self.seed)]
        return shlex.join([*words, "--quality", self.quality])


def page(entries: Sequence[Entry], engine: str, command: str, total: int) -> str:
    """The whole page; `entries` are done of `total` stagings."""
    staged = [e for e in entries if e.after]
    summary = f"{len(entries)} of {total} done: {len(staged)} staged, {len(entries) - len(staged)} not."
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Vitrine gallery</title><style>{STYLE}</style>'
        f"<header><h1>Vitrine gallery</h1><p>Engine {_text(engine)}. {summary} {_medians(staged)}</p>"
        f"<p>Made by <code>{_text(command)}</code>; every picture's own command stands below it.</p></header>"
        + "\n".join(_article(entry) for entry in entries)
        + "</html>\n"
    )


def _text(value: object) -> str:
    return html.escape(str(value))


def _medians(staged: Sequence[Entry]) -> str:
    if not staged:
        return ""
    middle = sorted(entry.seconds for entry in staged)[len(staged) // 2]
    integrity = min(entry.scores.integrity for entry in staged if entry.scores)
    return f"Median {middle:.1f} s a picture on this machine; lowest integrity {integrity:.3f}."


def _article(entry: Entry) -> str:
    room = entry.room_type.replace("_", " ") if entry.room_type else "room type guessed"
    title = f"{entry.photo.rsplit('/', 1)[-1]}: {room}, {entry.style.replace('_', ' ')}, seed {entry.seed}"
    after = (
        f'<img src="{_text(entry.after)}" alt="after" loading="lazy">'
        if entry.after
        else f'<p class="no">Not staged: {_text(entry.refusal)}</p>'
    )
    before = f'<img src="{_text(entry.before)}" alt="before" loading="lazy">' if entry.before else ""
    return (
        f"<article><h2>{_text(title)}</h2><div class=pair><figure>{before}<figcaption>before</figcaption></figure>"
        f"<figure>{after}<figcaption>{_figures(entry)}</figcaption></figure></div>"
        f"{_list(w.code + ': ' + w.message for w in entry.warnings)}{_details(entry)}</article>"
    )


def _figures(entry: Entry) -> str:
    if entry.scores is None:
        return f"{entry.seconds:.1f} s"
    parts = [f"{name} {entry.scores.parts[name]:.2f}" for name in SHOWN_PARTS if name in entry.scores.parts]
    figures = [f"integrity {entry.scores.integrity:.3f}", f"quality {entry.scores.quality:.2f}", *parts]
    return _text(", ".join([*figures, f"{entry.seconds:.1f} s"]))


def _list(lines: Iterable[str]) -> str:
    items = "".join(f"<li><small>{_text(line)}</small></li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def _details(entry: Entry) -> str:
    rows = "".join(f"<tr><th>{_text(step)}</th><td>{s:.2f} s</td></tr>" for step, s in entry.timings.items())
    plan = _plan(entry.layout) if entry.layout else ""
    return (
        f"<details><summary><small>plan, pieces, timings, command</small></summary>{plan}"
        f"{_list(_pieces(entry.layout)) if entry.layout else ''}<table>{rows}</table>"
        f"<p><code>{_text(entry.command)}</code></p></details>"
    )


def _pieces(layout: Layout) -> list[str]:
    return [
        f"{p.name} ({p.variant}) at {p.centre.x:.2f}, {p.centre.y:.2f} m, {p.height_m:.2f} m high, "
        + (", ".join(f"{gap:.2f} m to the nearest {what}" for what, gap in p.clearances.items()) or "hangs or lies")
        for p in layout.pieces
    ]


def _plan(layout: Layout) -> str:
    """The room from above, the camera at the bottom; a rug is drawn before what stands on it."""
    points = [*layout.room.floor, *(point for piece in layout.pieces for point in piece.footprint)]
    left, right = min(p.x for p in points) - 0.2, max(p.x for p in points) + 0.2
    far = max(p.y for p in points) + 0.2
    pieces = sorted(layout.pieces, key=lambda piece: piece.height_m > 0.05)
    shapes = "".join(
        _shape(p.footprint, far, "#e9e0d0" if p.height_m < 0.05 else "#cbb99a", _text(p.name)) for p in pieces
    )
    walls = _shape(layout.room.floor, far, "#faf9f6", "floor")
    camera = f'<circle cx="0" cy="{far:.2f}" r=".09" fill="#9b2c1f"/>'
    return (
        f'<svg viewBox="{left:.2f} 0 {right - left:.2f} {far + 0.15:.2f}" role="img" aria-label="plan"'
        f' height="260">{walls}{shapes}{camera}</svg>'
    )


def _shape(corners: Sequence[Point], far: float, fill: str, title: str) -> str:
    return (
        f'<polygon points="{_corners(corners, far)}" fill="{fill}" fill-opacity=".8" stroke="#6d6353"'
        f' stroke-width=".015"><title>{title}</title></polygon>'
    )


def _corners(footprint: Sequence[Point], far: float) -> str:
    return " ".join(f"{p.x:.2f},{far - p.y:.2f}" for p in footprint)
