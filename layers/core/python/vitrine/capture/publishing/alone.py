"""A frame on its own, from its original to what everybody may see. Needs the imaging layer: its commit, which decides
whether it becomes public, is in `frames`."""

import hashlib

from vitrine.capture.publishing import keys, making, planning, storage
from vitrine.capture.publishing.failures import FrameUnusable, PlatesUnknown
from vitrine.capture.publishing.models import LoneFrame, LoneMade, Refusal
from vitrine.contracts.inference import Plate
from vitrine.identity.organisations import service as organisations
from vitrine.identity.organisations.models import Redaction

Plates = tuple[Plate, ...] | None


def make(frame: LoneFrame, bucket: str, build: str) -> LoneMade:
    """Render a frame as its organisation wants plates, unless that was done before.

    Idempotency key: what it is made from and how, and `build`, the code that makes it. These name the place that it
    lies in, so a repeat finds it there. Raises `NotFound` for the organisation, and `StorageUnavailable`.
    """
    how = organisations.find(frame.tenant).policies.redaction
    plates = planning.plates_of_one(frame.tenant, frame.session_id, frame.image_id, bucket)
    folder = keys.frame_prefix(frame.tenant, frame.session_id, frame.image_id, _made_from(frame, plates, how, build))
    try:
        _put(f"{folder}{frame.name}", frame, plates, how, bucket)
    except PlatesUnknown:
        return LoneMade(redaction=how, refused=Refusal.PLATES_UNKNOWN)
    except FrameUnusable:
        return LoneMade(redaction=how, refused=Refusal.UNUSABLE)
    return LoneMade(key=f"{folder}{frame.name}", redaction=how)


def _put(key: str, frame: LoneFrame, plates: Plates, how: Redaction, bucket: str) -> None:
    if not storage.is_there(bucket, key):
        made = making.rendered(frame.original_key, frame.original_sha256, plates, how, bucket)
        storage.put(bucket, key, made.jpeg, "image/jpeg")


def _made_from(frame: LoneFrame, plates: Plates, how: Redaction, build: str) -> str:
    """16 hex digits."""
    seen = "unknown" if plates is None else ",".join(plate.model_dump_json() for plate in plates)
    said = "\n".join((frame.original_sha256, seen, how.value, build))
    return hashlib.sha256(said.encode()).hexdigest()[:16]
