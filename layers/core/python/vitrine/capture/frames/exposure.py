"""What the camera wrote, as the surface's document spells it. Apart from `rules`, since EXIF's reader needs Pillow."""

from vitrine.assets.exif import Shot
from vitrine.capture.models import Exposure


def exposure_of(shot: Shot) -> Exposure:
    return Exposure(
        iso=shot.iso,
        shutter=shutter(shot.exposure_s) if shot.exposure_s else None,
        aperture=f"f/{shot.f_number:g}" if shot.f_number else None,
        taken_at=shot.taken_at,
    )


def shutter(seconds: float) -> str:
    """As on a camera's dial: "1/250", and from a third of a second on in seconds."""
    return f"1/{round(1 / seconds)}" if seconds < 0.3 else f"{seconds:.1f}".removesuffix(".0")
