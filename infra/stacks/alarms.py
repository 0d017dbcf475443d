"""The alarms that belong to no single resource, and what keeps events and money in sight."""

from aws_cdk import Duration
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events

from functions.surfaces import SURFACES
from infra.constructs.alarm import Alarm, Condition, Runbook, Severity, described, tell
from infra.constructs.table import Table
from infra.stacks.data import UsingDataStack
from infra.stacks.measures import FIVE_MINUTES, at_work, counted, found, of_account, of_jobs, oldest, throttles
from vitrine.kernel import metrics
from vitrine.kinds_of_work import KINDS
from vitrine.staging.kinds import STAGE

MAY_WORK_S = KINDS.longest_at_work.total_seconds()
OLDEST_JOB_S = MAY_WORK_S + 900
"""The sweeper ends a job that worked for longer than its kind may. One that stays open met a sweeper in trouble."""
MANY_WAITING = 500
"""Waiting for a quarter of an hour: a batch of that size alone is no reason to get up, as long as the queue moves."""
MANY_FAILED = 10
"""Within an hour. Some photos cannot be staged, and say so; an engine that is down fails all."""
NOTHING_ENDS_PERIODS = 6
"""Of five minutes. An instance that wakes takes ten of the thirty."""
SLOW_MS = 3_000
"""99 of 100 requests take less on every surface: a cold start takes 0.7 s, and a route makes at most 4 round trips."""
NEAR_QUOTA = 0.8
EVENTS_KEPT = Duration.days(14)
"""As long as dead letters: what was lost in between can be told again."""
SPENT_PER_CENT = 80


def add(stack: UsingDataStack) -> None:
    """Put all of them into the stack."""
    _work(stack)
    _answers_slowly(stack)
    _near_quota(stack)
    if not stack.settings.local:
        # The emulator knows none of these resources.
        _nothing_ends(stack)
        _keep_events(stack)
        _watch_budget(stack)


def _work(stack: UsingDataStack) -> None:
    Alarm(
        stack,
        "OldJob",
        runbook=Runbook.OLD_JOB,
        severity=Severity.PAGE,
        metric=oldest(),
        threshold=OLDEST_JOB_S,
        datapoints=3,
        about=f"A job could be worked on for {OLDEST_JOB_S / 60:.0f} minutes and is not over: the sweeper, which "
        f"ends jobs after {MAY_WORK_S / 60:.0f}, did not end it",
    )
    for kind in at_work():
        Alarm(
            stack,
            f"Many{kind.name.title()}Fail",
            runbook=Runbook.MANY_JOBS_FAIL,
            severity=Severity.PAGE,
            metric=of_jobs(kind, metrics.JOBS_FAILED, Duration.hours(1)),
            threshold=MANY_FAILED,
            about=f"Many {kind.name} jobs failed within an hour; the business dashboard has their share",
        )
    Alarm(
        stack,
        "NotRecovered",
        runbook=Runbook.JOBS_NOT_RECOVERED,
        metric=found(metrics.JOBS_NOT_RECOVERED),
        datapoints=2,
        about="The sweeper finds jobs that it can neither start nor end, such as those of an undeclared kind; "
        "its log names them",
    )
    Alarm(
        stack,
        "LambdaThrottles",
        runbook=Runbook.LAMBDA_THROTTLES,
        severity=Severity.PAGE,
        metric=of_account("Throttles"),
        about="Lambda refused invocations: the account's concurrency, or a function's share of it, is used up",
    )
    Alarm(
        stack,
        "SweepNotReporting",
        runbook=Runbook.SWEEP_NOT_REPORTING,
        severity=Severity.PAGE,
        metric=oldest(cloudwatch.Stats.SAMPLE_COUNT),
        datapoints=3,
        unless=True,
        about="The sweeper has not reported for 15 minutes: nothing ends jobs that are stuck",
    )
    Alarm(
        stack,
        "EndpointOut",
        runbook=Runbook.ENDPOINT_OUT,
        severity=Severity.PAGE,
        metric=found(metrics.ENDPOINT_OUT_OF_SERVICE),
        datapoints=2,
        about="The sweeper finds the staging endpoint out of service, or its control plane silent; health says so",
    )
    Alarm(
        stack,
        "LongQueue",
        runbook=Runbook.LONG_QUEUE,
        metric=found(metrics.JOBS_WAITING),
        threshold=MANY_WAITING,
        datapoints=3,
        about=f"More than {MANY_WAITING} jobs wait for a slot for 15 minutes: raise the endpoint's "
        "instances (`staging_most_instances`), or find out why nothing ends",
    )
    Alarm(
        stack,
        "PicturesOverdue",
        runbook=Runbook.PICTURES_OVERDUE,
        metric=found(metrics.PICTURES_OVERDUE, Duration.hours(1)),
        datapoints=3,
        about="Pictures that were promised to be deleted by now are still there, three times: the function's "
        "log says whether it could not, or had too many",
    )
    Alarm(
        stack,
        "PaidButNotCredited",
        runbook=Runbook.PAID_BUT_NOT_CREDITED,
        severity=Severity.PAGE,
        metric=counted(metrics.STRIPE_EVENTS_FLAGGED),
        about="Money came and no account was credited: look for items in state `flagged` in the billing table",
    )
    for table in stack.data.tables:
        _watch_throttles(stack, table)


def _watch_throttles(stack: UsingDataStack, table: Table) -> None:
    """On demand tables throttle above twice their last peak, and above 1,000 writes a second to one partition."""
    name = table.made_from.name
    for kind in ("Read", "Write"):
        Alarm(
            stack,
            f"{name.title()}{kind}Throttles",
            runbook=Runbook.TABLE_THROTTLES,
            metric=throttles(kind, table),
            about=f"DynamoDB throttled {kind.lower()}s of the table {name}",
        )
    # Nobody waits for reads of an index; writes that it cannot take are refused by its table.
    for index in table.made_from.indexes:
        Alarm(
            stack,
            f"{name.title()}{index.name.title().replace('_', '')}Throttles",
            runbook=Runbook.TABLE_THROTTLES,
            metric=throttles("Write", table, GlobalSecondaryIndexName=index.name),
            about=f"DynamoDB throttled writes to the index {index.name}, and so to its table {name}",
        )


def _answers_slowly(stack: UsingDataStack) -> None:
    for surface in SURFACES:
        Alarm(
            stack,
            f"{surface.name.title()}Slow",
            runbook=Runbook.API_SLOW,
            metric=cloudwatch.Metric(
                namespace=metrics.NAMESPACE,
                metric_name=metrics.LATENCY,
                dimensions_map={metrics.SURFACE: surface.name},
                statistic="p99",
                period=FIVE_MINUTES,
            ),
            threshold=SLOW_MS,
            datapoints=3,
            about=f"One in a hundred requests to {surface.name} has taken more than {SLOW_MS / 1000:.0f} s for 15 "
            "minutes, without what clients asked to wait for",
        )


def _near_quota(stack: UsingDataStack) -> None:
    quota = stack.settings.lambda_quota
    Alarm(
        stack,
        "ConcurrencyNearQuota",
        runbook=Runbook.CONCURRENCY_NEAR_QUOTA,
        metric=of_account("ConcurrentExecutions"),
        threshold=round(NEAR_QUOTA * quota),
        datapoints=2,
        about=f"Four fifths of the account's {quota} concurrent executions are in use; at {quota} calls are refused",
    )


def _nothing_ends(stack: UsingDataStack) -> None:
    """Two conditions, of which each alone is an ordinary hour and tells nobody."""
    ready = of_jobs(STAGE, metrics.JOBS_COMPLETED)
    half, periods = "Half of the alarm NothingEnds; by itself it is nothing to act on", NOTHING_ENDS_PERIODS
    conditions = [
        Condition(stack, "SomeWait", metric=found(metrics.JOBS_WAITING), about=half, datapoints=periods),
        Condition(stack, "NoneIsReady", metric=ready, about=half, datapoints=periods, unless=True),
    ]
    about = f"Photos wait for their turn, and none has become ready for {periods * 5} minutes"
    alarm = cloudwatch.CompositeAlarm(
        stack,
        "NothingEnds",
        composite_alarm_name=stack.settings.named("nothing-ends"),
        alarm_rule=cloudwatch.AlarmRule.all_of(*conditions),
        alarm_description=described(stack, Severity.PAGE, about, Runbook.NOTHING_ENDS),
    )
    tell(alarm, Severity.PAGE)


def _keep_events(stack: UsingDataStack) -> None:
    events.Archive(
        stack,
        "KeptEvents",
        source_event_bus=stack.data.bus,
        archive_name=stack.settings.named("status"),
        description="What was told, to be told again where something was lost",
        event_pattern=events.EventPattern(account=[stack.account]),
        retention=EVENTS_KEPT,
    )


def _watch_budget(stack: UsingDataStack) -> None:
    settings = stack.settings
    if settings.monthly_budget is None or settings.alarm_email is None:
        return
    told = [budgets.CfnBudget.SubscriberProperty(address=settings.alarm_email, subscription_type="EMAIL")]
    limit = budgets.CfnBudget.SpendProperty(amount=settings.monthly_budget, unit="USD")
    budgets.CfnBudget(
        stack,
        "Budget",
        budget=budgets.CfnBudget.BudgetDataProperty(
            budget_name=settings.named("month"), budget_type="COST", time_unit="MONTHLY", budget_limit=limit
        ),
        notifications_with_subscribers=[
            budgets.CfnBudget.NotificationWithSubscribersProperty(
                notification=budgets.CfnBudget.NotificationProperty(
                    comparison_operator="GREATER_THAN", notification_type=kind, threshold=per_cent
                ),
                subscribers=told,
            )
            for kind, per_cent in (("ACTUAL", SPENT_PER_CENT), ("FORECASTED", 100))
        ],
    )
