"""The names of our metrics, shared by what emits them and by the dashboards and alarms."""

NAMESPACE = "Vitrine"

JOBS_QUEUED = "JobsQueued"
JOBS_STARTED = "JobsStarted"
JOBS_COMPLETED = "JobsCompleted"
JOBS_FAILED = "JobsFailed"
JOBS_CANCELLED = "JobsCancelled"
TIME_TO_STAGED = "TimeToStaged"
OLDEST_JOB_AGE = "OldestJobAge"
STRIPE_EVENTS_FLAGGED = "StripeEventsFlagged"
REQUESTS = "Requests"

KIND = "kind"
OUTCOME = "outcome"
SURFACE = "surface"
