from dataclasses import dataclass

from vitrine.jobs.models import Job
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

    def machine_of(self, job: Job) -> str:
        """The ARN of the state machine that works on the job. Raises `UnknownKind`."""
        return self.machines.arn(self.kind_of(job).machine)

    @property
    def at_once(self) -> int:
        """How many jobs may hold a slot."""
        return self.machines.jobs_at_once
