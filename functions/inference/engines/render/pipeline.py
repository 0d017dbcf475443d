"""From a photo's bytes to a staged photo, in one process: read, furnish, render, compose."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from functions.inference.engines.base import Progress, StagedPhoto, StageOptions
from functions.inference.engines.render import description
from functions.inference.engines.render.compose import composite
from functions.inference.engines.render.furnish.homeplan import HomePlan
from functions.inference.engines.render.furnish.layout import Arrangement, arrange
from functions.inference.engines.render.read import gate
from functions.inference.engines.render.read.reading import Reading, guess_room_type, read_room
from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.read.room_type import RoomGuess
from functions.inference.engines.render.render import nearness, renderer
from functions.inference.engines.render.render.effort import EFFORTS, WARM_UP_EFFORTS, Effort, Efforts
from functions.inference.engines.render.render.timer import Timer
from functions.inference.engines.render.render.work import FurnishedRoom, Rendering
from functions.inference.vision.arrays import Bytes
from functions.inference.vision.images import Photo, UnreadablePhotoError, decode, encode_png
from vitrine.contracts.catalogue import Quality, RoomType
from vitrine.contracts.inference import Layout, Refusal, RefusalCode, Scores, StagingWarning

PixelJudge = Callable[[Bytes, Bytes, Bytes, Layout], Scores]
"""Scores of a decoded picture: photo, picture (h x w x 3), mask (h x w, 255: edited) and what was placed."""


@dataclass(frozen=True)
class _Job:
    """One call of `stage`. `beside` is the thread that encodes the picture while it is judged."""

    options: StageOptions
    effort: Effort
    progress: Progress
    judge: PixelJudge
    beside: ThreadPoolExecutor
    timer: Timer = field(default_factory=Timer)

    @property
    def home(self) -> HomePlan:
        plan_seed = self.options.plan_seed
        return HomePlan.of(self.options.style, self.options.seed if plan_seed is None else plan_seed)


@dataclass(frozen=True)
class _Furnished:
    """A photo that was read and its furniture. `guess` is None when the caller named the room type."""

    photo: Photo
    reading: Reading
    room_type: RoomType
    guess: RoomGuess | None
    home: HomePlan
    arrangement: Arrangement


def stage(
    data: bytes, options: StageOptions, progress: Progress, judge: PixelJudge, efforts: Efforts = EFFORTS
) -> StagedPhoto | Refusal:
    """Stage one photo; `progress` may raise to stop it. `efforts` says how much is rendered for each quality."""
    with ThreadPoolExecutor(1) as beside:
        return _stage(data, _Job(options, efforts[options.quality], progress, judge, beside))


def warm_up(data: bytes, qualities: Sequence[Quality], progress: Progress, judge: PixelJudge) -> None:
    """Do for a photo, with hardly any paths, what a process does slower the first time; `progress` may raise to stop.

    Compiles or loads the kernels of these qualities, and draws weaves and grains.
    """
    with ThreadPoolExecutor(1) as beside:
        job = _Job(StageOptions(), WARM_UP_EFFORTS[qualities[0]], progress, judge, beside)
        furnished = _read_and_furnish(data, job)
        assert not isinstance(furnished, Refusal)
        for quality in qualities:
            done = _render_and_compose(furnished, replace(job, effort=WARM_UP_EFFORTS[quality]))
        _finish(furnished, *done, job)


def _stage(data: bytes, job: _Job) -> StagedPhoto | Refusal:
    furnished = _read_and_furnish(data, job)
    if isinstance(furnished, Refusal):
        return furnished
    rendering, picture, mask = _render_and_compose(furnished, job)
    return _finish(furnished, rendering, picture, mask, job)


def _read_and_furnish(data: bytes, job: _Job) -> _Furnished | Refusal:
    job.progress("read the photo", 0.0)
    try:
        photo = decode(data)
    except UnreadablePhotoError as error:
        return Refusal(code=RefusalCode.UNREADABLE_FILE, message=str(error))
    job.timer.lap("decode")
    reading = read_room(photo, job.options.ceiling_height_m)
    if isinstance(reading, Refusal):
        return reading
    job.timer.lap("read_room")
    job.progress("arrange furniture", 0.12)
    furnished = _furnish(photo, reading, job)
    job.timer.lap("arrange")
    return furnished


def _furnish(photo: Photo, reading: Reading, job: _Job) -> _Furnished | Refusal:
    guess = None if job.options.room_type else guess_room_type(reading)
    room_type = guess.room_type if guess else job.options.room_type
    assert room_type is not None
    home = job.home
    arrangement = arrange(reading.room, reading.surveys, room_type, home, job.options.seed)
    if arrangement is None:
        return gate.NO_SPACE
    return _Furnished(photo, reading, room_type, guess, home, arrangement)


def _render_and_compose(done: _Furnished, job: _Job) -> tuple[Rendering, Bytes, Bytes]:
    """The rendering, and the picture and mask that it makes of the photo."""
    reading, pieces = done.reading, done.arrangement.pieces
    around = nearness.measure(reading.room, pieces, reading.surveys)
    room = _at_size(reading.room, done.photo.pixels)
    what = FurnishedRoom(room, done.arrangement, reading.light, done.home.style, around, done.home.seed)
    rendering = renderer.render(what, job.effort, lambda step, share: job.progress(step, 0.15 + 0.7 * share))
    job.timer.lap("render")
    edit = composite.edit(done.photo.pixels, room, reading.light, rendering, pieces)
    picture, mask = composite.apply(done.photo.pixels, edit)
    job.timer.lap("composite")
    return rendering, picture, mask


def _finish(done: _Furnished, rendering: Rendering, picture: Bytes, mask: Bytes, job: _Job) -> StagedPhoto:
    """Judge and encode at the same time."""
    photo = done.photo
    job.progress("judge", 0.9)
    coded = job.beside.submit(lambda: (encode_png(picture), encode_png(mask)))
    layout = description.layout_of(done.reading, done.arrangement)
    judged = job.judge(photo.pixels, picture, mask, layout)
    job.timer.lap("judge")
    job.progress("encode", 0.95)
    picture_png, mask_png = coded.result()
    job.timer.lap("encode")
    job.progress("done", 1.0)
    return StagedPhoto(
        picture_png=picture_png,
        mask_png=mask_png,
        layout=layout,
        room_type=done.room_type,
        width=photo.pixels.shape[1],
        height=photo.pixels.shape[0],
        scores=description.scores_of(judged, done.reading, done.arrangement),
        warnings=_warnings(done, job.effort),
        timings={**job.timer.seconds, **{f"render_{step}": took for step, took in rendering.timings.items()}},
    )


def _warnings(done: _Furnished, effort: Effort) -> tuple[StagingWarning, ...]:
    busy = gate.furnished_share(done.reading.small, done.reading.room)
    found = list(gate.warnings_of(done.reading.room, done.arrangement.score, busy, effort.slow))
    if done.guess:
        found.append(description.guess_warning(done.guess))
    if done.arrangement.lacks:
        found.append(description.lack_warning(done.arrangement))
    return tuple(found)


def _at_size(room: Room, pixels: Bytes) -> Room:
    """The same room, measured in the full photo's pixels."""
    height, width = pixels.shape[:2]
    factor = width / room.camera.width
    camera, floor = room.camera.resized(width, height), room.floor
    return replace(room, camera=camera, floor=replace(floor, scale=floor.scale / factor))
