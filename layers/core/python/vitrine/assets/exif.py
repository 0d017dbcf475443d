"""What a camera wrote about a photo (EXIF 3.0, CIPA DC-008). Hostile or broken data reads as none."""

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

_FILM_DIAGONAL_MM = math.hypot(36, 24)
_UNIT_MM = {2: 25.4, 3: 10.0, 4: 1.0}
_PLAUSIBLE_MM = (4.0, 2000.0)
_TEXT_LENGTH = 64


@dataclass(frozen=True)
class Shot:
    """`exposure_s` is the exposure time in seconds, `f_number` the focal length over the aperture."""

    focal_length_35mm: float | None = None
    camera_make: str | None = None
    camera_model: str | None = None
    taken_at: datetime | None = None
    has_gps: bool = False
    iso: int | None = None
    exposure_s: float | None = None
    f_number: float | None = None


def read(exif: bytes | None) -> Shot:
    if not exif:
        return Shot()
    try:
        return _read(exif)
    except Exception:  # any byte of it may lie, and Pillow has no one error for that
        return Shot()


def _read(data: bytes) -> Shot:
    exif = Image.Exif()
    exif.load(data)
    detail, place = exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.GPSInfo)
    return Shot(
        focal_length_35mm=_focal_length(detail),
        camera_make=_text(exif.get(Base.Make)),
        camera_model=_text(exif.get(Base.Model)),
        taken_at=_moment(detail),
        has_gps=GPS.GPSLatitude in place and GPS.GPSLongitude in place,
        iso=_whole(detail.get(Base.ISOSpeedRatings)),
        exposure_s=_number(detail.get(Base.ExposureTime)),
        f_number=_number(detail.get(Base.FNumber)),
    )


def _focal_length(detail: dict[int, Any]) -> float | None:
    """In millimetres of 35 mm film: as the camera gives it, else from the sensor's size in the focal plane's units."""
    given = _number(detail.get(Base.FocalLengthIn35mmFilm)) or _from_sensor(detail)
    return round(given, 1) if given and _PLAUSIBLE_MM[0] <= given <= _PLAUSIBLE_MM[1] else None


def _from_sensor(detail: dict[int, Any]) -> float | None:
    """Focal length times the ratio of diagonals (CIPA DC-008 annex: 35 mm film has 43.27 mm)."""
    unit = _UNIT_MM.get(detail.get(Base.FocalPlaneResolutionUnit, 2))
    tags = (
        Base.FocalLength,
        Base.ExifImageWidth,
        Base.FocalPlaneXResolution,
        Base.ExifImageHeight,
        Base.FocalPlaneYResolution,
    )
    focal, *across = (_number(detail.get(tag)) for tag in tags)
    if unit is None or focal is None or None in across:
        return None
    width, per_x, height, per_y = (float(value) for value in across if value is not None)
    return focal * _FILM_DIAGONAL_MM / (unit * math.hypot(width / per_x, height / per_y))


def _number(value: Any) -> float | None:
    number = float(value) if value is not None else math.nan
    return number if math.isfinite(number) and number > 0 else None


def _whole(value: Any) -> int | None:
    """The first of several, as cameras write the sensitivity (CIPA DC-008, 4.6.6)."""
    number = _number(value[0] if isinstance(value, tuple) and value else value)
    return round(number) if number else None


def _text(value: Any) -> str | None:
    text = re.sub(r"[^\x20-\x7e]", "", str(value or "")).strip()
    return text[:_TEXT_LENGTH] or None


def _moment(detail: dict[int, Any]) -> datetime | None:
    """With the part of a second, which orders a burst, where the camera wrote it."""
    taken, offset = detail.get(Base.DateTimeOriginal), detail.get(Base.OffsetTimeOriginal, "")
    try:
        moment = datetime.strptime(_plain(taken), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - local to the camera
        moment = moment.replace(microsecond=_microseconds(_plain(detail.get(Base.SubsecTimeOriginal, ""))))
        return datetime.fromisoformat(f"{moment.isoformat()}{_plain(offset)}")
    except ValueError:
        return None


def _microseconds(digits: str) -> int:
    return int(digits[:6].ljust(6, "0")) if digits.isascii() and digits.isdigit() else 0


def _plain(value: Any) -> str:
    return str(value).strip("\0 ")
