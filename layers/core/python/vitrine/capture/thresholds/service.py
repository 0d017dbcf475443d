"""Which thresholds hold, and how new ones come to hold."""

from vitrine.capture.models import CaptureMode
from vitrine.capture.thresholds import store
from vitrine.capture.thresholds.models import mode_of
from vitrine.set_qc.thresholds import DEFAULT, Thresholds


def effective(tenant: str, site_id: str | None, mode: CaptureMode) -> Thresholds:
    """The site's own, else the organisation's, else ours. One read."""
    scopes = store.scopes(site_id)
    found = store.current(tenant, scopes, mode_of(mode))
    own = next((found[scope] for scope in scopes if scope in found), None)
    return own.thresholds if own else DEFAULT[mode_of(mode)]
