"""What the QC named, beside what was done to the frames."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from infra.local.spin.faults import Faults

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Named:
    """Places in the turn, counted from 0. `others` are places that fail any other check."""

    blurred: tuple[int, ...]
    overexposed: tuple[int, ...]
    doubled: tuple[tuple[int, int], ...]
    missing: tuple[int, ...]
    others: tuple[int, ...]

    def exactly(self, faults: Faults) -> bool:
        """Whether these are the faults that were made, and no more."""
        return self == Named(
            (faults.blurred,), (faults.overexposed,), ((faults.doubled - 1, faults.doubled),), (faults.missing,), ()
        )

    def as_document(self) -> dict[str, Any]:
        return asdict(self)


KNOWN = ("sharpness", "exposure", "duplicate")


def named(session: Document, images: Sequence[Document]) -> Named:
    """Read from the answers of `GET /v1/sessions/{id}` and `GET /v1/images`."""
    places = {image["id"]: image["frame"] for image in images}
    doubled = sorted(sorted((places[pair["first"]], places[pair["second"]])) for pair in session["set"]["duplicates"])
    return Named(
        blurred=_failing(images, "sharpness"),
        overexposed=_failing(images, "exposure"),
        doubled=tuple((pair[0], pair[1]) for pair in doubled),
        missing=tuple(sorted(frame["frame"] for frame in session["set"]["missing"])),
        others=tuple(sorted({image["frame"] for image in images if _fails_else(image)})),
    )


def _failing(images: Sequence[Document], check: str) -> tuple[int, ...]:
    return tuple(sorted(image["frame"] for image in images if _status(image, check) == "fail"))


def _fails_else(image: Document) -> bool:
    return image["status"] == "failed" or any(
        _status(image, name) == "fail" for name in image["qc"] if name not in KNOWN
    )


def _status(image: Document, check: str) -> str:
    return str(image["qc"].get(check, {}).get("status", "pass"))
