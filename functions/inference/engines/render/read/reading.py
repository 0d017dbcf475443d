"""Reading a whole photo: camera, room box, walls and light, or why the photo cannot be staged."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from functions.inference.engines.render.read import camera, floor, gate, light, obstacles, room_type, walls
from functions.inference.engines.render.read.light import Light
from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.read.room_fit import fit_room
from functions.inference.engines.render.read.room_type import RoomGuess
from functions.inference.engines.render.read.walls import WallSurvey
from functions.inference.vision import segments
from functions.inference.vision.arrays import Bytes
from functions.inference.vision.colour import bytes_to_linear
from functions.inference.vision.images import Photo
from vitrine.contracts.inference import Refusal

ANALYSIS_SIZE = 1024


@dataclass(frozen=True)
class Reading:
    """What a photo shows: `small` is the photo at analysis size, and the room is measured in its pixels."""

    small: Bytes
    room: Room
    surveys: tuple[WallSurvey, ...]
    light: Light


def read_room(photo: Photo, ceiling_height_m: float | None = None) -> Reading | Refusal:
    """Camera, room box, walls and light of a photo, or why they cannot be read."""
    small = _analysis_size(photo.pixels)
    seen = gate.features(small)
    if refusal := gate.check_photo(seen):
        return refusal
    fit = _camera(small, photo.focal)
    if isinstance(fit, Refusal):
        return fit
    box = _box(small, fit, ceiling_height_m)
    if isinstance(box, Refusal):
        return box
    if refusal := gate.check_scene(seen, box, gate.furnished_share(small, box)):
        return refusal
    box = replace(box, obstacles=obstacles.find(fit, box))
    surveys = walls.survey_all(small, fit, box)
    return Reading(small, box, surveys, light.read(bytes_to_linear(small), box, surveys))


def guess_room_type(reading: Reading) -> RoomGuess:
    busy = gate.furnished_share(reading.small, reading.room)
    return room_type.guess(room_type.signs_of(reading.room, reading.surveys, busy))


def _analysis_size(pixels: Bytes) -> Bytes:
    scale = ANALYSIS_SIZE / max(pixels.shape[:2])
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _camera(small: Bytes, focal: float | None) -> camera.CameraFit | Refusal:
    lines = segments.detect(np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8))
    fit = camera.fit(lines, small.shape[1], small.shape[0], focal)
    if refusal := gate.check_camera(fit):
        return refusal
    assert fit is not None
    return fit


def _box(small: Bytes, fit: camera.CameraFit, ceiling_height_m: float | None) -> Room | Refusal:
    mask = floor.find(small, fit.camera)
    if refusal := gate.check_floor(mask):
        return refusal
    assert mask is not None
    box = fit_room(fit, mask, ceiling_height_m)
    return gate.check_room(box) or box
