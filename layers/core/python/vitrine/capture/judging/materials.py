"""What a verdict is made from, and what it leaves behind, in S3: features, views and masks of frames; relations and
reports of sets."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from pydantic import ValidationError

from vitrine.assets import originals
from vitrine.assets.refusals import Refused
from vitrine.capture.frames import keys
from vitrine.capture.judging.models import Measured
from vitrine.capture.models import Image, Session
from vitrine.contracts.inference import SeenFrame
from vitrine.kernel import objects
from vitrine.kernel.observability import crash_fields, logger

_AT_ONCE = 8


def features(images: Iterable[Image], bucket: str) -> dict[str, bytes]:
    """By image. Raises `StorageUnavailable`, and `Refused` for features that are gone."""
    return _read({image.id: str(image.features_key) for image in images}, bucket)


def views(session: Session, images: Iterable[Image], bucket: str) -> tuple[dict[str, SeenFrame], dict[str, bytes]]:
    """What the endpoint saw of these frames, and its masks; of what cannot be read there is none."""
    stored = frozenset(objects.keys(bucket, keys.set_folder(session.tenant, session.id)))
    wanted = {image.id: keys.view_key(session.tenant, session.id, image.id) for image in images}
    texts = _read({key: at for key, at in wanted.items() if at in stored}, bucket)
    seen = {key: view for key, text in texts.items() if (view := _view(text)) is not None}
    masks = {key: view.mask.key for key, view in seen.items() if view.mask is not None and view.mask.key in stored}
    return seen, _read(masks, bucket)


def _view(text: bytes) -> SeenFrame | None:
    try:
        return SeenFrame.model_validate_json(text)
    except ValidationError as error:
        # Written by another version of the endpoint: the verdict does without.
        logger.warning("view cannot be read", **crash_fields(error))
        return None


def last_measured(session: Session, bucket: str) -> Measured | None:
    """What the verdict before this one was made from; None if there is none, or it cannot be read."""
    if session.report_key is None:
        return None
    with suppress(Refused, ValidationError):
        key = keys.measured_key(session.tenant, session.id, session.judged_version)
        return Measured.model_validate_json(originals.read(bucket, key).body)
    return None


def store(texts: Mapping[str, str], bucket: str) -> None:
    """Raises `StorageUnavailable`."""
    originals.store({key: text.encode() for key, text in texts.items()}, bucket, "application/json")


def _read(wanted: Mapping[str, str], bucket: str) -> dict[str, bytes]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(wanted, pool.map(lambda key: originals.read(bucket, key).body, wanted.values()), strict=True))
