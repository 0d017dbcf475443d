"""The page of `vitrine set-qc`: no scripts, with its thumbnails in the folder beside it."""

import html
import math
from collections.abc import Iterable, Sequence

from vitrine.set_qc.frame_checks import blur_ratio
from vitrine.set_qc.models import Check, CheckStatus, FrameMeasures, SetFrame, SetReport
from vitrine.set_qc.words import counted

STYLE = """
:root{color-scheme:light dark;--ground:#f7f6f3;--ink:#22211f;--soft:#5b5750;--line:#dcd8d0;--pass:#2f7d4f;
--warn:#b06a00;--fail:#b3261e}@media(prefers-color-scheme:dark){:root{--ground:#1b1a18;--ink:#eceae5;--soft:#aaa59b;--line:#3b3833;
--pass:#63b883;--warn:#e0a33e;--fail:#ef7b72}}body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:1180px;
padding:0 1rem;background:var(--ground);color:var(--ink)}h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;
margin:2rem 0 .5rem}p{margin:.3rem 0}small,.soft{color:var(--soft)}.pass{color:var(--pass)}.warn{color:var(--warn)}
.fail{color:var(--fail)}.top{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:2rem;align-items:start}
@media(max-width:760px){.top{grid-template-columns:1fr}}svg{width:100%;height:auto;display:block}
table{border-collapse:collapse;width:100%}td,th{padding:.25rem .6rem .25rem 0;text-align:left;vertical-align:top;
border-bottom:1px solid var(--line)}th{font-weight:500;color:var(--soft)}td:first-child{white-space:nowrap}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(170px,1fr));gap:1rem}figure{margin:0}
figure img{width:100%;height:auto;display:block;border-bottom:4px solid var(--pass)}figure.warn img{
border-color:var(--warn)}figure.fail img{border-color:var(--fail)}figcaption{font-size:.85rem;color:var(--ink)}
""".strip()
_COLOURS = {CheckStatus.PASS: "var(--pass)", CheckStatus.WARN: "var(--warn)", CheckStatus.FAIL: "var(--fail)"}
_RANK = [CheckStatus.PASS, CheckStatus.WARN, CheckStatus.FAIL]
_SIGNS = {CheckStatus.PASS: "✓", CheckStatus.WARN: "!", CheckStatus.FAIL: "✗"}


def page(
    frames: Sequence[SetFrame],
    measures: Sequence[FrameMeasures],
    report: SetReport,
    limit: float | None,
    unreadable: dict[str, str],
    name: str,
) -> str:
    """The whole page. `frames` and `measures` are in natural order, as the thumbnails' numbers are; `limit` is the
    ratio of sharpness below which a frame fails."""
    states = [_status(report, frame) for frame in frames]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{_text(name)}: set QC</title><style>{STYLE}</style><h1>{_text(name)}</h1>"
        f"<p>{counted(len(frames), 'frame', 'frames')}, <strong>{_text(report.status)}</strong>; "
        f"thresholds {_text(report.thresholds)}.</p>"
        f'<div class="top"><div>{_ring(frames, states, report)}</div><div>{_checks(report)}</div></div>'
        f"{_reshoot(report)}{_unreadable(unreadable)}<h2>Sharpness against the frames beside</h2>"
        f"{_curve([blur_ratio(measures, at) for at in range(len(measures))], states, limit, (0.3, 1.3))}"
        f"<h2>Brightness</h2>{_curve([one.brightness for one in measures], states, None, (0.0, 1.0))}"
        f'<h2>Frames</h2><div class="grid">{"".join(_figures(frames, states, report))}</div></html>\n'
    )


def _text(value: object) -> str:
    return html.escape(str(value))


def _status(report: SetReport, frame: SetFrame) -> CheckStatus:
    found = [check.status for check in report.frames.get(frame.id, {}).values()]
    return max(found, key=_RANK.index, default=CheckStatus.PASS)


def _ring(frames: Sequence[SetFrame], states: Sequence[CheckStatus], report: SetReport) -> str:
    """Frames on a clock face, the first at the bottom, where the camera stands; gaps as gaps."""
    around = max([len(frames), *(frame.index + 1 for frame in frames if frame.index is not None)])
    size = min(118.0, 2 * math.pi * 330 / around * 0.92)
    places = [frame.index if frame.index is not None else at for at, frame in enumerate(frames)]
    tiles = [
        _tile(at, _at(place, around, report.direction == "counter_clockwise"), size, state, frame, report)
        for at, (place, state, frame) in enumerate(zip(places, states, frames, strict=True))
    ]
    empty = [
        _dot(_at(place, around, report.direction == "counter_clockwise"), size)
        for place in range(around)
        if place not in places
    ]
    words = [report.status, report.direction.replace("_", "-"), f"front: {report.front_frame or 'unknown'}"]
    middle = "".join(
        f'<text x="420" y="{400 + 34 * line}" text-anchor="middle" fill="currentColor" font-size="24">'
        f"{_text(word)}</text>"
        for line, word in enumerate(words)
    )
    tag = '<svg viewBox="0 0 840 840" role="img" aria-label="Frames around the vehicle">'
    return f"{tag}{''.join(tiles + empty)}{middle}</svg>"


def _at(place: int, around: int, other_way: bool) -> tuple[float, float]:
    angle = 2 * math.pi * place / around * (-1 if other_way else 1)
    return 420 - 345 * math.sin(angle), 420 + 345 * math.cos(angle)


def _tile(
    at: int, centre: tuple[float, float], size: float, state: CheckStatus, frame: SetFrame, report: SetReport
) -> str:
    x, y = centre[0] - size / 2, centre[1] - size * 0.375
    front = "8" if frame.id == report.front_frame else "4"
    return (
        f'<g><title>{_text(frame.name)}: {state}</title><rect x="{x:.1f}" y="{y:.1f}" width="{size:.1f}" '
        f'height="{size * 0.75:.1f}" fill="none" stroke="{_COLOURS[state]}" stroke-width="{front}"/>'
        f'<image href="thumbs/{at:03}.jpg" x="{x:.1f}" y="{y:.1f}" width="{size:.1f}" height="{size * 0.75:.1f}" '
        f'preserveAspectRatio="xMidYMid slice"/></g>'
    )


def _dot(centre: tuple[float, float], size: float) -> str:
    return (
        f'<circle cx="{centre[0]:.1f}" cy="{centre[1]:.1f}" r="{size * 0.3:.1f}" fill="none" stroke="var(--fail)" '
        f'stroke-width="3" stroke-dasharray="6 6"><title>missing</title></circle>'
    )


def _checks(report: SetReport) -> str:
    rows = "".join(_row(name, check) for name, check in report.checks.items())
    return f"<table><tr><th>of the set</th><th></th></tr>{rows}</table>"


def _row(name: str, check: Check) -> str:
    score = "" if check.score is None else f" <small>({check.score:g}, threshold {check.threshold})</small>"
    remedy = f"<br><small>{_text(check.remedy)}</small>" if check.remedy else ""
    return (
        f'<tr><td class="{check.status}">{_SIGNS[check.status]} {_text(name)}</td>'
        f"<td>{_text(check.message)}{score}{remedy}</td></tr>"
    )


def _reshoot(report: SetReport) -> str:
    if not report.reshoot:
        return "<h2>To shoot again</h2><p>Nothing.</p>"
    items = "".join(
        f"<tr><td>{_text(item.station)}</td><td>{_text(', '.join(item.codes).replace('_', ' '))}<br>"
        f"<small>{_text(item.remedy)}</small></td></tr>"
        for item in report.reshoot
    )
    return f"<h2>To shoot again, in walking order</h2><table>{items}</table>"


def _unreadable(unreadable: dict[str, str]) -> str:
    if not unreadable:
        return ""
    rows = "".join(f"<tr><td>{_text(name)}</td><td>{_text(why)}</td></tr>" for name, why in unreadable.items())
    return f"<h2>Could not be read</h2><table>{rows}</table>"


def _curve(
    values: Sequence[float], states: Sequence[CheckStatus], limit: float | None, span: tuple[float, float]
) -> str:
    """One number over the turn; each point has its frame's status."""
    width, height = 1100.0, 130.0
    across = [30 + (width - 60) * at / max(1, len(values) - 1) for at in range(len(values))]
    along = [height - 15 - (height - 30) * _share(value, span) for value in values]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, along, strict=True))
    points = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{_COLOURS[state]}"><title>{at}: {value:.2f}</title></circle>'
        for at, (x, y, state, value) in enumerate(zip(across, along, states, values, strict=True))
    )
    bar = height - 15 - (height - 30) * _share(limit, span) if limit is not None else None
    rule = (
        f'<line x1="0" x2="{width}" y1="{bar:.1f}" y2="{bar:.1f}" stroke="var(--fail)" stroke-dasharray="5 5"/>'
        if bar is not None
        else ""
    )
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="curve over the frames">{rule}'
        f'<polyline points="{line}" fill="none" stroke="var(--soft)" stroke-width="2"/>{points}</svg>'
    )


def _share(value: float, span: tuple[float, float]) -> float:
    return min(1.0, max(0.0, (value - span[0]) / (span[1] - span[0])))


def _figures(frames: Sequence[SetFrame], states: Sequence[CheckStatus], report: SetReport) -> Iterable[str]:
    for at, (frame, state) in enumerate(zip(frames, states, strict=True)):
        found = report.frames.get(frame.id, {}).items()
        bad = [(name, check) for name, check in found if check.status is not CheckStatus.PASS]
        words = "".join(
            f'<br><span class="{check.status}">{_SIGNS[check.status]} {_text(name)}: {_text(check.message)}</span>'
            for name, check in bad
        )
        yield (
            f'<figure class="{state}"><img src="thumbs/{at:03}.jpg" alt="{_text(frame.name)}" loading="lazy">'
            f"<figcaption>{_text(frame.name)}{words}</figcaption></figure>"
        )
