"""How long a surface keeps pictures, and their deletion.

A promise that was made with a job holds: the days are written into the job when it is made.
"""

from vitrine.staging.models import Surface

DAYS = {Surface.STAGECRAFT: 30}
"""Realstaging keeps pictures until their owner is deleted; stagecraft promises 30 days ("Data Security")."""


def days_of(surface: Surface) -> int | None:
    """Days from the end of a job to the deletion of its pictures; None for never."""
    return DAYS.get(surface)
