from dataclasses import dataclass

from vitrine.jobs.models import Job, JobKind
from vitrine.kernel.environment import WorkMachines
from vitrine.work.kinds import Kind, Kinds


@dataclass(frozen=True)
class Work:
    """All kinds of work, and where their state machines are: what starting and stopping a job needs besides the job."""

    kinds: Kinds
    machines: WorkMachines

    def kind_of(self, job: Job) -> Kind:
        """Raises `UnknownKind`."""
        return self.kinds.of(job.kind)

    def machine_of(self, kind: JobKind) -> str:
        """The ARN of the state machine that does work of a kind. Raises `UnknownKind`."""
        return self.machines.arn(self.kinds.of(kind).machine)

    @property
    def at_once(self) -> int:
        """How many jobs may hold a slot."""
        return self.machines.jobs_at_once
