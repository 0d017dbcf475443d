"""Engines for tests of the HTTP app: they paint a rectangle instead of staging a room."""

import io
import os
import signal
import time
from pathlib import Path

from PIL import Image

from functions.inference.engines.base import DeadlinePassed, EngineFailed, Progress, StagedPhoto, StageOptions
from functions.inference.vehicle.seen import Seen, UnreadableFrame
from vitrine.contracts.catalogue import RoomType
from vitrine.contracts.inference import Box, Engine, Layout, Plate, Refusal, RefusalCode, Room, Scores

SCORES = Scores(integrity=1.0, quality=0.75, parts={"lines": 1.0})
ROOM = Room(
    width_m=4.0,
    depth_m=5.0,
    height_m=2.6,
    camera_height_m=1.4,
    pitch_deg=2.0,
    roll_deg=0.0,
    horizontal_fov_deg=70.0,
    confidence={"camera": 0.9},
)


class PaintingEngine:
    """Paints the lower half; does what a photo's file name in its comment says: refuse, fail, hang, die."""

    engine = Engine(name="painting", version="1")

    def __init__(self) -> None:
        self.asked: list[StageOptions] = []

    def warm_up(self) -> None:
        pass

    def close(self) -> None:
        pass

    def stage(self, photo: bytes, request: StageOptions, progress: Progress) -> StagedPhoto | Refusal:
        self.asked.append(request)
        progress("paint", 0.5)
        match photo[:5]:
            case b"fail:":
                raise EngineFailed
            case b"late:":
                raise DeadlinePassed
            case b"bug::":
                raise RuntimeError("a secret of the inside")
            case b"dark:":
                return Refusal(code=RefusalCode.TOO_DARK, message="The photo is too dark; switch the lights on.")
            case b"die::":
                os.kill(os.getpid(), signal.SIGKILL)
            case b"wait:":
                _wait_for(Path(photo[5:].decode()), request.deadline_s)
                return painted(_blank())
        return painted(photo)


def _wait_for(path: Path, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not path.exists():
        if time.monotonic() > until:
            raise DeadlinePassed
        time.sleep(0.01)


def _blank() -> bytes:
    return _png(Image.new("RGB", (32, 24), "grey"))


def painted(photo: bytes) -> StagedPhoto:
    picture = Image.open(io.BytesIO(photo)).convert("RGB")
    mask = Image.new("L", picture.size, 0)
    lower_half = (0, picture.height // 2, picture.width, picture.height)
    mask.paste(255, lower_half)
    picture.paste((120, 60, 20), lower_half)
    return StagedPhoto(
        picture_png=_png(picture),
        mask_png=_png(mask),
        layout=Layout(room=ROOM, pieces=[]),
        room_type=RoomType.BEDROOM,
        width=picture.width,
        height=picture.height,
        scores=SCORES,
        timings={"paint": 0.01},
    )


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def glance(frame: bytes) -> Seen:
    """Sees a vehicle on the left half of a picture; does what the frame's first bytes say: break, wait, see nothing."""
    match frame[:5]:
        case b"bad::":
            raise UnreadableFrame
        case b"bug::":
            raise RuntimeError("a secret of the inside")
        case b"none:":
            return Seen(plates=(PLATE,), timings={"mask": 0.25})
        case b"wait:":
            _wait_for(Path(frame[5:].decode()), 20)
    mask = Image.new("L", (320, 240), 0)
    mask.paste(255, (0, 0, 160, 240))
    return Seen(
        _png(mask), Box(left=0, top=0, right=0.5, bottom=1), 0.5, ("left", "top"), 0.9, (PLATE,), {"mask": 0.25}
    )


PLATE = Plate(corners=((0.1, 0.6), (0.3, 0.6), (0.3, 0.65), (0.1, 0.65)), confidence=0.9)


def broken_engine() -> PaintingEngine:
    raise RuntimeError("no renderer on this machine")
