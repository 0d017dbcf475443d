"""Sessions and their images in DynamoDB.

| item    | pk               | sk           | also                                                          |
|---------|------------------|--------------|---------------------------------------------------------------|
| SESSION | tenant#session   | SESSION      | its counters are attributes, so that frames do not wait for each other |
| IMAGE   | tenant#session   | IMAGE#image  |                                                               |
| VERDICT | tenant#session   | VERDICT      | the last verdict on its set                                   |
| PUBLICATION | tenant#session | PUBLICATION | what of it is public, and the job that is at it               |
| OF      | tenant#IMAGE#image | OF         | the session and the site that an image belongs to             |

The items of lists, vehicles and telemetry are in the stores of `capture.listings`, `.vehicles` and `.telemetry`.
"""

import gzip
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter
from pynamodb.attributes import BinaryAttribute, DiscriminatorAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from vitrine.capture.models import Image, Session, SessionStatus, SetStatus, SetVerdict
from vitrine.capture.publishing.models import Publication
from vitrine.kernel import schema, tables
from vitrine.kernel.errors import AppError, Conflict, NotFound
from vitrine.kernel.tables import Table, Write
from vitrine.set_qc.models import Check

(_BY_ORDER,) = schema.CAPTURE.indexes
_COUNTED = {"image_count", "set_version"}
_ARRANGED = {"position", "current", "duplicate_of"}
"""What follows from all images of a session, so it is not stored with one."""
_CHECKS: TypeAdapter[Any] = TypeAdapter(dict[str, dict[str, Check]])
PER_READ = 100
"""Items that one BatchGetItem takes."""
Key = tuple[str, str]


class _ByOrder(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = _BY_ORDER.name
        projection = AllProjection()

    stream: Any = UnicodeAttribute(hash_key=True)
    at: Any = UnicodeAttribute(range_key=True)


class Item(Table):
    class Meta:
        table_name = schema.CAPTURE.deployed_name()

    kind: Any = DiscriminatorAttribute()
    by_order = _ByOrder()


class _SessionItem(Item, discriminator="SESSION"):
    version: Any = NumberAttribute()
    status: Any = UnicodeAttribute()
    image_count: Any = NumberAttribute()
    set_version: Any = NumberAttribute()
    body: Any = UnicodeAttribute()


class _ImageItem(Item, discriminator="IMAGE"):
    version: Any = NumberAttribute()
    status: Any = UnicodeAttribute()
    body: Any = UnicodeAttribute()


class _VerdictItem(Item, discriminator="VERDICT"):
    body: Any = UnicodeAttribute()
    checks: Any = BinaryAttribute(legacy_encoding=False, null=True)


class _PublicationItem(Item, discriminator="PUBLICATION"):
    version: Any = NumberAttribute()
    body: Any = UnicodeAttribute()


class _OfItem(Item, discriminator="OF"):
    session: Any = UnicodeAttribute()
    site: Any = UnicodeAttribute()


class SessionExists(Conflict):
    """A session with this id is there already: the same request, made before."""

    code = "session_exists"


class StaleSession(Conflict):
    """Somebody else changed the session since it was read. Read it again."""

    code = "stale_session"


class StalePublication(Conflict):
    """Somebody else changed the publication since it was read. Read it again."""

    code = "stale_publication"


class ImageExists(Conflict):
    """The image of this file is there already: the same request, made before."""

    code = "image_exists"


class StaleImage(Conflict):
    """Somebody else changed the image since it was read. Read it again."""

    code = "stale_image"


@dataclass(frozen=True)
class Captured:
    """All of a session, in one consistent read. The images are not arranged yet (`vitrine.capture.places`)."""

    session: Session
    images: tuple[Image, ...]
    verdict: SetVerdict | None
    publication: Publication | None = None
    checks: Mapping[str, Mapping[str, Check]] = field(default_factory=dict)
    """Of single frames, by image and check, as the last verdict has them."""


@dataclass(frozen=True)
class Judged:
    """A session with its set's last verdict, without its images."""

    session: Session
    verdict: SetVerdict | None
    packed: bytes | None = None

    @property
    def status(self) -> SetStatus:
        """What the verdict says of the set as it is now."""
        is_current = self.verdict is not None and self.verdict.set_version == self.session.set_version
        return self.verdict.status if self.verdict and is_current else SetStatus.OPEN

    def checks(self) -> Mapping[str, Mapping[str, Check]]:
        """Of single frames, by image and check."""
        return _unpacked(self.packed)


def fetch(keys: Iterable[Key]) -> dict[Key, Any]:
    """The items under these keys, of whichever kind; one consistent request for each 100."""
    return {(item.pk, item.sk): item for item in Item.batch_get(list(keys), consistent_read=True)}


def get(tenant: str, session_id: str) -> Session | None:
    return next((_session(item) for item in fetch([(_pk(tenant, session_id), "SESSION")]).values()), None)


def get_all(tenant: str, session_ids: Collection[str]) -> dict[str, Session]:
    """Those of the sessions that there are, by their ids; one request for each 100."""
    keys = [(_pk(tenant, session_id), "SESSION") for session_id in session_ids]
    return {session.id: session for session in map(_session, fetch(keys).values())}


def judged(tenant: str, session_ids: Collection[str]) -> dict[str, Judged]:
    """Those of the sessions that there are, with the verdicts on their sets; one request for each 50."""
    found = fetch((_pk(tenant, session_id), sk) for session_id in session_ids for sk in ("SESSION", "VERDICT"))
    sessions = {key[0]: _session(item) for key, item in found.items() if isinstance(item, _SessionItem)}
    return {session.id: _judged(session, found.get((pk, "VERDICT"))) for pk, session in sessions.items()}


def get_with_image(tenant: str, session_id: str, image_id: str) -> tuple[Session | None, Image | None]:
    """A session and one of its images, in one request."""
    keys = [(_pk(tenant, session_id), sk) for sk in ("SESSION", _sk(image_id))]
    session, image = map(fetch(keys).get, keys)
    return _session(session) if session else None, _image(image) if image else None


def read(tenant: str, session_id: str) -> Captured | None:
    """A session with its images and its verdict: everything that was committed before this call."""
    items = list(Item.query(_pk(tenant, session_id), consistent_read=True))
    session = next((_session(item) for item in items if isinstance(item, _SessionItem)), None)
    if session is None:
        return None
    images = tuple(_image(item) for item in items if isinstance(item, _ImageItem))
    published = next((_publication(item) for item in items if isinstance(item, _PublicationItem)), None)
    last = _judged(session, next((item for item in items if isinstance(item, _VerdictItem)), None))
    return Captured(session, images, last.verdict, published, last.checks())


def publication_of(tenant: str, session_id: str) -> Publication | None:
    return next(map(_publication, fetch([(_pk(tenant, session_id), "PUBLICATION")]).values()), None)


def session_of(tenant: str, image_id: str) -> str | None:
    """The id of the session that an image belongs to."""
    return next((item.session for item in fetch([(_of_pk(tenant, image_id), "OF")]).values()), None)


def sites_of(tenant: str, session_ids: Iterable[str], image_ids: Iterable[str]) -> dict[str, str]:
    """The site of each of these that there is, by its id; one request for each 100."""
    wanted = {(_pk(tenant, each), "SESSION"): each for each in session_ids}
    wanted |= {(_of_pk(tenant, each), "OF"): each for each in image_ids}
    found = fetch(wanted) if wanted else {}
    return {
        wanted[key]: item.site if isinstance(item, _OfItem) else _session(item).site_id for key, item in found.items()
    }


def insert(session: Session) -> Write:
    """Conflicts with `SessionExists`."""
    item = _SessionItem(
        _pk(session.tenant, session.id),
        "SESSION",
        version=session.version,
        status=session.status.value,
        image_count=0,
        set_version=0,
        body=_body(session),
    )
    return tables.put(item, _SessionItem.pk.does_not_exist(), lambda: SessionExists("This session exists."))


def replace(session: Session) -> Write:
    """The session's next version; its counters stay. Conflicts with `StaleSession` unless the one before is there."""
    return tables.update(
        _key_of(session),
        [
            _SessionItem.version.set(session.version),
            _SessionItem.status.set(session.status.value),
            _SessionItem.body.set(_body(session)),
        ],
        _SessionItem.version == session.version - 1,
        lambda: StaleSession("The session was changed meanwhile."),
    )


def set_changed(session: Session) -> Write:
    """A frame was recorded, replaced or overruled: `set_version` grows by one. It waits for no other frame."""
    return tables.update(_key_of(session), [_SessionItem.set_version.add(1)], _SessionItem.pk.exists(), no_session)


def counting(session: Session) -> Write:
    """One more image of a session that takes frames. Conflicts with `StaleSession` when it does no more."""
    takes = _SessionItem.status.is_in(SessionStatus.ACTIVE.value, SessionStatus.COMPLETE.value)
    return tables.update(
        _key_of(session),
        [_SessionItem.image_count.add(1)],
        takes,
        lambda: StaleSession("The session was changed meanwhile."),
    )


def unchanged(session: Session, conflict: Callable[[], AppError]) -> Write:
    """Holds a transaction to the session's version."""
    keys = (_pk(session.tenant, session.id), "SESSION")
    return tables.check(_SessionItem, keys, _SessionItem.version == session.version, conflict)


def insert_image(image: Image) -> tuple[Write, ...]:
    """Conflicts with `ImageExists`."""
    of = _OfItem(_of_pk(image.tenant, image.id), "OF", session=image.session_id, site=image.site_id)
    return (
        tables.put(_item(image), _ImageItem.pk.does_not_exist(), lambda: ImageExists("This image exists.")),
        tables.put(of, None, no_image),
    )


def replace_image(image: Image) -> Write:
    """The image's next version. Conflicts with `StaleImage` unless the version before is there."""
    stale = lambda: StaleImage("The image was changed meanwhile.")  # noqa: E731
    return tables.put(_item(image), _ImageItem.version == image.version - 1, stale)


def put_verdict(session: Session, verdict: SetVerdict, checks: Mapping[str, Mapping[str, Check]]) -> Write:
    """The set's last verdict with the checks of its frames, for the transaction that replaces the session.

    All checks are one compressed item: a transaction holds 100 items, a set up to 144 frames.
    """
    body, packed = verdict.model_dump_json(), gzip.compress(_CHECKS.dump_json(checks), mtime=0)
    item = _VerdictItem(_pk(session.tenant, session.id), "VERDICT", body=body, checks=packed)
    return tables.put(item, None, no_session)


def put_publication(publication: Publication) -> Write:
    """The next version, or the first. Conflicts with `StalePublication` unless the version before is there."""
    item = _PublicationItem(
        _pk(publication.tenant, publication.session_id),
        "PUBLICATION",
        version=publication.version,
        body=publication.model_dump_json(),
    )
    is_first = publication.version == 1
    before = _PublicationItem.pk.does_not_exist() if is_first else _PublicationItem.version == publication.version - 1
    return tables.put(item, before, lambda: StalePublication("The publication was changed meanwhile."))


def no_session() -> NotFound:
    return NotFound("There is no such session.", code="session_not_found")


def no_image() -> NotFound:
    return NotFound("There is no such image.", code="image_not_found")


def _key_of(session: Session) -> _SessionItem:
    return _SessionItem(_pk(session.tenant, session.id), "SESSION")


def _item(image: Image) -> _ImageItem:
    return _ImageItem(
        _pk(image.tenant, image.session_id),
        _sk(image.id),
        version=image.version,
        status=image.status.value,
        body=image.model_dump_json(exclude=_ARRANGED),
    )


def _body(session: Session) -> str:
    return session.model_dump_json(exclude=_COUNTED)


def _unpacked(packed: bytes | None) -> dict[str, dict[str, Check]]:
    return _CHECKS.validate_json(gzip.decompress(packed)) if packed else {}


def _session(item: Any) -> Session:
    session = Session.model_validate_json(item.body)
    counted = {name: int(getattr(item, name)) for name in _COUNTED}
    return session.model_copy(update=counted)


def _judged(session: Session, item: Any | None) -> Judged:
    if item is None:
        return Judged(session, None)
    return Judged(session, SetVerdict.model_validate_json(item.body), item.checks)


def _publication(item: Any) -> Publication:
    return Publication.model_validate_json(item.body)


def _image(item: Any) -> Image:
    return Image.model_validate_json(item.body)


def _pk(tenant: str, session_id: str) -> str:
    return f"{tenant}#{session_id}"


def _sk(image_id: str) -> str:
    return f"IMAGE#{image_id}"


def _of_pk(tenant: str, image_id: str) -> str:
    return f"{tenant}#IMAGE#{image_id}"
