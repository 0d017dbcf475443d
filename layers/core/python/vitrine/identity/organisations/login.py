"""People sign in: what the identity provider says of them becomes a token of ours."""

from datetime import datetime

from vitrine.identity.organisations import rules, service, store, tokens
from vitrine.identity.organisations.models import Identity, IssuedToken, Organisation, Person
from vitrine.kernel import tables
from vitrine.kernel.errors import Forbidden
from vitrine.kernel.ids import Ids


def sign_in(identity: Identity, ids: Ids, now: datetime) -> IssuedToken:
    """A token for the person whose sign-in this is, or who was invited by the address that the provider verified.

    Idempotency key: the identity; each call gives a token of its own.
    Raises `Forbidden` for somebody who is in no organisation, or no more.
    """
    person, organisation = _known(identity)
    if person is None or organisation is None or person.ended_at is not None:
        raise Forbidden("You are in no organisation here. Ask to be invited.", code="not_in_organisation")
    sites = tuple(site.id for site in service.sites_of(organisation, person))
    return tokens.issue(person, sites, ids.uuid(), now)


def _known(identity: Identity) -> tuple[Person | None, Organisation | None]:
    of_subject = rules.subject_digest(identity.issuer, identity.subject)
    of_email = rules.email_digest(identity.email) if identity.email else None
    found, invited = store.who(of_subject, of_email)
    if found is None and invited is not None and of_email is not None:
        found = _accept(invited, identity, (of_subject, of_email))
    return store.with_organisation(*found) if found else (None, None)


def _accept(invited: tuple[str, str], identity: Identity, digests: tuple[str, str]) -> tuple[str, str] | None:
    try:
        tables.commit(*store.bind(*invited, identity.issuer, identity.subject, digests))
    except (store.Taken, store.NotThere):
        # The same person at the same moment elsewhere, or one who was removed meanwhile.
        return store.who(digests[0], None)[0]
    return invited
