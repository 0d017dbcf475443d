"""Margins of the judge: `python -m tests.bench.judge [--rooms N]`.

Stages synthetic rooms (previews), damages photo and staging in every way of `tests.support.damage`, and prints, per
kind, the integrity that comes closest to the gate's floor: the lowest of honest stagings, the highest of damaged ones.
"""

import argparse
from collections.abc import Iterator

import numpy as np

from functions.inference.engines.base import StagedPhoto, StageOptions
from functions.inference.engines.render import RenderEngine
from functions.inference.qc.judge import judge_pixels
from functions.inference.vision.images import decode
from tests.support.damage import DAMAGES, Pixels
from tests.support.rooms import Truth, truths
from vitrine.contracts.catalogue import Quality, RoomType, Style

HONEST = "staged honestly"
PLAN = ((RoomType.LIVING_ROOM, Style.SCANDINAVIAN), (RoomType.BEDROOM, Style.CLASSIC_ELEGANCE))
Finding = tuple[str, str, float]
"""What was done, to which room, and the integrity that the judge gave."""


def of_photo(truth: Truth, photo: Pixels) -> Iterator[Finding]:
    for name, damage in DAMAGES.items():
        picture = damage(photo, truth)
        if picture is not None:
            yield f"photo, {name}", truth.name, judge_pixels(photo, picture, None).integrity


def of_staging(truth: Truth, photo: Pixels, staged: StagedPhoto, where: str) -> Iterator[Finding]:
    """With the engine's mask, widened to admit the damage, and without one."""
    after, mask = decode(staged.picture_png).pixels, decode(staged.mask_png).pixels[..., 0]
    yield f"{HONEST}, mask", where, judge_pixels(photo, after, mask).integrity
    yield f"{HONEST}, no mask", where, judge_pixels(photo, after, None).integrity
    for name, damage in DAMAGES.items():
        picture = damage(after, truth)
        if picture is not None:
            admitted = np.where((picture != photo).any(2), 255, 0).astype(np.uint8)
            yield f"staged, {name}", where, judge_pixels(photo, picture, admitted).integrity


def findings(rooms: int) -> Iterator[Finding]:
    engine = RenderEngine()
    for number, truth in enumerate(truths()[:rooms]):
        data = truth.picture.read_bytes()
        photo = decode(data).pixels
        yield from of_photo(truth, photo)
        for room_type, style in PLAN:
            options = StageOptions(room_type, style, number, Quality.PREVIEW, deadline_s=600)
            staged = engine.stage(data, options, lambda _step, _share: None)
            if isinstance(staged, StagedPhoto):
                yield from of_staging(truth, photo, staged, f"{truth.name} {room_type.value}")
    engine.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rooms", type=int, default=8)
    by_kind: dict[str, list[tuple[float, str]]] = {}
    for kind, where, integrity in findings(parser.parse_args().rooms):
        by_kind.setdefault(kind, []).append((integrity, where))
    for kind, found in sorted(by_kind.items()):
        integrity, where = min(found) if kind.startswith(HONEST) else max(found)
        missed = 0 if kind.startswith(HONEST) else sum(value >= 0.9 for value, _ in found)
        print(f"{kind:<36} {len(found):3} pictures  closest {integrity:.3f} ({where})  {missed} missed")


if __name__ == "__main__":
    main()
