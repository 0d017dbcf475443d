"""Which thresholds hold, and how new ones come to hold."""

from collections.abc import Collection

from vitrine.capture.models import CaptureMode, Person
from vitrine.capture.thresholds import rules, store
from vitrine.capture.thresholds.models import (
    ORGANISATION,
    InForce,
    NewVersion,
    Proposal,
    Proposed,
    Version,
    mode_of,
    version_in,
)
from vitrine.identity.organisations import service as organisations
from vitrine.kernel import tables
from vitrine.kernel.call import Call
from vitrine.kernel.cursors import Position
from vitrine.kernel.errors import Forbidden, NotFound
from vitrine.set_qc.models import Mode
from vitrine.set_qc.thresholds import Thresholds

# Under the store's own names: others know this module, never the store.
StaleThresholds, unchanged = store.StaleThresholds, store.unchanged


def in_force(tenant: str, site_id: str | None, mode: Mode) -> InForce:
    """The site's own, else the organisation's, else ours. One read."""
    return rules.in_force(site_id, mode, store.current(tenant, rules.scopes(site_id), mode))


def read(call: Call, site_id: str | None, mode: Mode) -> InForce:
    """The same for a caller. Raises `NotFound` for a site that they may not use."""
    check_site(call, site_id)
    return in_force(call.tenant, site_id, mode)


def effective(tenant: str, site_id: str | None, mode: CaptureMode) -> Thresholds:
    return in_force(tenant, site_id, mode_of(mode)).thresholds


def proposal(call: Call, asked: Proposal) -> tuple[InForce, Thresholds | None]:
    """What holds now, and what is proposed instead: None for nothing of the scope's own. One read. Raises `Invalid`."""
    also = (asked.scope, asked.restore) if asked.restore else None
    found, restored = store.current_and(call.tenant, rules.scopes(asked.site_id), asked.mode, also)
    now = rules.in_force(asked.site_id, asked.mode, found)
    return now, rules.proposed(now, asked, restored)


def proposed_at(call: Call, asked: Proposal, sites: Collection[str]) -> dict[str, Proposed]:
    """What a proposal would change at each of the sites. One read for each 100 of them. Raises `Invalid`."""
    also = (asked.scope, asked.restore) if asked.restore else None
    scopes = {*sites, *rules.scopes(asked.site_id)}
    found, restored = store.current_and(call.tenant, scopes, asked.mode, also)
    rules.proposed(rules.in_force(asked.site_id, asked.mode, found), asked, restored)
    return {site: rules.at_site(site, asked, found, restored) for site in sites}


def change(call: Call, asked: NewVersion) -> Version:
    """New thresholds for a site, or for the organisation.

    Idempotency key: scope, mode and `after`; the same change by the same person again is answered as the first.
    Raises `Invalid`, `NotFound` for a site, `Forbidden`, and `StaleThresholds` when others changed them since `after`.
    """
    check_scope(call, asked.site_id)
    check_site(call, asked.site_id)
    now, thresholds = proposal(call, asked)
    by = Person(id=call.principal.actor, name=call.principal.name or "")
    made = _after(call.tenant, asked, now)
    if made is not None and rules.is_the_same(made, asked, by):
        return made
    if now.number != asked.after:
        raise StaleThresholds("The thresholds were changed meanwhile.", data={"latest": now.number})
    version = rules.next_version(call.tenant, asked, thresholds, by, call.now)
    tables.commit(*store.put(version), *call.key_writes)
    return version


def _after(tenant: str, asked: NewVersion, now: InForce) -> Version | None:
    """The version that this change made before, or that another one made in its place."""
    number = asked.after + 1
    if now.number <= number:
        return now.latest if now.number == number else None
    return store.get(tenant, asked.scope, asked.mode, number)


def listed(
    call: Call, site_id: str | None, mode: Mode, limit: int, after: Position | None
) -> tuple[list[Version], Position | None]:
    """A page of the versions of a scope, the newest first. Raises `NotFound` for a site."""
    check_site(call, site_id)
    before = after["before"] if after else None
    found = store.history(call.tenant, site_id or ORGANISATION, mode, limit + 1, before)
    return found[:limit], {"before": found[limit - 1].number} if len(found) > limit else None


def find(call: Call, version_id: str) -> Version:
    """Raises `NotFound`, for a site's version that the caller may not see too."""
    known = version_in(version_id)
    found = store.get(call.tenant, *known) if known else None
    if found is None or not (found.site_id is None or call.principal.may_use(found.site_id)):
        raise NotFound("There are no such thresholds.", code="thresholds_not_found")
    return found


def check_site(call: Call, site_id: str | None) -> None:
    """Raises `NotFound` for a site that the caller may not use, or that there is not. One read for a site."""
    if site_id is None:
        return
    if not call.principal.may_use(site_id) or organisations.find(call.tenant).site(site_id) is None:
        raise _no_site()


def check_scope(call: Call, site_id: str | None) -> None:
    """Raises `NotFound` for a site that the caller may not use, and `Forbidden` for the organisation unless they may
    use all sites. No read: whether there is such a site is not known."""
    if site_id is not None and not call.principal.may_use(site_id):
        raise _no_site()
    if site_id is None and call.principal.sites is not None:
        raise Forbidden("This is for who may use all sites. Name one of yours by `site_id`.", code="all_sites_needed")


def _no_site() -> NotFound:
    return NotFound("There is no such site.", code="site_not_found")
