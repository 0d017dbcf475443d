"""`index.html` of the demo: before and after under a slider, the scores, and how long each step took.

The page needs no server and no other host. Its slider is an `<input type="range">`, so keys, pointer and screen readers
can move it; without JavaScript both pictures stand side by side.
"""

import html
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

TEMPLATE = Path(__file__).parents[1] / "demo" / "page.html"
SCORES = {"integrity": "Integrity", "quality": "Quality"}
FILES = ("before", "after", "mask", "side_by_side")


def write(
    out: Path, files: Mapping[str, str], image: Mapping[str, Any], before: str, seconds: Mapping[str, float]
) -> None:
    """`files` by what they are, `image` the service's answer, `before` the photo as browsers show it, `seconds` by
    step."""
    room, style = (str(image[name]).replace("_", " ") for name in ("roomType", "style"))
    page = Template(TEMPLATE.read_text()).substitute(
        title=_text(f"{room.capitalize()}, {style}"),
        subtitle=_text(f"Seed {image['seed']}, {image['quality']} quality, engine {image['engine']}."),
        caption="Outside the mask each pixel is the photo's own.",
        after=_text(files["after"]),
        before=_text(before),
        width=image["width"],
        height=image["height"],
        scores=_scores(image["scores"]),
        warnings=_warnings(image["warnings"]),
        parts=_parts(image["scores"]["parts"]),
        timeline=_timeline(seconds),
        files=", ".join(_link(name) for name in (*(files[each] for each in FILES), "summary.json")),
    )
    (out / "index.html").write_text(page)


def _text(value: object) -> str:
    return html.escape(str(value))


def _link(name: str) -> str:
    return f'<a href="{_text(name)}">{_text(name)}</a>'


def _scores(scores: Mapping[str, Any]) -> str:
    """Each is from 0 to 1."""
    return "".join(_row(name, scores[key], f"{scores[key]:.3f}") for key, name in SCORES.items())


def _parts(parts: Mapping[str, float]) -> str:
    """What the scores are made of. Some are shares and some are not, and of some less is better: so no bars."""
    named = ((name.replace("_", " ").capitalize(), f"{value:.3f}") for name, value in sorted(parts.items()))
    return "".join(f'<tr><th>{_text(name)}</th><td class="number">{value}</td></tr>' for name, value in named)


def _timeline(seconds: Mapping[str, float]) -> str:
    longest = max(seconds.values(), default=0) or 1
    rows = (_row(step, taken / longest, f"{taken:.1f} s") for step, taken in seconds.items())
    total = f'<tr><th>Together</th><td></td><td class="number">{sum(seconds.values()):.1f} s</td></tr>'
    return "".join(rows) + total


def _row(name: str, share: float, figure: str) -> str:
    width = f"{100 * min(max(share, 0), 1):.0f}%"
    bar = f'<td class="bar"><i style="width:{width}"></i></td>'
    return f'<tr><th>{_text(name)}</th>{bar}<td class="number">{_text(figure)}</td></tr>'


def _warnings(warnings: list[Mapping[str, str]]) -> str:
    items = "".join(f"<li>{_text(each['message'])}</li>" for each in warnings)
    return f"<ul>{items}</ul>" if items else ""
