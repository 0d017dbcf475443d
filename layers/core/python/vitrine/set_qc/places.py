"""Where frames stand by the claimed order: by index, else by the numbers in their names. Needs no library."""

import re
from collections.abc import Sequence

from vitrine.set_qc.models import SetFrame

_NUMBER = re.compile(r"(\d+)")


def claimed(frames: Sequence[SetFrame]) -> list[SetFrame]:
    """By index; frames without one come after those that have one, by their names' numbers ("img2" before "img10")."""
    return sorted(frames, key=lambda frame: (frame.index is None, frame.index or 0, natural(frame.name)))


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A name as a key that sorts its numbers by value, padded or not."""
    parts = (part for part in _NUMBER.split(name.casefold()) if part)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


def places(frames: Sequence[SetFrame]) -> list[int]:
    """Where each frame of the claimed order stands: its index, or one behind the frame before it."""
    found: list[int] = []
    for frame in frames:
        following = found[-1] + 1 if found else 0
        found.append(max(following, frame.index) if frame.index is not None else following)
    return found
