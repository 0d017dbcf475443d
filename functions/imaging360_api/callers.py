"""Who calls imaging360: devices and people of organisations. A route names one of these as its `allow`."""

from vitrine.kernel.http import Allow
from vitrine.kernel.surface import Limit, Per

USER = Allow("user", frozenset({"operator", "reviewer", "admin"}))
DEVICE_OR_USER = Allow("device|user", frozenset({"device", "operator", "reviewer", "admin"}))
REVIEWER = Allow("user:reviewer|admin", frozenset({"reviewer", "admin"}))
ADMIN = Allow("user:admin", frozenset({"admin"}))

ENROLMENTS = Limit("enrolments", 100, 60, Per.ADDRESS)
SIGN_INS = Limit("sign-ins", 300, 60, Per.ADDRESS)
PRESIGNS = Limit("presigns", 500, 60, Per.ACTOR)
EVENTS = Limit("events", 1000, 60, Per.ACTOR)
"""The `rate` of a route that the document's table names; all others have 300 a minute for each token. Who signs in has
no token yet, and is counted by the address."""
