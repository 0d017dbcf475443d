"""All kinds of work, as functions have them, on the machines that tests/conftest.py names."""

from vitrine.kernel.environment import WorkMachines
from vitrine.kinds_of_work import KINDS
from vitrine.work.models import Work

WORK = Work(KINDS, WorkMachines.load())


def at_once(number: int) -> Work:
    """As if so many jobs might be at work at once."""
    return Work(KINDS, WORK.machines.model_copy(update={"jobs_at_once": number}))
