"""Names of tenants and look-ups, lifetimes, the enrolment code, and what policies allow."""

import base64
import hashlib
import hmac
import uuid
from datetime import timedelta

from vitrine.identity.models import Claims
from vitrine.identity.organisations.models import Enrolment, Identity, Organisation
from vitrine.identity.organisations.tenants import org_id_of as org_id_of
from vitrine.identity.organisations.tenants import tenant_of as tenant_of
from vitrine.kernel.errors import Forbidden

DEVICE_TOKEN_FOR = timedelta(days=30)
USER_TOKEN_FOR = timedelta(hours=8)
RENEWABLE_FOR = timedelta(days=30)
"""How long a device that was offline when its token ended may still renew it."""
MOST_SITES = 100
"""Of one organisation: they lie in its one item, and in the tokens of people who see all."""
CODE_LENGTH = 16
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# scrypt's parameters for sign-in (RFC 7914, OWASP): 16 MB and about 40 ms a try.
_COST = {"n": 2**14, "r": 8, "p": 1}


def subject_digest(issuer: str, subject: str) -> str:
    # A length before the issuer, so that no two pairs run together into the same text.
    return hashlib.sha256(f"{len(issuer)}:{issuer}{subject}".encode()).hexdigest()


def email_digest(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()


def identity_of(claims: Claims) -> Identity:
    """Who an ID token speaks of. An address that the provider has not verified could be anybody's."""
    is_verified = claims.get("email_verified") is True
    email = str(claims.get("email") or "").strip().lower()
    return Identity(issuer=claims["iss"], subject=claims["sub"], email=email if email and is_verified else None)


def device_id_of(tenant: str, device_secret: str) -> str:
    """The id of the device that keeps this secret: a UUID of version 8 (RFC 9562 section 5.8) made of its digest.

    The same device is then found again by what only it knows, and nobody learns the secret from the id.
    """
    raw = int.from_bytes(hashlib.sha256(f"device\0{tenant}\0{device_secret}".encode()).digest()[:16], "big")
    version, variant = 0xF << 76, 0x3 << 62
    return str(uuid.UUID(int=raw & ~version & ~variant | 8 << 76 | 2 << 62))


def new_code(entropy: bytes) -> str:
    """An enrolment code of 80 bits, in groups of four. `entropy` is 10 bytes."""
    number = int.from_bytes(entropy, "big")
    text = "".join(_ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(text[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def hash_code(code: str, salt: bytes) -> str:
    digest = hashlib.scrypt(_plain(code), salt=salt, **_COST)
    return f"{base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def code_holds(code: str, hashed: str) -> bool:
    salt = base64.b64decode(hashed.partition("$")[0])
    return hmac.compare_digest(hash_code(code, salt), hashed)


def check_enrolment(organisation: Organisation | None, code: str | None) -> Organisation:
    """Raises `Forbidden`, with the same words for an organisation that is closed and one that is not there."""
    if organisation is None or organisation.policies.enrolment is Enrolment.CLOSED:
        raise Forbidden("This organisation takes no new devices.", code="enrolment_closed")
    wants_code = organisation.policies.enrolment is Enrolment.CODE
    if wants_code and not (code and organisation.code_hash and code_holds(code, organisation.code_hash)):
        raise Forbidden("Send the organisation's `enrolment_code`.", code="enrolment_code_required")
    return organisation


def _plain(code: str) -> bytes:
    """People type codes with capitals and other separators."""
    return "".join(filter(str.isalnum, code.lower())).encode()
