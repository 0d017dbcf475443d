"""One page of sessions: counts, rows, sessions; three requests at any depth."""

from vitrine.capture import store as sessions
from vitrine.capture.listings import rules, store
from vitrine.capture.listings.models import SessionPage, SessionQuery, Spans
from vitrine.capture.models import Session

added, moved = store.added, store.moved


def page(query: SessionQuery) -> SessionPage:
    """The newest sessions first, in the order in which they were opened."""
    if query.sites is not None and not query.sites:
        return SessionPage(sessions=(), total=0)
    return _of_vehicle(query, query.vehicle_id) if query.vehicle_id else _of_sites(query)


def _of_vehicle(query: SessionQuery, vehicle_id: str) -> SessionPage:
    """All of a vehicle's are read: a car is not photographed a thousand times."""
    found = store.of_vehicle(query.tenant, vehicle_id, query.sites, query.status)
    return SessionPage(sessions=_read(query, found[query.offset :][: query.limit]), total=len(found))


def _of_sites(query: SessionQuery) -> SessionPage:
    """By the site's own rows where there is one, else by the organisation's, of which other sites' are passed by."""
    one = next(iter(query.sites)) if query.sites and len(query.sites) == 1 else None
    counts = store.spans(query.tenant, {one} if one else {store.ALL, *(query.sites or ())})
    scopes = query.sites or {store.ALL}
    spans: Spans = rules.added(counts[scope] for scope in scopes if scope in counts)
    total = rules.count_of(spans, query.status)
    place = rules.place_of(spans, query.status, query.offset)
    if place is None:
        return SessionPage(sessions=(), total=total)
    share = 1.0 if one else total / max(1, rules.count_of(counts.get(store.ALL), query.status))
    sites = None if one else query.sites
    found = store.rows(query.tenant, one or store.ALL, sites, query.status, place, query.limit, share)
    return SessionPage(sessions=_read(query, found), total=total)


def _read(query: SessionQuery, ids: list[str]) -> tuple[Session, ...]:
    found = sessions.get_all(query.tenant, ids) if ids else {}
    return tuple(found[each] for each in ids if each in found)
