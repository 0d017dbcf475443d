"""A whole turn of a drawn car as photos, and the truth about each of them.

The frames of a turn are numbered as the camera goes around the car anticlockwise, seen from above: frame 0 shows the
front, a quarter later the car's left side.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from functions.inference.engines.render.vehicles import bodies, car, develop, lettering, surroundings
from functions.inference.engines.render.vehicles.job import SpinJob
from functions.inference.engines.render.vehicles.tracing import Effort, Film, Pose, Shot, Stage
from functions.inference.vision.arrays import Bools, Floats

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Shooting:
    """How a frame is taken: the pose, how far the lamps have turned, and the error of the exposure in stops."""

    angle_deg: float
    pose: Pose
    turn: float
    stops: float
    taken: datetime


def shootings(job: SpinJob, focal_mm: float) -> list[Shooting]:
    """All frames of a spin, in order; in walk mode a person holds the camera."""
    rng = np.random.default_rng([job.seed, 17])
    walk, moment = job.mode == "walk360", job.began
    out = []
    for k in range(job.frames):
        angle = 360 * k / job.frames
        shake = rng.normal(0, 1, 8).clip(-2, 2) * walk
        out.append(Shooting(angle, _pose(angle, shake, walk, focal_mm), np.radians(angle) * (not walk),
                            float(0.05 * shake[6]), moment))  # fmt: skip
        moment += timedelta(milliseconds=round(1000 * (1.4 + 0.25 * shake[7] if walk else 2.5)))
    return out


def _pose(angle_deg: float, shake: Floats, walk: bool, focal_mm: float) -> Pose:
    turn = np.radians(angle_deg + 0.7 * shake[0])
    away, height = (6.9, 1.62) if walk else (9.8, 1.50)
    away, height = away + 0.07 * shake[1], height + 0.02 * shake[2]
    eye = np.array([away * np.cos(turn), away * np.sin(turn), height])
    aim = np.array([0.03 * shake[3], 0.03 * shake[3], 0.68 + 0.025 * shake[4]])
    fov = 2 * np.degrees(np.arctan(18 / focal_mm))
    return Pose(eye, aim, float(fov), float(0.5 * shake[5]))


def make(job: SpinJob, out: Path, progress: Progress = lambda _done: None) -> Path:
    """Render all frames into `out`, with masks and `truth.json`; answers the path of the truth."""
    (out / "masks").mkdir(parents=True, exist_ok=True)
    place = surroundings.lot if job.mode == "walk360" else surroundings.studio
    around = place(np.random.default_rng([job.seed, 5]), job.night)
    vehicle = car.build(bodies.BODIES[job.body], job.paint, job.seed)
    stage, film = Stage(vehicle, around), Film.whole(job.width, job.height)
    frames = []
    for k, shooting in enumerate(shootings(job, around.camera.focal_mm)):
        shot = stage.shoot(shooting.pose, film, Effort(), job.seed * 1000 + k, shooting.turn)
        name = f"frame_{k + 1:03d}"
        pixels = develop.develop(shot.light, around.exposure * 2**shooting.stops, around.noise, job.seed * 1000 + k)
        (out / f"{name}.jpg").write_bytes(develop.jpeg(pixels, around.camera, shooting.taken))
        mask = shot.coverage > 0.5
        (out / "masks" / f"{name}.png").write_bytes(lettering.as_png(mask.astype(np.uint8) * 255))
        frames.append({"file": f"{name}.jpg", "mask": f"masks/{name}.png", **_truth(stage, shooting, shot, mask, film)})
        progress(k + 1)
    truth = {**_about(job), "plate_text": vehicle.text, "front_frame": 0, "frames": frames}
    path = out / "truth.json"
    path.write_text(json.dumps(truth, indent=1) + "\n")
    return path


def _about(job: SpinJob) -> dict[str, Any]:
    return {**asdict(job), "began": job.began.isoformat(), "direction": "counter_clockwise"}


def _truth(stage: Stage, shooting: Shooting, shot: Shot, mask: Bools, film: Film) -> dict[str, Any]:
    plates = [
        {"name": name, "seen": round(shot.plates[name], 3),
         "corners": shooting.pose.project(corners, film.width, film.height).round(2).tolist()}
        for name, corners in stage.car.plates.items() if shot.plates[name] > 0
    ]  # fmt: skip
    return {
        "angle_deg": round(shooting.angle_deg, 4),
        "taken_at": shooting.taken.isoformat(),
        "box": _box(mask),
        "mask_share": round(float(mask.mean()), 5),
        "plates": plates,
        "eye": shooting.pose.eye.round(4).tolist(),
        "target": shooting.pose.target.round(4).tolist(),
        "fov_deg": round(shooting.pose.fov_deg, 4),
        "roll_deg": round(shooting.pose.roll_deg, 4),
    }


def _box(mask: Bools) -> list[int]:
    """Left, top, right, bottom of a mask; right and bottom lie just outside."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return [0, 0, 0, 0]
    return [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]
