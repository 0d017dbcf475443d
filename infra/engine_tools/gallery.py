"""`vitrine gallery`: a contact sheet of what the render engine makes, rooms by styles by seeds, as one HTML page.

What is done is kept: a run that was stopped goes on where it was, and one after a change to the engine or a photo
makes only what is no longer true.
"""

import argparse
import hashlib
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from pydantic import ValidationError

from functions.inference.engines.base import DeadlinePassed, EngineFailed, StagedPhoto, StageOptions
from functions.inference.engines.render import RenderEngine
from infra.engine_tools.gallery_page import Entry, page
from vitrine.contracts.catalogue import Quality, RoomType, Style
from vitrine.contracts.inference import Refusal
from vitrine.pictures import decoding
from vitrine.pictures.faults import BadPicture

ROOT = Path(__file__).parents[2]
DEMO_ROOM = ROOT / "infra" / "local" / "demo" / "room.jpg"
SYNTHETIC_ROOMS = ROOT / "tests" / "support" / "rooms"
ENGINE = ROOT / "functions" / "inference"
READER = ROOT / "layers" / "core" / "python" / "vitrine" / "pictures"
THUMBNAIL = 960
DEADLINE_S = 600.0
FITTING: dict[str, RoomType] = {
    "room": RoomType.LIVING_ROOM,
    "room-00": RoomType.LIVING_ROOM,
    "room-01": RoomType.ENTRY_HALL,
    "room-02": RoomType.BEDROOM,
    "room-03": RoomType.OFFICE,
    "room-04": RoomType.BATHROOM,
    "room-05": RoomType.KITCHEN,
    "room-06": RoomType.DINING_ROOM,
    "room-07": RoomType.NURSERY,
}
"""What the rooms of the default sheet are staged as, so that it shows every room type."""


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


def cells(
    photos: Sequence[Path], room_types: Sequence[RoomType | None], styles: Sequence[Style], seeds: Sequence[int]
) -> Iterator[Cell]:
    for photo in photos:
        for room_type in room_types:
            for style in styles:
                yield from (Cell(photo, room_type, style, seed) for seed in seeds)


def sampler(photos: Sequence[Path]) -> list[Cell]:
    """Every photo in the room type that fits it, every style at least once: a sheet of a few minutes."""
    styles = list(Style)
    count = max(len(photos), len(styles))
    picks = [(photos[i % len(photos)], styles[i % len(styles)], i // len(photos)) for i in range(count)]
    return [Cell(photo, FITTING.get(photo.stem), style, seed) for photo, style, seed in picks]


def fingerprint(photo: bytes) -> str:
    """Changes with the engine's code and with the photo."""
    digest = hashlib.sha256(photo)
    for path in sorted([*ENGINE.rglob("*.py"), *READER.rglob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _thumbnail(data: bytes, path: Path) -> str:
    small = Image.fromarray(decoding.read(data))
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    small.save(path, "JPEG", quality=88)
    return path.name


def _before(photo: bytes, path: Path) -> str | None:
    """The photo's own thumbnail; None for what is no picture, which the engine refuses by itself."""
    try:
        return _thumbnail(photo, path)
    except BadPicture:
        return None


def _kept(path: Path, fingerprint_: str, quality: Quality) -> Entry | None:
    """What an earlier run made of this cell, if it still holds."""
    try:
        entry = Entry.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
    complete = entry.after is None or (path.parent / entry.after).is_file()
    return entry if complete and (entry.fingerprint, entry.quality) == (fingerprint_, quality) else None


def _outcome(engine: RenderEngine, cell: Cell, photo: bytes, quality: Quality) -> StagedPhoto | str:
    """The staged photo, or why there is none."""
    options = StageOptions(cell.room_type, cell.style, cell.seed, quality, deadline_s=DEADLINE_S)
    try:
        answer = engine.stage(photo, options, lambda _step, _share: None)
    except DeadlinePassed:
        return "the engine did not finish in time"
    except EngineFailed:
        return "the engine failed"
    return f"{answer.code}: {answer.message}" if isinstance(answer, Refusal) else answer


def _stage(engine: RenderEngine, cell: Cell, quality: Quality, out: Path) -> Entry:
    photo, record = cell.photo.read_bytes(), out / f"{cell.name}.json"
    mark = fingerprint(photo)
    if kept := _kept(record, mark, quality):
        return kept
    started = time.perf_counter()
    answer = _outcome(engine, cell, photo, quality)
    entry = Entry(
        name=cell.name,
        photo=_shown(cell.photo),
        before=_before(photo, out / f"{cell.photo.stem}-before.jpg"),
        room_type=cell.room_type,
        style=cell.style,
        seed=cell.seed,
        quality=quality,
        fingerprint=mark,
        seconds=time.perf_counter() - started,
        **_result(answer, out / f"{cell.name}.jpg"),
    )
    record.write_text(entry.model_dump_json())
    return entry


def _shown(photo: Path) -> str:
    return str(photo.resolve().relative_to(ROOT)) if photo.resolve().is_relative_to(ROOT) else str(photo)


def _result(answer: StagedPhoto | str, path: Path) -> dict[str, object]:
    if isinstance(answer, str):
        return {"refusal": answer}
    return {
        "after": _thumbnail(answer.picture_png, path),
        "scores": answer.scores,
        "warnings": answer.warnings,
        "timings": answer.timings,
        "layout": answer.layout,
    }


def gallery(sheet: Sequence[Cell], quality: Quality, out: Path, command: str) -> Path:
    """Stage every cell that is not done yet and write pictures and `index.html` to `out`; answers the page's path."""
    out.mkdir(parents=True, exist_ok=True)
    engine, index, entries = RenderEngine(), out / "index.html", []
    try:
        for i, cell in enumerate(sheet, 1):
            print(f"{i}/{len(sheet)} {cell.name}", file=sys.stderr, flush=True)
            entries.append(_stage(engine, cell, quality, out))
            name = f"{engine.engine.name} {engine.engine.version}, quality {quality}"
            index.write_text(page(entries, name, command, len(sheet)))
    finally:
        engine.close()
    return index


def _default_photos() -> list[Path]:
    return [DEMO_ROOM, *sorted(SYNTHETIC_ROOMS.glob("room-*.jpg"))]


def run(args: argparse.Namespace) -> int:
    photos = args.photos or _default_photos()
    if args.room_type or args.style or args.seed:
        sheet = list(cells(photos, args.room_type or [None], args.style or list(Style), args.seed or [0]))
    else:
        sheet = sampler(photos)
    command = shlex.join(["uv", "run", "vitrine", *sys.argv[1:]])
    print(gallery(sheet, args.quality, args.out, command))
    return 0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the `gallery` command; its parser sets `run`."""
    parser = subparsers.add_parser("gallery", help="stage rooms in every style and write a contact sheet")
    parser.add_argument(
        "photos", type=Path, nargs="*", metavar="PHOTO", help="the demo room and the synthetic ones when none is given"
    )
    parser.add_argument(
        "--room-type", type=RoomType, choices=list(RoomType), action="append", help="with --style or --seed: all of all"
    )
    parser.add_argument("--style", type=Style, choices=list(Style), action="append")
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--quality", type=Quality, choices=list(Quality), default=Quality.PREVIEW)
    parser.add_argument("--out", type=Path, default=Path("out/gallery"))
    parser.set_defaults(run=run)
