"""`vitrine gallery`: a contact sheet of what the render engine makes, rooms by styles by seeds, as one HTML page."""

import argparse
import html
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from functions.inference.engines.base import DeadlinePassed, EngineFailed, StagedPhoto, StageOptions
from functions.inference.engines.render import RenderEngine
from vitrine.contracts.catalogue import Quality, RoomType, Style

DEMO_ROOM = Path(__file__).parent / "demo" / "room.jpg"
THUMBNAIL = 640
DEADLINE_S = 600.0
PAGE = """<!doctype html><meta charset="utf-8"><title>Vitrine gallery</title>
<style>body{{font:14px system-ui;margin:2rem;background:#f4f2ee}}figure{{display:inline-block;margin:.5rem;width:400px;
vertical-align:top}}img{{width:100%;border-radius:4px}}figcaption{{color:#444}}</style>
<h1>Gallery</h1>{figures}
"""


@dataclass(frozen=True)
class Cell:
    """One staging to make."""

    photo: Path
    room_type: RoomType | None
    style: Style
    seed: int

    @property
    def name(self) -> str:
        return f"{self.photo.stem}-{self.room_type or 'any'}-{self.style}-{self.seed}"


@dataclass(frozen=True)
class Figure:
    """A picture of the page and what is said under it."""

    file: str
    caption: str


def cells(
    photos: Sequence[Path], room_types: Sequence[RoomType | None], styles: Sequence[Style], seeds: Sequence[int]
) -> Iterator[Cell]:
    for photo in photos:
        for room_type in room_types:
            for style in styles:
                yield from (Cell(photo, room_type, style, seed) for seed in seeds)


def _thumbnail(data: bytes, path: Path) -> str:
    with Image.open(io.BytesIO(data)) as picture:
        small = picture.convert("RGB")
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    small.save(path, "JPEG", quality=88)
    return path.name


def _stage(engine: RenderEngine, cell: Cell, quality: Quality, out: Path) -> Figure:
    options = StageOptions(cell.room_type, cell.style, cell.seed, quality, deadline_s=DEADLINE_S)
    try:
        answer = engine.stage(cell.photo.read_bytes(), options, lambda _step, _share: None)
    except (DeadlinePassed, EngineFailed) as failure:
        return Figure("", f"{cell.name}: {type(failure).__name__}")
    if not isinstance(answer, StagedPhoto):
        return Figure("", f"{cell.name}: {answer.code}. {answer.message}")
    scores, warned = answer.scores, ", ".join(w.code for w in answer.warnings)
    caption = f"{cell.name}: integrity {scores.integrity:.2f}, quality {scores.quality:.2f} {warned}"
    return Figure(_thumbnail(answer.picture_png, out / f"{cell.name}.jpg"), caption)


def _before(photo: Path, out: Path) -> Figure:
    return Figure(_thumbnail(photo.read_bytes(), out / f"{photo.stem}-before.jpg"), f"{photo.stem}: before")


def page(figures: Iterable[Figure]) -> str:
    """The HTML of a contact sheet."""
    shown = (
        f"<figure>{f'<img src={html.escape(f.file)!r} loading=lazy>' if f.file else ''}"
        f"<figcaption>{html.escape(f.caption)}</figcaption></figure>"
        for f in figures
    )
    return PAGE.format(figures="\n".join(shown))


def gallery(wanted: Sequence[Cell], quality: Quality, out: Path) -> Path:
    """Stage every cell and write pictures and `index.html` to `out`; answers the page's path."""
    out.mkdir(parents=True, exist_ok=True)
    engine = RenderEngine()
    figures: list[Figure] = []
    befores = dict.fromkeys(cell.photo for cell in wanted)
    try:
        figures.extend(_before(photo, out) for photo in befores)
        for i, cell in enumerate(wanted, 1):
            print(f"{i}/{len(wanted)} {cell.name}", file=sys.stderr, flush=True)
            figures.append(_stage(engine, cell, quality, out))
    finally:
        engine.close()
    index = out / "index.html"
    index.write_text(page(figures))
    return index


def run(args: argparse.Namespace) -> int:
    photos = args.photos or [DEMO_ROOM]
    wanted = list(cells(photos, args.room_type or [None], args.style or list(Style), args.seed or [0]))
    print(gallery(wanted, args.quality, args.out))
    return 0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the `gallery` command; its parser sets `run`."""
    parser = subparsers.add_parser("gallery", help="stage rooms in every style and write a contact sheet")
    parser.add_argument("photos", type=Path, nargs="*", metavar="PHOTO", help="the demo room when none is given")
    parser.add_argument("--room-type", type=RoomType, choices=list(RoomType), action="append")
    parser.add_argument("--style", type=Style, choices=list(Style), action="append")
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--quality", type=Quality, choices=list(Quality), default=Quality.PREVIEW)
    parser.add_argument("--out", type=Path, default=Path("out/gallery"))
    parser.set_defaults(run=run)
