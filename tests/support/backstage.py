"""What an operator with all rights sees and does in the deployed stack: journeys check there what HTTP cannot show."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from infra.settings import LIVE, LOCAL
from vitrine.assets.models import Asset
from vitrine.billing import rules as billing
from vitrine.billing.models import Balances, Entry
from vitrine.jobs.models import Job, JobEvent
from vitrine.kernel.clock import timestamp
from vitrine.kernel.schema import TableSchema

_TELLING = (
    *("realstaging-api-images", "realstaging-api-projects", "realstaging-api-billing"),
    *("reactions-sweep-deadlines", "reactions-publish-changes", "pipeline-start-inference"),
)


class Stack(Protocol):
    def aws(self, service: str) -> Any: ...


@dataclass(frozen=True)
class Ran:
    """A function's answer, and whether it was an error."""

    answer: Any
    failed: bool


class Backstage:
    """Functions are named GROUP-MODULE, as in `pipeline-end-job`; tables as in `vitrine.kernel.schema`."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._clients: dict[str, Any] = {}
        self._left: list[tuple[str, str]] = []

    def aws(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.stack.aws(service)
        return self._clients[service]

    # Functions

    @staticmethod
    def name_of(function: str) -> str:
        return LOCAL.named(function)

    @cached_property
    def environment(self) -> dict[str, str]:
        """All environment variables of all functions."""
        variables: dict[str, str] = {}
        for function in _TELLING:
            answered = self.aws("lambda").get_function_configuration(FunctionName=self.name_of(function))
            variables |= answered["Environment"]["Variables"]
        return variables

    def invoke(self, function: str, event: Any) -> Ran:
        """Run it and wait for its answer."""
        call, name = self.aws("lambda").invoke, self.name_of(function)
        answer = call(FunctionName=name, Qualifier=LIVE, Payload=json.dumps(event))
        return Ran(json.load(answer["Payload"]), "FunctionError" in answer)

    def send(self, function: str, event: Any) -> None:
        """Run it asynchronously, with the retries and the dead letters that the function is deployed with."""
        name, payload = self.name_of(function), json.dumps(event)
        self.aws("lambda").invoke(FunctionName=name, Qualifier=LIVE, InvocationType="Event", Payload=payload)

    @contextmanager
    def with_environment(self, function: str, **variables: str) -> Iterator[None]:
        """Within the block, the function's environment has other values."""
        name, client = self.name_of(function), self.aws("lambda")
        was = client.get_function_configuration(FunctionName=name)["Environment"]
        changed = {"Variables": {**was["Variables"], **variables}}
        self.settle(name)
        client.update_function_configuration(FunctionName=name, Environment=changed)
        try:
            with self.published(name):
                yield
        finally:
            client.update_function_configuration(FunctionName=name, Environment=was)

    @contextmanager
    def published(self, name: str) -> Iterator[None]:
        """Within the block, callers get the function as it is now; after it, the version that they had."""
        self._forget_versions()
        self.settle(name)
        client = self.aws("lambda")
        deployed = client.get_alias(FunctionName=name, Name=LIVE)["FunctionVersion"]
        version = client.publish_version(FunctionName=name)["Version"]
        client.update_alias(FunctionName=name, Name=LIVE, FunctionVersion=version)
        try:
            yield
        finally:
            client.update_alias(FunctionName=name, Name=LIVE, FunctionVersion=deployed)
            self._left.append((name, version))

    def _forget_versions(self) -> None:
        """Of earlier blocks. Not as they end: the emulator ends a version's workers with it, and their last calls."""
        while self._left:
            name, version = self._left.pop()
            # A busy emulator answers so late that botocore asks again, and the second call finds nothing.
            with suppress(self.aws("lambda").exceptions.ResourceNotFoundException):
                self.aws("lambda").delete_function(FunctionName=name, Qualifier=version)

    def settle(self, name: str) -> None:
        """Wait until the change of a function is done; the SDK's waiter sleeps at least a second between looks."""
        while self.aws("lambda").get_function_configuration(FunctionName=name)["LastUpdateStatus"] == "InProgress":
            time.sleep(0.05)

    def dead_letters(self, function: str) -> Iterator[Any]:
        """What lies in the function's dead-letter queue; taken out."""
        config = self.aws("lambda").get_function_event_invoke_config(
            FunctionName=self.name_of(function), Qualifier=LIVE
        )
        arn = config["DestinationConfig"]["OnFailure"]["Destination"]
        url = self.aws("sqs").get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
        while found := self.aws("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                self.aws("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                yield json.loads(message["Body"])

    def logs(self, function: str = "", saying: str = "") -> Iterator[str]:
        """What functions have logged so far, oldest first: all of it, or the lines that contain `saying`."""
        pages = self.aws("logs").get_paginator("describe_log_groups").paginate()
        for group in [group["logGroupName"] for page in pages for group in page["logGroups"]]:
            if function in group:
                yield from (line for line in self._lines(group, saying) if saying in line)

    def _lines(self, group: str, saying: str) -> Iterator[str]:
        """The emulator answers the first 10,000 lines of a group and no more, so it is asked for the right ones."""
        asked = {"logGroupName": group, **({"filterPattern": f'"{saying}"'} if saying else {})}
        for page in self.aws("logs").get_paginator("filter_log_events").paginate(**asked):
            yield from (event["message"] for event in page["events"])

    # Tables

    def table(self, name: str) -> str:
        return self.environment[TableSchema(name).variable]

    def item(self, table: str, pk: str, sk: str) -> dict[str, Any] | None:
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        answer = self.aws("dynamodb").get_item(TableName=self.table(table), Key=key, ConsistentRead=True)
        found: dict[str, Any] | None = answer.get("Item")
        return found

    def items(self, table: str, pk: str, sk_prefix: str) -> list[dict[str, Any]]:
        answer = self.aws("dynamodb").query(
            TableName=self.table(table),
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": {"S": pk}, ":sk": {"S": sk_prefix}},
            ConsistentRead=True,
        )
        found: list[dict[str, Any]] = answer["Items"]
        return found

    def job(self, tenant: str, job_id: str) -> Job:
        found = self.item("jobs", f"{tenant}#{job_id}", "JOB")
        assert found is not None
        return Job.model_validate_json(found["body"]["S"])

    def events(self, tenant: str, job_id: str) -> list[JobEvent]:
        found = self.items("jobs", f"{tenant}#{job_id}", "EVENT#")
        return [JobEvent.model_validate_json(item["body"]["S"]) for item in found]

    def history(self, tenant: str, job_id: str) -> list[str]:
        """The states that the job's events tell of, in order; their numbers are checked to have no gap."""
        events = self.events(tenant, job_id)
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        return [event.state.value for event in events]

    def jobs_of(self, tenant: str, asset_id: str) -> list[str]:
        return [item["sk"]["S"] for item in self.items("jobs", f"{tenant}#ASSET#{asset_id}", "img_")]

    def task_token(self, tenant: str, job_id: str, attempt: int = 1) -> str | None:
        found = self.item("jobs", f"{tenant}#{job_id}", f"TOKEN#{attempt:03}")
        return str(json.loads(found["body"]["S"])["token"]) if found else None

    def set_deadline(self, tenant: str, job_id: str, deadline: datetime) -> None:
        changed = self.job(tenant, job_id).model_copy(update={"deadline": deadline})
        self.aws("dynamodb").update_item(
            TableName=self.table("jobs"),
            Key={"pk": {"S": f"{tenant}#{job_id}"}, "sk": {"S": "JOB"}},
            UpdateExpression="SET deadline = :deadline, body = :body",
            ConditionExpression="version = :version",
            ExpressionAttributeValues={
                ":deadline": {"S": timestamp(deadline)},
                ":body": {"S": changed.model_dump_json()},
                ":version": {"N": str(changed.version)},
            },
        )

    def asset(self, tenant: str, asset_id: str) -> Asset:
        found = self.item("assets", f"{tenant}#{asset_id}", "ASSET")
        assert found is not None
        return Asset.model_validate_json(found["body"]["S"])

    def balances(self, tenant: str) -> Balances:
        """The account's balances, once they are shown to be what its ledger adds up to."""
        found = self.item("billing", tenant, "ACCOUNT")
        assert found is not None
        balances = Balances.model_validate({field: int(found[field]["N"]) for field in Balances.model_fields})
        assert balances == billing.balances_of(self.ledger(tenant))
        assert balances.are_even
        return balances

    def ledger(self, tenant: str) -> list[Entry]:
        return [Entry.model_validate_json(item["body"]["S"]) for item in self.items("billing", tenant, "ENTRY#")]

    def expire_claims(self, scope: str) -> None:
        """Let the first tries under all Idempotency-Keys of a scope be overdue."""
        claims = self.aws("dynamodb").scan(
            TableName=self.table("guard"),
            FilterExpression="begins_with(pk, :pk) AND attribute_exists(running_until)",
            ExpressionAttributeValues={":pk": {"S": f"IDEMPOTENCY#{scope}#"}},
        )["Items"]
        for claim in claims:
            self.aws("dynamodb").update_item(
                TableName=self.table("guard"),
                Key={"pk": claim["pk"], "sk": claim["sk"]},
                UpdateExpression="SET running_until = :past",
                ExpressionAttributeValues={":past": {"N": "0"}},
            )

    # State machines

    def executions(self, machine: str) -> list[dict[str, Any]]:
        arn = machine_arn(machine)
        pages = self.aws("stepfunctions").get_paginator("list_executions").paginate(stateMachineArn=arn)
        return [execution for page in pages for execution in page["executions"]]

    def staging_runs(self, job_id: str) -> list[str]:
        """The states of the executions that are named after the job."""
        return [run["status"] for run in self.executions("staging") if run["name"] == job_id]

    def start(self, machine: str, event: Any) -> None:
        self.aws("stepfunctions").start_execution(stateMachineArn=machine_arn(machine), input=json.dumps(event))

    def inputs(self, machine: str, text: str) -> list[tuple[str, str]]:
        """Status and input of the executions whose input contains `text`."""
        described = (
            self.aws("stepfunctions").describe_execution(executionArn=run["executionArn"])
            for run in self.executions(machine)
        )
        return [(run["status"], run["input"]) for run in described if text in run["input"]]


def machine_arn(machine: str) -> str:
    return f"arn:aws:states:{LOCAL.region}:{LOCAL.account}:stateMachine:{LOCAL.named(machine)}"
