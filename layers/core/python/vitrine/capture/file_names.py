"""The number of a frame in its set, read from file names. Pure; numbers alone count, so padding says nothing.

Which of a name's numbers is the frame's is decided by all names of a session: it is the one that changes from file to
file. `12345_01_022.jpg` (Auto Care), `car (7).jpg`, `IMG_0007.JPG` and `DSCN0691.jpg` (DCF) then read alike.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

_RUN = re.compile(r"\d+")
_HEX = re.compile(r"[0-9a-f]{12,}|[0-9a-f]{8}-[0-9a-f]{4}-", re.IGNORECASE)
"""A name that a program made up, such as a UUID: its digits count nothing."""
_LONGEST = 9
"""Digits of a counter. A moment to the millisecond has more."""
_COPY = re.compile(r" ?\((\d{1,2})\)$| copy( \d+)?$|[-_ ]retake$", re.IGNORECASE)
"""What systems add to the name of a file that is there already."""
_WRAP, _LAST = 5_000, 9_999
"""A camera counts from 1 to 9999 and begins again (DCF 2.0, JEITA CP-3461B)."""
_MOST = 0.6
"""The share of a session's numbers that lie within one turn where they count its frames."""


def stem(file_name: str) -> str:
    """The name without folders and ending."""
    base = file_name.replace("\\", "/").rsplit("/", 1)[-1].strip()
    head, dot, _ = base.rpartition(".")
    return head if dot and head else base


def numbers(names: Mapping[str, str]) -> dict[str, int]:
    """The frame's number of each file that has one; `names` are file names by any id."""
    stems = {key: stem(name) for key, name in names.items() if not _HEX.search(stem(name))}
    shapes: dict[str, list[str]] = {}
    for key, text in stems.items():
        shapes.setdefault(_shape(text), []).append(key)
    common = max(shapes, key=lambda shape: (len(shapes[shape]), -len(shape)), default="")
    found: dict[str, int] = {}
    for shape, keys in shapes.items():
        found.update(_of_shape({key: _without_copy(stems[key], shape, common) for key in keys}))
    return _unwrapped(found)


def _shape(text: str) -> str:
    return _RUN.sub("#", text.lower())


def _without_copy(text: str, shape: str, common: str) -> str:
    """Without "(1)" and the like, where the other names of the session have none."""
    plain = _COPY.sub("", text)
    is_odd = shape != common and _RUN.search(plain)
    return plain if is_odd else text


def _of_shape(stems: Mapping[str, str]) -> dict[str, int]:
    """Of names that differ in their numbers alone: the number that changes most, the last of them when in doubt."""
    runs = {key: [int(run) for run in _RUN.findall(text) if len(run) <= _LONGEST] for key, text in stems.items()}
    least = min((len(each) for each in runs.values()), default=0)
    if not least:
        return {}
    column = max(range(least), key=lambda index: (len({each[index] for each in runs.values()}), index))
    return {key: each[column] for key, each in runs.items()}


def _unwrapped(found: dict[str, int]) -> dict[str, int]:
    """Numbers after a camera's counter began again go on behind 9999."""
    highest = max(found.values(), default=0)
    if highest > _LAST or highest - min(found.values(), default=0) < _WRAP or highest < _LAST - _WRAP // 10:
        return found
    return {key: number + (_LAST if number < _WRAP else 0) for key, number in found.items()}


def first_number(found: Iterable[int], frames: int, offsets: Iterable[int] = ()) -> int | None:
    """The number that frame 0 of a turn has; None where the numbers count something else, such as seconds.

    `offsets` are number minus frame of those files whose frame is known otherwise; their most frequent one decides.
    Else names count from 0 when one of them is 0, from 1 when they lie within 1 to `frames`, and from the lowest there
    is when they are a camera's. So a set whose first frame is missing keeps its places when it counts from 1. Numbers
    that lie apart, such as a camera's retakes of the next day, decide nothing.
    """
    known = Counter(offsets).most_common(1)
    if known:
        return known[0][0]
    values = set(found)
    turn = max((_within(values, start, frames) for start in sorted(values)), key=len, default=set())
    if len(turn) < _MOST * len(values) or not turn:
        return None
    lowest = min(turn)
    return lowest if lowest == 0 or max(turn) > frames else 1


def _within(values: set[int], start: int, frames: int) -> set[int]:
    return {value for value in values if start <= value < start + frames}
