"""Which thresholds hold, and what becomes of them by a change. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from vitrine.capture.models import Person
from vitrine.capture.thresholds.models import (
    ORGANISATION,
    Changes,
    InForce,
    NewVersion,
    Proposal,
    Proposed,
    Source,
    Version,
    version_id,
)
from vitrine.kernel.errors import FieldError, Invalid
from vitrine.set_qc.models import Mode
from vitrine.set_qc.thresholds import DEFAULT, LOWER_IS_BAD, Band, Thresholds

PROPOSED = "proposed"
"""What thresholds are called that hold nowhere yet."""


def scopes(site_id: str | None) -> tuple[str, ...]:
    """Where to look, the nearest first."""
    return (ORGANISATION,) if site_id is None else (site_id, ORGANISATION)


def in_force(site_id: str | None, mode: Mode, found: Mapping[str, Version]) -> InForce:
    """What holds, by the last version of each scope."""
    looked = scopes(site_id)
    version, above = _nearest(looked, found), _nearest(looked[1:], found)
    return InForce(
        thresholds=_of(version, mode),
        source=_source(version),
        version=version,
        latest=found.get(looked[0]),
        above=_of(above, mode),
        seen={scope: found[scope].number if scope in found else 0 for scope in looked},
    )


def proposed(now: InForce, asked: Proposal, restored: Version | None) -> Thresholds | None:
    """The thresholds that a proposal means; None: the scope has none of its own. `restored` is the version that it
    names. Raises `Invalid`, which says each field that does not hold."""
    if (asked.values is None) is (asked.restore is None):
        raise Invalid.field("body.values", "missing", "Say either `values`, or `restore` with a version's number.")
    if asked.values is not None:
        return changed(now.thresholds, asked.values)
    if asked.restore and restored is None:
        raise Invalid.field("body.restore", "unknown", f"There is no version {asked.restore}.")
    return restored.thresholds if restored else None


def at_site(site_id: str, asked: Proposal, found: Mapping[str, Version], restored: Version | None) -> Proposed:
    """What a proposal would change at one site. Raises as `proposed`."""
    scope, here = in_force(asked.site_id, asked.mode, found), in_force(site_id, asked.mode, found)
    then = proposed(scope, asked, restored) or scope.above
    reached = asked.site_id is not None or here.source is not Source.SITE
    return Proposed(here.thresholds, then if reached else None)


def changed(before: Thresholds, changes: Changes) -> Thresholds:
    """Raises `Invalid`, which says each band whose two thresholds are the wrong way round."""
    said = changes.model_dump(exclude_unset=True)
    after = Thresholds.model_validate({**before.model_dump(), **said, "version": PROPOSED})
    if wrong := tuple(_disordered(after)):
        raise Invalid("Some thresholds do not hold.", fields=wrong)
    return after


def next_version(tenant: str, asked: NewVersion, thresholds: Thresholds | None, by: Person, at: datetime) -> Version:
    number = asked.after + 1
    named = {"version": version_id(asked.scope, asked.mode, number)}
    return Version(
        tenant=tenant,
        scope=asked.scope,
        mode=asked.mode,
        number=number,
        thresholds=thresholds.model_copy(update=named) if thresholds else None,
        restores=asked.restore,
        reason=asked.reason,
        by=by,
        at=at,
    )


def is_the_same(made: Version, asked: NewVersion, by: Person) -> bool:
    """Whether this very change was made already, by the same person."""
    if (made.reason, made.by.id) != (asked.reason, by.id):
        return False
    if asked.values is None or made.thresholds is None:
        return made.restores == asked.restore
    said = asked.values.model_dump(exclude_unset=True)
    return made.restores is None and made.thresholds.model_dump(include=set(said)) == said


def _nearest(looked: tuple[str, ...], found: Mapping[str, Version]) -> Version | None:
    own = (found[scope] for scope in looked if scope in found)
    return next((version for version in own if version.thresholds is not None), None)


def _of(version: Version | None, mode: Mode) -> Thresholds:
    return version.thresholds if version and version.thresholds else DEFAULT[mode]


def _source(version: Version | None) -> Source:
    if version is None:
        return Source.DEFAULT
    return Source.SITE if version.site_id else Source.ORGANISATION


def _disordered(after: Thresholds) -> Iterator[FieldError]:
    for name in Thresholds.model_fields:
        band = getattr(after, name)
        if isinstance(band, Band) and not _in_order(name, band):
            word = "low" if name in LOWER_IS_BAD else "high"
            yield FieldError(f"body.values.{name}", "order", f"{word.title()} values are bad: `warn` comes first.")


def _in_order(name: str, band: Band) -> bool:
    return band.fail <= band.warn if name in LOWER_IS_BAD else band.warn <= band.fail
