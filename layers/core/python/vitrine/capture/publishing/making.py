"""The frames of a publication, one by one: from the original to what everybody may see. Needs the imaging layer."""

import hashlib

from vitrine.capture.publishing import keys, naming, planning, rendition, storage
from vitrine.capture.publishing.failures import FrameUnusable, PlatesUnknown
from vitrine.capture.publishing.models import Group, Made, Plan, PlannedFrame, PublishedFile
from vitrine.contracts.inference import Plate
from vitrine.identity.organisations.models import Redaction
from vitrine.pictures.faults import BadPicture


def make(group: Group, bucket: str) -> int:
    """Render a group's frames and note what they became. Idempotency key: job and frame; a repeat writes the same.

    What cannot be made is noted too, and packing fails for it. Raises `PlatesUnknown`, `StorageUnavailable`.
    """
    plan = planning.read(group.tenant, group.session_id, group.job_id, bucket)
    if plan is None:
        raise storage.Gone
    wanted = set(group.images)
    frames = [frame for frame in plan.frames if frame.image_id in wanted]
    for frame in frames:
        _make(frame, plan, group, bucket)
    return len(frames)


def _make(frame: PlannedFrame, plan: Plan, group: Group, bucket: str) -> None:
    try:
        made = rendered(frame.original_key, frame.original_sha256, frame.plates, plan.manifest.redaction, bucket)
        note = _stored(frame, made, keys.public_prefix(group.tenant, group.session_id, group.job_id), bucket)
    except FrameUnusable:
        note = Made(image_id=frame.image_id, published=None)
    noted_at = keys.made_key(group.tenant, group.session_id, group.job_id, frame.image_id)
    storage.put(bucket, noted_at, note.model_dump_json().encode())


def _stored(frame: PlannedFrame, made: rendition.Rendition, prefix: str, bucket: str) -> Made:
    """The frame and its smaller versions in their places."""
    storage.put(bucket, f"{prefix}{frame.name}", made.jpeg, "image/jpeg")
    sizes = {}
    for side, jpeg in rendition.smaller(made.jpeg).items():
        sizes[str(side)] = naming.smaller_name(frame.name, side)
        storage.put(bucket, f"{prefix}{sizes[str(side)]}", jpeg, "image/jpeg")
    return Made(image_id=frame.image_id, published=described(frame.name, made), sizes=sizes, edits=made.edits)


def rendered(
    original_key: str, sha256: str, plates: tuple[Plate, ...] | None, how: Redaction, bucket: str
) -> rendition.Rendition:
    """One frame as it is published. Raises `FrameUnusable`, `PlatesUnknown`, `StorageUnavailable`.

    Plates that nobody has looked for are no plates that are not there: then nothing is made.
    """
    if plates is None and how is not Redaction.OFF:
        raise PlatesUnknown
    original = storage.find(bucket, original_key)
    if original is None or hashlib.sha256(original).hexdigest() != sha256:
        raise FrameUnusable
    try:
        return rendition.render(original, plates or (), how)
    except BadPicture:
        raise FrameUnusable from None


def described(name: str, made: rendition.Rendition) -> PublishedFile:
    return PublishedFile(
        name=name,
        sha256=hashlib.sha256(made.jpeg).hexdigest(),
        size=len(made.jpeg),
        width=made.width,
        height=made.height,
    )
